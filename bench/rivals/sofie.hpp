// sofie.hpp: the code that SOFIE generates at bench time, one header for each number of rows.
#pragma once

#include "harness/events.hpp"

// Generated code is not held to this project's warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#include "sofie_1.hxx"
#include "sofie_1024.hxx"
#include "sofie_64.hxx"
#include "sofie_8.hxx"
#pragma GCC diagnostic pop

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// `directory` holds the weight files that SOFIE wrote beside its headers.
class sofie_engine {
public:
    const char* name = "sofie";

    sofie_engine(const std::string& directory, const events& inputs, std::size_t scores)
        : outputs(scores), one_(directory + "/sofie_1.dat"), eight_(directory + "/sofie_8.dat"),
          many_(directory + "/sofie_64.dat"), all_(directory + "/sofie_1024.dat"), inputs_(inputs),
          single_scores_(inputs.rows() * outputs), batch_scores_(inputs.rows() * outputs) {}

    void single(std::size_t row) { SOFIE_sofie_1::doInfer(one_, inputs_.row(row), single_scores_.data() + row * outputs); }
    const float* single_output(std::size_t row) const noexcept { return single_scores_.data() + row * outputs; }

    void batch(std::size_t first, std::size_t rows) {
        const float* const from = inputs_.row(first);
        float* const to = batch_scores_.data() + first * outputs;
        if (rows == 8) SOFIE_sofie_8::doInfer(eight_, from, to);
        else if (rows == 64) SOFIE_sofie_64::doInfer(many_, from, to);
        else if (rows == 1024) SOFIE_sofie_1024::doInfer(all_, from, to);
        else throw std::invalid_argument("sofie: no code was generated for " + std::to_string(rows) + " rows");
    }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs; }

private:
    std::size_t outputs;

    SOFIE_sofie_1::Session one_;
    SOFIE_sofie_8::Session eight_;
    SOFIE_sofie_64::Session many_;
    SOFIE_sofie_1024::Session all_;
    events inputs_;
    std::vector<float> single_scores_;
    std::vector<float> batch_scores_;
};

}  // namespace bench
