// conifer.hpp: conifer's C++ back end in float.
#pragma once

#include "harness/events.hpp"

#include <conifer.h>

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// It takes each event as a vector of its own, made beforehand, and copies it.
class conifer_engine {
public:
    const char* name = "conifer";
    static constexpr std::size_t every = 16;

    conifer_engine(const std::string& directory, const events& given) : forest_(directory + "/conifer.json"), scores_(given.rows()) {
        for (std::size_t row = 0; row < given.rows(); ++row) inputs_.emplace_back(given.row(row), given.row(row) + given.features);
    }

    void single(std::size_t row) { scores_[row] = forest_.decision_function(inputs_[row])[0]; }
    const float* single_output(std::size_t row) const noexcept { return scores_.data() + row; }
    void batch(std::size_t first, std::size_t rows) {
        for (std::size_t row = first; row < first + rows; ++row) single(row);
    }
    const float* batch_output(std::size_t row) const noexcept { return scores_.data() + row; }

private:
    conifer::BDT<conifer::ConiferConfiguration> forest_;
    std::vector<std::vector<float>> inputs_;
    std::vector<float> scores_;
};

}  // namespace bench
