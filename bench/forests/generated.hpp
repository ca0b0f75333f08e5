// generated.hpp: code that a tool generated for one event, as an engine: a batch is a loop over it.
#pragma once

#include "harness/events.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace bench {

/// `Function` gives the sum of one event.
template <float (*Function)(const float*)>
class generated_engine {
public:
    const char* name;
    /// Takes part in every so-manieth round.
    static constexpr std::size_t every = 2;

    generated_engine(const char* called, events given) : name(called), inputs_(std::move(given)), scores_(inputs_.rows()) {}

    void single(std::size_t row) noexcept { scores_[row] = Function(inputs_.row(row)); }
    const float* single_output(std::size_t row) const noexcept { return scores_.data() + row; }
    void batch(std::size_t first, std::size_t rows) noexcept {
        for (std::size_t row = first; row < first + rows; ++row) scores_[row] = Function(inputs_.row(row));
    }
    const float* batch_output(std::size_t row) const noexcept { return scores_.data() + row; }

private:
    events inputs_;
    std::vector<float> scores_;
};

}  // namespace bench
