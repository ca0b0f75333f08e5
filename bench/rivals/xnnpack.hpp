// xnnpack.hpp: XNNPACK's operators one after another, no thread pool.
#pragma once

#include "harness/dense_network.hpp"
#include "staged.hpp"

#include <xnnpack.h>
#include <cmath>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

inline void check_xnnpack(xnn_status status, const char* what) {
    if (status != xnn_status_success) throw std::runtime_error(std::string("xnnpack: ") + what + " failed");
}

class xnnpack_plan {
public:
    xnnpack_plan(const dense_network& network, std::size_t rows)
        : input_(rows * network.inputs() + padding), scores_(rows * network.outputs() + padding) {
        const float* from = input_.data();
        buffers_.reserve(network.layers.size());
        for (std::size_t index = 0; index < network.layers.size(); ++index) {
            const dense_network::layer& layer = network.layers[index];
            const std::size_t inputs = layer.shape.inputs, outputs = layer.shape.outputs;
            const bool last = index + 1 == network.layers.size();
            buffers_.emplace_back(rows * outputs + padding);
            xnn_operator_t made = nullptr;
            check_xnnpack(
                xnn_create_fully_connected_nc_f32(inputs, outputs, inputs, outputs, layer.weights.data(), layer.bias.data(),
                                                  last ? -HUGE_VALF : 0.0F, HUGE_VALF, XNN_FLAG_TRANSPOSE_WEIGHTS, &made),
                "fully connected");
            check_xnnpack(xnn_setup_fully_connected_nc_f32(made, rows, from, buffers_.back().data(), nullptr), "setup");
            operators_.push_back(made);
            from = buffers_.back().data();
        }
        const std::size_t outputs = network.outputs();
        xnn_operator_t made = nullptr;
        if (network.last == last_activation::softmax) {
            check_xnnpack(xnn_create_softmax_nc_f32(outputs, outputs, outputs, 0, &made), "softmax");
            check_xnnpack(xnn_setup_softmax_nc_f32(made, rows, from, scores_.data(), nullptr), "setup");
        } else {
            check_xnnpack(xnn_create_sigmoid_nc_f32(outputs, outputs, outputs, 0, &made), "sigmoid");
            check_xnnpack(xnn_setup_sigmoid_nc_f32(made, rows, from, scores_.data(), nullptr), "setup");
        }
        operators_.push_back(made);
    }
    xnnpack_plan(const xnnpack_plan&) = delete;
    ~xnnpack_plan() {
        for (xnn_operator_t made : operators_) xnn_delete_operator(made);
    }

    float* input() noexcept { return input_.data(); }
    const float* output() const noexcept { return scores_.data(); }
    void run() {
        for (xnn_operator_t made : operators_) xnn_run_operator(made, nullptr);
    }

private:
    static constexpr std::size_t padding = 16;  // XNNPACK reads beyond the end of its inputs

    std::vector<float> input_;
    std::vector<float> scores_;
    std::vector<std::vector<float>> buffers_;
    std::vector<xnn_operator_t> operators_;
};

class xnnpack_engine : public staged_engine<xnnpack_plan> {
public:
    const char* name = "xnnpack";

    xnnpack_engine(const dense_network& network, const events& inputs)
        : staged_engine(inputs, network.outputs(), [&](std::size_t rows) {
              check_xnnpack(xnn_initialize(nullptr), "initialize");
              return std::make_unique<xnnpack_plan>(network, rows);
          }) {}
};

}  // namespace bench
