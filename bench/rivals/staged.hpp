// staged.hpp: what rivals have in common that are planned for one number of rows and run from and to fixed buffers:
// events are copied in and scores out, which is cheaper than giving such a library new addresses.
#pragma once

#include "harness/events.hpp"

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

namespace bench {

/// `Plan` is made once for each number of rows before it is timed and has `float* input()`, `const float* output()` and `run()`.
template <class Plan>
class staged_engine {
public:
    /// `make(rows)` returns a std::unique_ptr<Plan>.
    template <class Make>
    staged_engine(const events& inputs, std::size_t outputs, Make&& make)
        : inputs_(inputs), outputs_(outputs), single_scores_(inputs.rows() * outputs),
          batch_scores_(inputs.rows() * outputs) {
        for (const std::size_t rows : {1, 8, 64, 1024}) plans_[rows] = make(rows);
        one_ = plans_[1].get();
    }

    void single(std::size_t row) { run(*one_, row, 1, single_scores_); }
    const float* single_output(std::size_t row) const noexcept { return single_scores_.data() + row * outputs_; }

    void batch(std::size_t first, std::size_t rows) { run(*plans_.at(rows), first, rows, batch_scores_); }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs_; }

private:
    void run(Plan& plan, std::size_t first, std::size_t rows, std::vector<float>& scores) {
        std::memcpy(plan.input(), inputs_.row(first), rows * inputs_.features * sizeof(float));
        plan.run();
        std::memcpy(scores.data() + first * outputs_, plan.output(), rows * outputs_ * sizeof(float));
    }

    events inputs_;
    std::size_t outputs_;
    std::vector<float> single_scores_;
    std::vector<float> batch_scores_;
    std::map<std::size_t, std::unique_ptr<Plan>> plans_;
    Plan* one_ = nullptr;
};

}  // namespace bench
