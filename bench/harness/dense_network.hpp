// dense_network.hpp: a dense network as shapes and numbers, for the rivals that are built at run time, and its scores in
// double precision, with which every engine's are compared.
#pragma once

#include "bound.hpp"
#include "events.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

enum class last_activation { sigmoid, softmax };

/// ReLU follows every layer but the last.
struct dense_network {
    struct layer {
        dense_shape shape;
        std::vector<float> weights;  // [inputs][outputs]
        std::vector<float> bias;     // [outputs]
    };
    std::vector<layer> layers;
    last_activation last;

    std::size_t inputs() const noexcept { return layers.front().shape.inputs; }
    std::size_t outputs() const noexcept { return layers.back().shape.outputs; }
    std::size_t widest() const noexcept {
        std::size_t width = 0;
        for (const layer& one : layers) width = std::max(width, one.shape.outputs);
        return width;
    }
};

/// Reads raw float32: of each layer the weights, then the bias. Throws std::runtime_error where the file is too short.
inline dense_network read_dense_network(const std::string& path, const std::vector<dense_shape>& shapes,
                                        last_activation last) {
    std::ifstream file(path, std::ios::binary);
    dense_network network{{}, last};
    for (const dense_shape& shape : shapes) {
        dense_network::layer layer{shape, std::vector<float>(shape.inputs * shape.outputs),
                                   std::vector<float>(shape.outputs)};
        for (std::vector<float>* numbers : {&layer.weights, &layer.bias}) {
            file.read(reinterpret_cast<char*>(numbers->data()),
                      static_cast<std::streamsize>(numbers->size() * sizeof(float)));
        }
        network.layers.push_back(std::move(layer));
    }
    if (!file) throw std::runtime_error(path + ": cannot be read, or too short for the network's shapes");
    return network;
}

/// Scores of all events, [rows][outputs], every operation in double.
inline std::vector<float> scores_in_double(const dense_network& network, const events& inputs) {
    std::vector<float> scores;
    for (std::size_t row = 0; row < inputs.rows(); ++row) {
        std::vector<double> values(inputs.row(row), inputs.row(row) + inputs.features);
        for (std::size_t index = 0; index < network.layers.size(); ++index) {
            const dense_network::layer& layer = network.layers[index];
            std::vector<double> sums(layer.bias.begin(), layer.bias.end());
            for (std::size_t from = 0; from < layer.shape.inputs; ++from) {
                const float* const weights = layer.weights.data() + from * layer.shape.outputs;
                for (std::size_t to = 0; to < sums.size(); ++to) sums[to] += values[from] * double(weights[to]);
            }
            if (index + 1 < network.layers.size()) {
                for (double& sum : sums) sum = std::max(sum, 0.0);
            }
            values = std::move(sums);
        }
        if (network.last == last_activation::sigmoid) {
            for (double& value : values) value = 1 / (1 + std::exp(-value));
        } else {
            const double largest = *std::max_element(values.begin(), values.end());
            double sum = 0;
            for (double& value : values) sum += value = std::exp(value - largest);
            for (double& value : values) value /= sum;
        }
        for (const double value : values) scores.push_back(static_cast<float>(value));
    }
    return scores;
}

}  // namespace bench
