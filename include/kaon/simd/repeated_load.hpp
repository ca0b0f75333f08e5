// repeated_load.hpp: four floats from memory into every four lanes of a register.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace kaon::detail {

/// Lane l of the result is p[l % 4]. Batch: xsimd's, of floats.
template <class Batch>
[[gnu::always_inline]] inline Batch load_four(const float* p) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(Batch) == 64) {
        // The unmasked form makes g++ 12 warn of its own undefined operand.
        return Batch(_mm512_maskz_broadcast_f32x4(0xffff, _mm_loadu_ps(p)));
    }
#endif
#if defined(__AVX__)
    if constexpr (sizeof(Batch) == 32) return Batch(_mm256_broadcast_ps(reinterpret_cast<const __m128*>(p)));
#endif
    if constexpr (sizeof(Batch) == 16) return Batch::load_unaligned(p);
}

}  // namespace kaon::detail
