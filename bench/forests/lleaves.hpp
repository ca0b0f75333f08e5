// lleaves.hpp: LightGBM's forests compiled by LLVM: objects that take and give float64.
#pragma once

#include "harness/events.hpp"

#include <cstddef>
#include <vector>

extern "C" {
void lleaves_one(const double* events, double* scores, int first, int last);
void lleaves_blocks(const double* events, double* scores, int first, int last);
}

namespace bench {

/// One event by the code without blocks of trees, several by the code with them.
class lleaves_engine {
public:
    const char* name = "lleaves";
    static constexpr std::size_t every = 2;

    explicit lleaves_engine(const events& given)
        : features_(given.features), inputs_(given.values.begin(), given.values.end()), sums_(given.rows()), scores_(given.rows()) {}

    void single(std::size_t row) noexcept { run(lleaves_one, row, 1); }
    const float* single_output(std::size_t row) const noexcept { return scores_.data() + row; }
    void batch(std::size_t first, std::size_t rows) noexcept { run(lleaves_blocks, first, rows); }
    const float* batch_output(std::size_t row) const noexcept { return scores_.data() + row; }

private:
    template <class Function>
    void run(Function function, std::size_t first, std::size_t rows) noexcept {
        function(inputs_.data() + first * features_, sums_.data() + first, 0, int(rows));
        for (std::size_t row = first; row < first + rows; ++row) scores_[row] = float(sums_[row]);
    }

    std::size_t features_;
    std::vector<double> inputs_;
    std::vector<double> sums_;
    std::vector<float> scores_;
};

}  // namespace bench
