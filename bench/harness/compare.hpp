// compare.hpp: runs several engines over the same events. First their scores are compared, then their allocations
// counted, then their time taken in rounds; each round visits every engine, so that drift of the machine hits all alike.
#pragma once

#include "allocations.hpp"
#include "bound.hpp"
#include "events.hpp"
#include "timing.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

inline constexpr std::size_t case_count = sizeof(timing_cases) / sizeof(timing_cases[0]);

/// What one engine did: times and allocations a call of each case, the largest difference to the reference's scores.
struct engine_result {
    std::string name;
    std::string scalar = "float";
    std::array<samples, case_count> times;
    std::array<double, case_count> allocations_per_call{};
    double largest_difference = 0;
};

struct comparison {
    machine core;
    std::vector<dense_shape> layers;
    std::array<double, case_count> fixed_bounds{};  // ns an event in fixed point, where an engine measures them
    std::size_t events = 0;
    std::string reference;
    bool pinned = false;
    std::vector<engine_result> engines;
};

/// What an engine computes with: float, unless it says otherwise.
template <class Engine, class = void>
inline constexpr const char* scalar_of = "float";
template <class Engine>
inline constexpr const char* scalar_of<Engine, std::void_t<decltype(Engine::scalar)>> = Engine::scalar;

/// What an engine's scores are compared with: it has its own, where it computes something else than the others.
template <class Engine, class = void>
struct expected_of {
    static const std::vector<float>& in(const Engine&, const std::vector<float>& common) { return common; }
};
template <class Engine>
struct expected_of<Engine, std::void_t<decltype(std::declval<Engine&>().expected())>> {
    static const std::vector<float>& in(const Engine& engine, const std::vector<float>&) { return engine.expected(); }
};

/// An engine may measure the bound of fixed point: steps of integers instead of multiply-adds of floats.
template <class Engine, class = void>
inline constexpr bool measures_a_bound = false;
template <class Engine>
inline constexpr bool measures_a_bound<Engine, std::void_t<decltype(std::declval<Engine&>().measure())>> = true;

/// A slow engine takes part in every so-manieth round, so that the others have more samples.
template <class Engine, class = void>
inline constexpr std::size_t rounds_apart = 1;
template <class Engine>
inline constexpr std::size_t rounds_apart<Engine, std::void_t<decltype(Engine::every)>> = Engine::every;

/// Scores of an engine for all rows, in the way a case runs it.
template <class Engine>
std::vector<float> scores_of(Engine& engine, const timing_case& how, std::size_t rows, std::size_t outputs) {
    run_case(engine, how, rows, nullptr);
    std::vector<float> scores(rows * outputs);
    for (std::size_t row = 0; row < rows; ++row) {
        const float* from = how.batch == 1 ? engine.single_output(row) : engine.batch_output(row);
        std::copy(from, from + outputs, scores.begin() + static_cast<std::ptrdiff_t>(row * outputs));
    }
    return scores;
}

/// Largest difference to the reference, each output's divided by its largest value where that is above one.
/// A score that is no number counts as infinitely far.
inline double largest_difference(const std::vector<float>& expected, const std::vector<float>& got, std::size_t outputs) {
    std::vector<double> scales(outputs, 1.0);
    for (std::size_t index = 0; index < expected.size(); ++index) {
        double& scale = scales[index % outputs];
        scale = std::max(scale, std::abs(double(expected[index])));
    }
    double largest = 0;
    for (std::size_t index = 0; index < expected.size(); ++index) {
        const double difference = std::abs(double(expected[index]) - double(got[index])) / scales[index % outputs];
        if (!(difference <= largest)) largest = std::isnan(difference) ? HUGE_VAL : difference;
    }
    return largest;
}

/// What the engines' scores are compared with: [rows][outputs], and how the report calls it.
struct expected_scores {
    std::string name;
    std::vector<float> values;
};

/// Compares, counts and times the engines. `rows` is a multiple of the largest batch; `seconds` is how long the timing
/// lasts at least.
template <class... Engines>
comparison compare_with(const expected_scores& expected, std::size_t rows, std::size_t outputs,
                        std::vector<dense_shape> layers, double seconds, Engines&... engines) {
    comparison result;
    result.layers = std::move(layers);
    result.events = rows;
    result.pinned = pin_thread();
    result.engines.resize(sizeof...(Engines));
    result.reference = expected.name;
    result.core.weight_bytes = register_steps(result.layers) * register_bytes;

    const auto each = [&](auto&& action) {
        std::size_t index = 0;
        (action(engines, result.engines[index++]), ...);
    };

    each([&](auto& engine, engine_result& into) {
        into.name = engine.name;
        into.scalar = scalar_of<std::decay_t<decltype(engine)>>;
        for (std::size_t which = 0; which < case_count; ++which) {
            const timing_case& how = timing_cases[which];
            into.largest_difference =
                std::max(into.largest_difference,
                         largest_difference(expected_of<std::decay_t<decltype(engine)>>::in(engine, expected.values),
                                            scores_of(engine, how, rows, outputs), outputs));
            const std::uint64_t before = allocations();
            run_case(engine, how, rows, nullptr);
            into.allocations_per_call[which] = double(allocations() - before) / double(calls_of(how, rows));
            into.times[which].reserve(1U << 16U);
        }
    });

    const double end = now_in_seconds() + seconds;
    for (std::size_t round = 0; now_in_seconds() < end; ++round) {
        result.core.measure();
        each([&](auto& engine, engine_result&) {
            if constexpr (measures_a_bound<std::decay_t<decltype(engine)>>) engine.measure();
        });
        for (std::size_t which = 0; which < case_count; ++which) {
            each([&](auto& engine, engine_result& into) {
                if (round % rounds_apart<std::decay_t<decltype(engine)>> != 0) return;
                run_case(engine, timing_cases[which], rows, nullptr);  // caches and branch predictors of this engine
                run_case(engine, timing_cases[which], rows, &into.times[which]);
            });
        }
    }
    each([&](auto& engine, engine_result&) {
        if constexpr (measures_a_bound<std::decay_t<decltype(engine)>>) {
            for (std::size_t which = 0; which < case_count; ++which) {
                result.fixed_bounds[which] = engine.bound(result.core, timing_cases[which].batch);
            }
        }
    });
    return result;
}

/// As above, where the first engine is the reference of the scores.
template <class Reference, class... Engines>
comparison compare(std::size_t rows, std::size_t outputs, std::vector<dense_shape> layers, double seconds,
                   Reference& reference, Engines&... engines) {
    return compare_with({reference.name, scores_of(reference, timing_cases[0], rows, outputs)}, rows, outputs,
                        std::move(layers), seconds, reference, engines...);
}

}  // namespace bench
