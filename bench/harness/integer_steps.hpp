// integer_steps.hpp: the bound of a network in fixed point. A step is the multiplications that a whole register of sums takes for
// its next inputs; sums, shifts and activations are left out, for they can run beside them. How many steps a second the core can
// do is measured in independent chains. Where the compile flags have no such instruction, there is no bound.
#pragma once

#include "bound.hpp"
#include "machine.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// Not the type of the intrinsics: that may alias others, and then g++ keeps arrays of it in memory.
using integer_register = short __attribute__((vector_size(register_bytes)));

/// Each product of two 16-bit numbers cut to 16 bits, the bits above them kept by a second product; two products a 32-bit lane.
struct rounded_products {
    static constexpr std::size_t inputs = 2;
    static constexpr std::size_t weights = 2;  // registers of them
#if defined(__AVX512BW__)
    static integer_register multiply(integer_register s, integer_register w, integer_register x) noexcept {
        return integer_register(_mm512_mulhi_epi16(_mm512_mullo_epi16(__m512i(s), __m512i(w)), __m512i(x)));
    }
#elif defined(__AVX2__) && !defined(__AVX512F__)
    static integer_register multiply(integer_register s, integer_register w, integer_register x) noexcept {
        return integer_register(_mm256_mulhi_epi16(_mm256_mullo_epi16(__m256i(s), __m256i(w)), __m256i(x)));
    }
#endif
};

/// Each product fits 16 bits; two products a 32-bit lane.
struct short_products {
    static constexpr std::size_t inputs = 2;
    static constexpr std::size_t weights = 1;
#if defined(__AVX512BW__)
    static integer_register multiply(integer_register s, integer_register w, integer_register) noexcept {
        return integer_register(_mm512_mullo_epi16(__m512i(s), __m512i(w)));
    }
#elif defined(__AVX2__) && !defined(__AVX512F__)
    static integer_register multiply(integer_register s, integer_register w, integer_register) noexcept {
        return integer_register(_mm256_mullo_epi16(__m256i(s), __m256i(w)));
    }
#endif
};

/// Exact: four 8-bit products a 32-bit lane where the processor has a dot product of them, else two of 16 bits.
struct dot_products {
    static constexpr std::size_t weights = 1;
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
    static constexpr std::size_t inputs = 4;
    static integer_register multiply(integer_register s, integer_register w, integer_register x) noexcept {
        return integer_register(_mm512_dpbusd_epi32(__m512i(s), __m512i(w), __m512i(x)));
    }
#else
    static constexpr std::size_t inputs = 2;
#if defined(__AVX512BW__)
    static integer_register multiply(integer_register s, integer_register w, integer_register) noexcept {
        return integer_register(_mm512_madd_epi16(__m512i(s), __m512i(w)));
    }
#elif defined(__AVX2__) && !defined(__AVX512F__)
    static integer_register multiply(integer_register s, integer_register w, integer_register) noexcept {
        return integer_register(_mm256_madd_epi16(__m256i(s), __m256i(w)));
    }
#endif
#endif
};

/// Steps of a whole register a second, in chains so many that the latency of each is hidden.
template <class Step>
[[gnu::noinline]] double measure_integer_steps_per_second() noexcept {
#if defined(__AVX512BW__) || (defined(__AVX2__) && !defined(__AVX512F__))
    constexpr std::size_t chains = 12;
    constexpr std::size_t steps = 2000;
    integer_register weight = integer_register{} + short{0x0103};
    integer_register input = integer_register{} + short{0x0207};
    conceal(weight);
    conceal(input);
    integer_register results[chains];
    // Loops over the chains are unrolled, every one: else g++ leaves them in memory at -O2.
#pragma GCC unroll 12
    for (std::size_t chain = 0; chain < chains; ++chain) {
        results[chain] = integer_register{} + static_cast<short>(chain);
        conceal(results[chain]);
    }
    const double start = now_in_seconds();
    for (std::size_t step = 0; step < steps; ++step) {
#pragma GCC unroll 12
        for (std::size_t chain = 0; chain < chains; ++chain) {
            results[chain] = Step::multiply(results[chain], weight, input);
            conceal(results[chain]);
        }
    }
#pragma GCC unroll 12
    for (std::size_t chain = 0; chain < chains; ++chain) conceal(results[chain]);
    return static_cast<double>(chains * steps) / (now_in_seconds() - start);
#else
    return 0;
#endif
}

/// Whole-register steps of one event; `weights` registers of weights are loaded for each.
template <class Step>
std::size_t integer_steps(const std::vector<dense_shape>& layers) noexcept {
    std::size_t steps = 0;
    for (const dense_shape& layer : layers) {
        steps += (layer.inputs + Step::inputs - 1) / Step::inputs * ((layer.outputs + register_lanes - 1) / register_lanes);
    }
    return steps;
}

/// Nanoseconds an event where `batch` events share each load of weights, as bound_of() in bound.hpp; 0: not known.
template <class Step>
double integer_bound_of(const std::vector<dense_shape>& layers, double steps_per_second, const machine& core,
                        std::size_t batch) noexcept {
    if (!(steps_per_second > 0)) return 0;
    const double steps = double(integer_steps<Step>(layers));
    return 1e9 * std::max(steps / steps_per_second,
                          steps * double(Step::weights) / core.register_loads_per_second / double(batch));
}

}  // namespace bench
