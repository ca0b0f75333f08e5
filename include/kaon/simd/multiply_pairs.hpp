// multiply_pairs.hpp: two 16-bit products a 32-bit lane, which xsimd has no name for.
#pragma once

#include "pack.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <cstdint>

namespace kaon {
namespace detail {

#if defined(__SSE2__)
template <class Register>
[[gnu::always_inline]] inline Register multiply_pairs(const Register& a, const Register& b) noexcept {
    if constexpr (Register::size == 4) {
        return Register(_mm_madd_epi16(a, b));
    }
#if defined(__AVX2__)
    if constexpr (Register::size == 8) {
        return Register(_mm256_madd_epi16(a, b));
    }
#endif
#if defined(__AVX512BW__)
    if constexpr (Register::size == 16) {
        return Register(_mm512_madd_epi16(a, b));
    }
#endif
}
#elif defined(__aarch64__)
template <class Register>
[[gnu::always_inline]] inline Register multiply_pairs(const Register& a, const Register& b) noexcept {
    const int16x8_t x = vreinterpretq_s16_s32(a), y = vreinterpretq_s16_s32(b);
    return Register(vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y)));
}
#endif

}  // namespace detail
}  // namespace kaon
