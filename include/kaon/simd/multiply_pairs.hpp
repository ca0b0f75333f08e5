// multiply_pairs.hpp: two 16-bit products a 32-bit lane, which xsimd has no name for.
#pragma once

#include "pack.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
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
#endif

}  // namespace detail
}  // namespace kaon
