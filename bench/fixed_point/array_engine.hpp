// array_engine.hpp: a function from array to array as an engine of the bench, in whatever type of fixed point it has.
#pragma once

#include "harness/events.hpp"

#include <cstddef>
#include <vector>

namespace bench {

/// `Program` has a name, the types input and output, which convert from and to double, their numbers inputs and outputs, and
/// run(input(&)[inputs], output(&)[outputs]); it takes part in one of `every` rounds. A batch is one event after another.
template <class Program>
class array_engine {
    using input = typename Program::input;
    using output = typename Program::output;
    struct event {
        input values[Program::inputs];
    };
    struct result {
        output values[Program::outputs];
    };

public:
    static constexpr const char* scalar = "fixed";
    static constexpr std::size_t every = Program::every;
    const char* name = Program::name;

    explicit array_engine(const events& given) : events_(given.rows()), results_(given.rows()), row_(Program::outputs) {
        for (std::size_t row = 0; row < given.rows(); ++row) {
            for (std::size_t i = 0; i < Program::inputs; ++i) events_[row].values[i] = input(double(given.row(row)[i]));
        }
    }

    void single(std::size_t row) { Program::run(events_[row].values, results_[row].values); }
    const float* single_output(std::size_t row) const {
        for (std::size_t i = 0; i < Program::outputs; ++i) {
            row_[i] = static_cast<float>(results_[row].values[i].to_double());
        }
        return row_.data();
    }
    const void* first_score(std::size_t row) const noexcept { return results_[row].values; }
    void batch(std::size_t first, std::size_t rows) {
        for (std::size_t row = first; row < first + rows; ++row) single(row);
    }
    const float* batch_output(std::size_t row) const { return single_output(row); }

private:
    std::vector<event> events_;
    std::vector<result> results_;
    mutable std::vector<float> row_;  // the last row that was asked for
};

}  // namespace bench
