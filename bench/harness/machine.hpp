// machine.hpp: what the core that runs the bench can do at most, measured in the same run.
// Every rate is the best of its repetitions: a bound must not come out loose because a neighbour was loud.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

#if defined(__AVX512F__)
inline constexpr std::size_t register_bytes = 64;
inline constexpr char isa[] = "avx512";
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr std::size_t register_bytes = 32;
inline constexpr char isa[] = "avx2+fma";
#elif defined(__AVX__)
inline constexpr std::size_t register_bytes = 32;
inline constexpr char isa[] = "avx";
#elif defined(__aarch64__)
inline constexpr std::size_t register_bytes = 16;
inline constexpr char isa[] = "neon";
#else
inline constexpr std::size_t register_bytes = 16;
inline constexpr char isa[] = "baseline";
#endif

inline constexpr std::size_t register_lanes = register_bytes / sizeof(float);

using wide_register = float __attribute__((vector_size(register_bytes)));

inline double now_in_seconds() noexcept {
    using clock = std::chrono::steady_clock;
    return std::chrono::duration<double>(clock::now().time_since_epoch()).count();
}

/// Hides where a value comes from: the compiler keeps it in a register and can prove nothing about it.
template <class T>
inline void conceal(T& value) noexcept {
#if defined(__aarch64__)
    if constexpr (sizeof(T) > sizeof(std::uint64_t)) asm volatile("" : "+w"(value));
#else
    if constexpr (sizeof(T) > sizeof(std::uint64_t)) asm volatile("" : "+v"(value));
#endif
    else asm volatile("" : "+r"(value));
}

/// Whole-register multiply-accumulates per second: `chains` independent ones hide the latency of each.
[[gnu::noinline]] inline double measure_register_fma_per_second() noexcept {
    constexpr std::size_t chains = 12;  // latency 4 times throughput 2 needs 8; 12 and two factors fit in 16 registers
    constexpr std::size_t steps = 2000;
    wide_register factor = wide_register{} + 0.999F;
    wide_register addend = wide_register{} + 0.001F;
    conceal(factor);
    conceal(addend);
    wide_register sums[chains];
    for (std::size_t chain = 0; chain < chains; ++chain) {
        sums[chain] = wide_register{} + static_cast<float>(chain);
        conceal(sums[chain]);
    }
    const double start = now_in_seconds();
    for (std::size_t step = 0; step < steps; ++step) {
        for (std::size_t chain = 0; chain < chains; ++chain) sums[chain] = sums[chain] * factor + addend;
    }
    for (std::size_t chain = 0; chain < chains; ++chain) conceal(sums[chain]);
    return static_cast<double>(chains * steps) / (now_in_seconds() - start);
}

/// Whole-register loads per second from the first-level cache.
[[gnu::noinline]] inline double measure_register_loads_per_second() noexcept {
    constexpr std::size_t page = 4096;
    constexpr std::size_t registers = page / register_bytes;
    constexpr std::size_t pages = 16;  // one a call: where a page lies costs up to 5 %, and the best of the run counts
    constexpr std::size_t unroll = 16;
    constexpr std::size_t passes = 1000;
    alignas(page) static wide_register buffers[pages][registers] = {};
    static std::size_t turn = 0;
    wide_register(&buffer)[registers] = buffers[turn++ % pages];
    // Written first: pages that were never written share one page of zeros, which halves the rate of loads.
    for (wide_register& value : buffer) value = wide_register{} + 1.0F;
    const wide_register* source = buffer;
    conceal(source);
    const double start = now_in_seconds();
    for (std::size_t pass = 0; pass < passes; ++pass) {
        asm volatile("" ::: "memory");  // else a compiler may keep loaded registers from one pass to the next
        for (std::size_t first = 0; first < registers; first += unroll) {
            for (std::size_t offset = 0; offset < unroll; ++offset) {
                wide_register loaded = source[first + offset];
                conceal(loaded);
            }
        }
    }
    return static_cast<double>(registers * passes) / (now_in_seconds() - start);
}

/// Whole-register loads per second from a buffer of `bytes`, read from end to end: the rate of the cache level that
/// holds it. Throws std::bad_alloc.
[[gnu::noinline]] inline double measure_streamed_loads_per_second(std::size_t bytes) {
    constexpr std::size_t unroll = 16;
    constexpr std::size_t passes = 10;
    static std::vector<float> buffer;
    const std::size_t blocks = bytes / (unroll * register_bytes);
    buffer.resize(blocks * unroll * register_lanes + register_lanes, 1.0F);
    const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
    const auto* const source =
        reinterpret_cast<const wide_register*>((address + register_bytes - 1) / register_bytes * register_bytes);
    double best = 0;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        const double start = now_in_seconds();
        for (std::size_t block = 0; block < blocks; ++block) {
            for (std::size_t offset = 0; offset < unroll; ++offset) {
                wide_register loaded = source[block * unroll + offset];
                conceal(loaded);
            }
        }
        best = std::max(best, static_cast<double>(blocks * unroll) / (now_in_seconds() - start));
    }
    return best;
}

/// Clock in Hz: a chain of dependent exclusive-ors, one cycle each. An addition of a constant would not do,
/// for recent cores resolve it before execution.
[[gnu::noinline]] inline double measure_clock_hertz() noexcept {
    constexpr std::size_t unroll = 16;
    constexpr std::size_t steps = 2000;
    std::uint64_t value = 1;
    std::uint64_t mask = 0x5555;
    conceal(mask);
    const double start = now_in_seconds();
    for (std::size_t step = 0; step < steps; ++step) {
        for (std::size_t link = 0; link < unroll; ++link) {
            value ^= mask;
            conceal(value);
        }
    }
    return static_cast<double>(unroll * steps) / (now_in_seconds() - start);
}

/// Best rates seen so far; `measure` is called again between the engines' rounds.
struct machine {
    double register_fma_per_second = 0;
    double register_loads_per_second = 0;
    double clock_hertz = 0;
    std::size_t weight_bytes = 0;          // what a network's weights take
    double streamed_loads_per_second = 0;  // from a buffer of that size, where the first-level cache does not hold it

    double weight_loads_per_second() const noexcept {
        return streamed_loads_per_second > 0 ? streamed_loads_per_second : register_loads_per_second;
    }

    void measure() {
        constexpr std::size_t first_level = 32768;
        if (weight_bytes > first_level) {
            streamed_loads_per_second = std::max(streamed_loads_per_second, measure_streamed_loads_per_second(weight_bytes));
        }
        register_fma_per_second = std::max(register_fma_per_second, measure_register_fma_per_second());
        register_loads_per_second = std::max(register_loads_per_second, measure_register_loads_per_second());
        clock_hertz = std::max(clock_hertz, measure_clock_hertz());
    }
    double fma_per_second() const noexcept { return register_fma_per_second * double(register_lanes); }
};

}  // namespace bench
