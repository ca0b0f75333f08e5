// plain.hpp: the jet network as anyone would write it: loops over arrays, left to the optimiser.
// `plain_parameters.hpp` is written at bench time from the same model file as everything else.
#pragma once

#include "harness/events.hpp"
#include "plain_parameters.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace bench {

template <std::size_t Inputs, std::size_t Outputs>
inline void plain_dense(const float* input, const float (&weights)[Inputs][Outputs], const float (&bias)[Outputs],
                        float (&output)[Outputs]) noexcept {
    float sums[Outputs];  // local: both compilers then keep them in registers, which is worth a factor of two
    for (std::size_t to = 0; to < Outputs; ++to) sums[to] = bias[to];
    for (std::size_t from = 0; from < Inputs; ++from) {
        for (std::size_t to = 0; to < Outputs; ++to) sums[to] += input[from] * weights[from][to];
    }
    for (std::size_t to = 0; to < Outputs; ++to) output[to] = sums[to];
}

template <std::size_t Size>
inline void plain_relu(float (&values)[Size]) noexcept {
    for (float& value : values) value = value > 0.0F ? value : 0.0F;
}

template <std::size_t Size>
inline void plain_softmax(float (&values)[Size]) noexcept {
    float largest = values[0];
    for (const float value : values) largest = value > largest ? value : largest;
    float sum = 0.0F;
    for (float& value : values) sum += value = std::exp(value - largest);
    for (float& value : values) value /= sum;
}

class plain_engine {
public:
    const char* name = "plain loops";

    explicit plain_engine(const events& inputs)
        : inputs_(inputs), single_scores_(inputs.rows() * outputs), batch_scores_(inputs.rows() * outputs) {}

    void single(std::size_t row) noexcept { forward(inputs_.row(row), single_scores_.data() + row * outputs); }
    const float* single_output(std::size_t row) const noexcept { return single_scores_.data() + row * outputs; }

    void batch(std::size_t first, std::size_t rows) noexcept {
        for (std::size_t row = first; row < first + rows; ++row) {
            forward(inputs_.row(row), batch_scores_.data() + row * outputs);
        }
    }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs; }

private:
    static constexpr std::size_t outputs = 5;

    static void forward(const float* input, float* scores) noexcept {
        float first[64];
        float second[32];
        float third[32];
        float last[outputs];
        plain_dense(input, plain::weights_0, plain::bias_0, first);
        plain_relu(first);
        plain_dense(first, plain::weights_1, plain::bias_1, second);
        plain_relu(second);
        plain_dense(second, plain::weights_2, plain::bias_2, third);
        plain_relu(third);
        plain_dense(third, plain::weights_3, plain::bias_3, last);
        plain_softmax(last);
        for (std::size_t to = 0; to < outputs; ++to) scores[to] = last[to];
    }

    events inputs_;
    std::vector<float> single_scores_;
    std::vector<float> batch_scores_;
};

}  // namespace bench
