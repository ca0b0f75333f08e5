// square_root.hpp: the square root of a scalar; those of packs are theirs.
#pragma once

#include <type_traits>

namespace kaon {

/// Correctly rounded (IEEE 754).
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] inline T square_root(T a) noexcept {
    // What std::sqrt is, without <cmath>: an HLS compiler sees this header.
    if constexpr (std::is_same_v<T, float>) {
        return __builtin_sqrtf(a);
    } else {
        return __builtin_sqrt(a);
    }
}

}  // namespace kaon
