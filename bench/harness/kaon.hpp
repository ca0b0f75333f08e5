// kaon.hpp: a converted model as an engine of the bench.
#pragma once

#include "events.hpp"

#include <kaon/kaon.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

/// `Model` is the constant of a converted header, weights bound to its type.
template <class Network, const auto& Model>
class kaon_engine {
public:
    const char* name = "kaon";

    explicit kaon_engine(const events& inputs)
        : inputs_(inputs), singles_(inputs.rows()), single_scores_(inputs.rows()), batch_scores_(inputs.rows() * outputs) {
        for (std::size_t row = 0; row < inputs.rows(); ++row) {
            std::copy(inputs.row(row), inputs.row(row) + inputs.features, singles_[row].begin());
        }
    }

    void single(std::size_t row) noexcept { single_scores_[row] = Model(singles_[row]); }
    const float* single_output(std::size_t row) const noexcept { return single_scores_[row].data(); }

    void batch(std::size_t first, std::size_t rows) noexcept {
        Model(kaon::batch_view<const float>{inputs_.row(first), rows, inputs_.features},
              kaon::batch_view<float>{batch_scores_.data() + first * outputs, rows, outputs});
    }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs; }

    static constexpr std::size_t outputs = Network::output::size;

private:
    events inputs_;
    std::vector<typename Network::input> singles_;
    std::vector<typename Network::output> single_scores_;
    std::vector<float> batch_scores_;
};

}  // namespace bench
