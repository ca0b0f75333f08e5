// shape.hpp: the static extents of a tensor, C order, channels last.
#pragma once

#include <cstddef>

namespace kaon {

/// Extents of a tensor, outermost first: shape<28, 28, 3>.
template <std::size_t... Extents>
struct shape {
    static constexpr std::size_t rank = sizeof...(Extents);
    static constexpr std::size_t size = (std::size_t{1} * ... * Extents);
};

/// n rounded up to a multiple of `step`.
constexpr std::size_t round_up(std::size_t n, std::size_t step) {
    return (n + step - 1) / step * step;
}

}  // namespace kaon
