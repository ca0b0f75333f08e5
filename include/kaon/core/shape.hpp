// shape.hpp: the static extents of a tensor, C order, channels last.
#pragma once

#include <cstddef>

namespace kaon {

namespace detail {

template <std::size_t I, std::size_t... Extents>
constexpr std::size_t extent_of() {
    static_assert(I < sizeof...(Extents), "kaon: a shape has no extent of that number");
    constexpr std::size_t extents[] = {Extents...};
    return extents[I];
}

}  // namespace detail

/// Extents of a tensor, outermost first: shape<28, 28, 3>.
template <std::size_t... Extents>
struct shape {
    /// How many extents, and their product.
    /// @{
    static constexpr std::size_t rank = sizeof...(Extents);
    static constexpr std::size_t size = (std::size_t{1} * ... * Extents);
    /// @}

    /// Extent number I, from the outermost in.
    template <std::size_t I>
    static constexpr std::size_t extent = detail::extent_of<I, Extents...>();
};

/// n rounded up to a multiple of `step`.
constexpr std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

}  // namespace kaon
