// onednn.hpp: oneDNN 2, inner products with the activation fused, weights in the order that oneDNN asks for.
#pragma once

#include "harness/dense_network.hpp"
#include "staged.hpp"

#include <cstddef>
#include <dnnl.hpp>
#include <memory>
#include <unordered_map>
#include <vector>

namespace bench {

class onednn_plan {
public:
    onednn_plan(const dense_network& network, std::size_t rows) {
        using namespace dnnl;
        using tag = memory::format_tag;
        const auto floats = memory::data_type::f32;
        const auto count = [](std::size_t value) { return static_cast<memory::dim>(value); };
        buffers_.emplace_back(memory::desc({count(rows), count(network.inputs())}, floats, tag::nc), engine_);
        for (std::size_t index = 0; index < network.layers.size(); ++index) {
            const dense_network::layer& layer = network.layers[index];
            const memory::dim inputs = count(layer.shape.inputs), outputs = count(layer.shape.outputs);
            const memory::desc to({count(rows), outputs}, floats, tag::nc);
            const bool last = index + 1 == network.layers.size();
            post_ops after;
            if (!last) after.append_eltwise(1.0F, algorithm::eltwise_relu, 0.0F, 0.0F);
            else if (network.last == last_activation::sigmoid) {
                after.append_eltwise(1.0F, algorithm::eltwise_logistic, 0.0F, 0.0F);
            }
            primitive_attr attributes;
            attributes.set_post_ops(after);
            const memory::desc bias_form({outputs}, floats, tag::x);
            const inner_product_forward::primitive_desc form(
                inner_product_forward::desc(prop_kind::forward_inference, buffers_.back().get_desc(),
                                            memory::desc({outputs, inputs}, floats, tag::any), bias_form, to),
                attributes, engine_);
            memory given(memory::desc({outputs, inputs}, floats, tag::io), engine_,
                         const_cast<float*>(layer.weights.data()));
            memory weights(form.weights_desc(), engine_);
            reorder(given, weights).execute(stream_, given, weights);
            memory bias(bias_form, engine_);
            std::copy(layer.bias.begin(), layer.bias.end(), static_cast<float*>(bias.get_data_handle()));
            memory result(to, engine_);
            add(inner_product_forward(form), {{DNNL_ARG_SRC, buffers_.back()},
                                              {DNNL_ARG_WEIGHTS, weights},
                                              {DNNL_ARG_BIAS, bias},
                                              {DNNL_ARG_DST, result}});
            buffers_.push_back(result);
        }
        if (network.last == last_activation::softmax) {
            const softmax_forward::primitive_desc form(
                softmax_forward::desc(prop_kind::forward_inference, buffers_.back().get_desc(), 1), engine_);
            add(softmax_forward(form), {{DNNL_ARG_SRC, buffers_.back()}, {DNNL_ARG_DST, buffers_.back()}});
        }
        stream_.wait();
        input_ = static_cast<float*>(buffers_.front().get_data_handle());
        output_ = static_cast<const float*>(buffers_.back().get_data_handle());
    }

    float* input() noexcept { return input_; }
    const float* output() const noexcept { return output_; }
    void run() {
        for (const step& one : steps_) one.work.execute(stream_, one.arguments);
        stream_.wait();
    }

private:
    using arguments = std::unordered_map<int, dnnl::memory>;
    struct step {
        dnnl::primitive work;
        onednn_plan::arguments arguments;
    };

    void add(const dnnl::primitive& work, const arguments& with) { steps_.push_back({work, with}); }

    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    std::vector<dnnl::memory> buffers_;
    std::vector<step> steps_;
    float* input_ = nullptr;
    const float* output_ = nullptr;
};

class onednn_engine : public staged_engine<onednn_plan> {
public:
    const char* name = "onednn";

    onednn_engine(const dense_network& network, const events& inputs)
        : staged_engine(inputs, network.outputs(),
                        [&](std::size_t rows) { return std::make_unique<onednn_plan>(network, rows); }) {}
};

}  // namespace bench
