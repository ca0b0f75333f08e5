// extremes.hpp: maximum, minimum and square root of registers.
#pragma once

#include "xsimd.hpp"

#include <type_traits>

namespace kaon::detail {

// g++ 12 warns of the undefined operand that its unmasked forms have, in whatever includes its header before this one does.
#if defined(__AVX512F__)
template <class Batch>
[[gnu::always_inline]] inline Batch root_of_whole(const Batch& a) noexcept {
    if constexpr (std::is_same_v<typename Batch::value_type, float>) {
        return Batch(_mm512_maskz_sqrt_ps(0xffff, a));
    } else {
        return Batch(_mm512_maskz_sqrt_pd(0xff, a));
    }
}
#endif

/// The larger one of each lane; b where one is NaN on x86, NaN on NEON.
template <class Batch>
[[gnu::always_inline]] inline Batch larger(const Batch& a, const Batch& b) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(Batch) == 64 && std::is_same_v<typename Batch::value_type, float>) {
        return Batch(_mm512_maskz_max_ps(0xffff, a, b));
    } else if constexpr (sizeof(Batch) == 64 && std::is_same_v<typename Batch::value_type, double>) {
        return Batch(_mm512_maskz_max_pd(0xff, a, b));
    } else
#endif
        return xsimd::max(a, b);
}

template <class Batch>
[[gnu::always_inline]] inline Batch smaller(const Batch& a, const Batch& b) noexcept {
#if defined(__AVX512F__)
    if constexpr (sizeof(Batch) == 64 && std::is_same_v<typename Batch::value_type, float>) {
        return Batch(_mm512_maskz_min_ps(0xffff, a, b));
    } else if constexpr (sizeof(Batch) == 64 && std::is_same_v<typename Batch::value_type, double>) {
        return Batch(_mm512_maskz_min_pd(0xff, a, b));
    } else
#endif
        return xsimd::min(a, b);
}

}  // namespace kaon::detail
