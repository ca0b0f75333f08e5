// timing.hpp: how long one engine takes for one case.
//
// An engine owns its copy of the events and has
//   const char* name                          how the report calls it
//   void single(size_t row)                   runs one event
//   const float* single_output(size_t row)    where single() put the scores
//   void batch(size_t first, size_t rows)     runs consecutive events in one call
//   const float* batch_output(size_t row)     where batch() put them
// It may have more: see compare.hpp and scores_place below.
#pragma once

#include "machine.hpp"

#include <sched.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

/// `batch` events a call; `dependent`: an event's address comes out of the scores of the one before.
struct timing_case {
    const char* name;
    std::size_t batch;
    bool dependent;
};

// A program may say before it includes this which batches it times.
#ifndef KAON_BENCH_BATCHES
#define KAON_BENCH_BATCHES {"batch", 8, false}, {"batch", 64, false}, {"batch", 1024, false}
#endif
inline constexpr timing_case timing_cases[] = {{"single", 1, false}, {"dependent", 1, true}, KAON_BENCH_BATCHES};

/// Events between two looks at the clock: enough that reading it costs less than one per cent.
inline constexpr std::size_t events_per_sample = 64;

/// Nanoseconds an event, one entry a sample.
class samples {
public:
    void add(double nanoseconds) { values_.push_back(nanoseconds); }
    void reserve(std::size_t count) { values_.reserve(count); }
    std::size_t count() const noexcept { return values_.size(); }
    double quantile(double fraction) const {
        std::vector<double> sorted = values_;
        std::sort(sorted.begin(), sorted.end());
        const auto index = static_cast<std::size_t>(fraction * double(sorted.size() - 1) + 0.5);
        return sorted.at(index);
    }

private:
    std::vector<double> values_;
};

/// Keeps the calling thread on the core it runs on; false where the system refuses.
inline bool pin_thread() noexcept {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cores);
    return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

/// Everything written before must be in memory, nothing read before may be reused: events stay apart.
inline void separate_events() noexcept { asm volatile("" ::: "memory"); }

template <class Engine>
void run_singles(Engine& engine, std::size_t first, std::size_t rows) {
    for (std::size_t row = first; row < first + rows; ++row) {
        engine.single(row);
        separate_events();
    }
}

/// Where an event's scores are: as the engine keeps them, or as floats.
template <class Engine, class = void>
struct scores_place {
    static const void* of(Engine& engine, std::size_t row) { return engine.single_output(row); }
};
template <class Engine>
struct scores_place<Engine, std::void_t<decltype(std::declval<Engine&>().first_score(0))>> {
    static const void* of(Engine& engine, std::size_t row) { return engine.first_score(row); }
};

/// The next row is the one after, plus zero times the bits of the first score: the compiler and the core both have
/// to wait for the score, and no store to the event comes in between.
template <class Engine>
void run_dependent(Engine& engine, std::size_t first, std::size_t rows) {
    std::uint64_t zero = 0;
    conceal(zero);
    std::size_t row = first;
    for (std::size_t event = 0; event < rows; ++event) {
        engine.single(row);
        std::uint32_t bits = 0;
        std::memcpy(&bits, scores_place<Engine>::of(engine, row), sizeof bits);
        row = first + event + 1 + (bits & zero);
        separate_events();
    }
}

template <class Engine>
void run_batches(Engine& engine, std::size_t first, std::size_t rows, std::size_t batch) {
    for (std::size_t row = first; row < first + rows; row += batch) {
        engine.batch(row, batch);
        separate_events();
    }
}

/// Runs a case once over `rows` events; where `taken` is given, notes one sample every `events_per_sample` or batch.
template <class Engine>
void run_case(Engine& engine, const timing_case& how, std::size_t rows, samples* taken) {
    const std::size_t block = std::max(events_per_sample, how.batch);
    for (std::size_t first = 0; first + block <= rows; first += block) {
        const double start = now_in_seconds();
        if (how.dependent) run_dependent(engine, first, block);
        else if (how.batch == 1) run_singles(engine, first, block);
        else run_batches(engine, first, block, how.batch);
        if (taken != nullptr) taken->add(1e9 * (now_in_seconds() - start) / double(block));
    }
}

/// Calls of the engine in one pass over `rows` events.
inline std::size_t calls_of(const timing_case& how, std::size_t rows) noexcept {
    const std::size_t block = std::max(events_per_sample, how.batch);
    return rows / block * (block / how.batch);
}

}  // namespace bench
