// eigen.hpp: matrices of fixed size, as a user of Eigen would write the network; a batch's number of events is dynamic.
#pragma once

#include "harness/dense_network.hpp"

#define EIGEN_STACK_ALLOCATION_LIMIT 0  // weights of large layers: they lie on the heap
#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace bench {

template <std::size_t Inputs, std::size_t Outputs>
struct eigen_layer {
    Eigen::Matrix<float, int(Outputs), int(Inputs)> weights;
    Eigen::Matrix<float, int(Outputs), 1> bias;
    Eigen::Matrix<float, int(Outputs), Eigen::Dynamic> batch;  // results of a batch

    explicit eigen_layer(const dense_network::layer& from)
        : weights(Eigen::Map<const Eigen::Matrix<float, int(Outputs), int(Inputs)>>(from.weights.data())),
          bias(Eigen::Map<const Eigen::Matrix<float, int(Outputs), 1>>(from.bias.data())), batch(int(Outputs), 1024) {}
};

template <std::size_t... Sizes>
class eigen_engine {
public:
    const char* name = "eigen";

    eigen_engine(const dense_network& network, const events& inputs)
        : eigen_engine(network, inputs, std::make_index_sequence<depth>()) {}

    void single(std::size_t row) {
        using input = Eigen::Matrix<float, int(widths[0]), 1>;
        const input event = Eigen::Map<const input>(inputs_.row(row));
        forward<0>(event, single_scores_.data() + row * outputs);
    }
    const float* single_output(std::size_t row) const noexcept { return single_scores_.data() + row * outputs; }

    void batch(std::size_t first, std::size_t rows) {
        const Eigen::Map<const Eigen::Matrix<float, int(widths[0]), Eigen::Dynamic>> some(inputs_.row(first), int(widths[0]),
                                                                                          static_cast<Eigen::Index>(rows));
        forward_batch<0>(some, static_cast<Eigen::Index>(rows), batch_scores_.data() + first * outputs);
    }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs; }

private:
    static constexpr std::size_t widths[] = {Sizes...};
    static constexpr std::size_t depth = sizeof...(Sizes) - 1;
    static constexpr std::size_t outputs = widths[depth];

    template <std::size_t... Index>
    static auto layers_type(std::index_sequence<Index...>)
        -> std::tuple<std::unique_ptr<eigen_layer<widths[Index], widths[Index + 1]>>...>;

    template <std::size_t... Index>
    eigen_engine(const dense_network& network, const events& inputs, std::index_sequence<Index...>)
        : layers_(std::make_unique<eigen_layer<widths[Index], widths[Index + 1]>>(network.layers[Index])...),
          last_(network.last), inputs_(inputs), single_scores_(inputs.rows() * outputs),
          batch_scores_(inputs.rows() * outputs) {}

    template <class Values>
    void finish(Values&& values) const {
        if (last_ == last_activation::sigmoid) values = (1.0F + (-values.array()).exp()).inverse().matrix().eval();
        else {
            for (Eigen::Index column = 0; column < values.cols(); ++column) {
                auto scores = values.col(column).array();
                scores = (scores - scores.maxCoeff()).exp().eval();
                scores /= scores.sum();
            }
        }
    }

    template <std::size_t Index, class Input>
    void forward(const Input& input, float* scores) const {
        const auto& layer = *std::get<Index>(layers_);
        using result = Eigen::Matrix<float, int(widths[Index + 1]), 1>;
        result sums = layer.bias;
        sums.noalias() += layer.weights * input;
        if constexpr (Index + 1 < depth) {
            const result active = sums.cwiseMax(0.0F);
            forward<Index + 1>(active, scores);
        } else {
            finish(sums);
            Eigen::Map<result>{scores} = sums;
        }
    }

    template <std::size_t Index, class Input>
    void forward_batch(const Input& input, Eigen::Index rows, float* scores) {
        auto& layer = *std::get<Index>(layers_);
        auto sums = layer.batch.leftCols(rows);
        sums.noalias() = layer.weights * input;
        sums.colwise() += layer.bias;
        if constexpr (Index + 1 < depth) {
            sums = sums.cwiseMax(0.0F);
            forward_batch<Index + 1>(sums, rows, scores);
        } else {
            finish(sums);
            Eigen::Map<Eigen::Matrix<float, int(outputs), Eigen::Dynamic>>(scores, int(outputs), rows) = sums;
        }
    }

    decltype(layers_type(std::make_index_sequence<depth>())) layers_;
    last_activation last_;
    events inputs_;
    std::vector<float> single_scores_;
    std::vector<float> batch_scores_;
};

}  // namespace bench
