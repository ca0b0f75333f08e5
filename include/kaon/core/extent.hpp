// extent.hpp: an extent of a shape: a number, or up_to<N>.
#pragma once

#include <cstddef>

namespace kaon {

/// The type of up_to<N>.
enum class bounded_extent : std::size_t {};

/// An extent of which each event uses the first `count` of N: input<float, up_to<30>, 3>. Only the outermost may be bounded.
template <std::size_t N>
inline constexpr bounded_extent up_to{N};

namespace detail {

constexpr bool is_bounded(bounded_extent) { return true; }
template <class T>
constexpr bool is_bounded(T) {
    return false;
}

}  // namespace detail
}  // namespace kaon
