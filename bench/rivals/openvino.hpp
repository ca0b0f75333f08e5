// openvino.hpp: OpenVINO's CPU plug-in, one thread, float32, the model compiled for each number of rows.
#pragma once

#include "staged.hpp"

#include <cstddef>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>

namespace bench {

class openvino_plan {
public:
    openvino_plan(ov::Core& core, const std::string& path, std::size_t rows, std::size_t features) {
        const auto model = core.read_model(path);
        model->reshape(ov::PartialShape{static_cast<ov::Dimension::value_type>(rows),
                                        static_cast<ov::Dimension::value_type>(features)});
        request_ = core.compile_model(model, "CPU", ov::inference_num_threads(1), ov::num_streams(1),
                                      ov::hint::inference_precision(ov::element::f32), ov::hint::enable_cpu_pinning(false))
                       .create_infer_request();
        input_ = request_.get_input_tensor().data<float>();
        output_ = request_.get_output_tensor().data<float>();
    }

    float* input() noexcept { return input_; }
    const float* output() const noexcept { return output_; }
    void run() { request_.infer(); }

private:
    ov::InferRequest request_;
    float* input_ = nullptr;
    const float* output_ = nullptr;
};

class openvino_engine : public staged_engine<openvino_plan> {
public:
    const char* name = "openvino";

    openvino_engine(const std::string& model, const events& inputs, std::size_t outputs)
        : openvino_engine(ov::Core(), model, inputs, outputs) {}

private:
    openvino_engine(ov::Core core, const std::string& model, const events& inputs, std::size_t outputs)
        : staged_engine(inputs, outputs, [&](std::size_t rows) {
              return std::make_unique<openvino_plan>(core, model, rows, inputs.features);
          }) {}
};

}  // namespace bench
