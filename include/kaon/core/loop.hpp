// loop.hpp: the one primitive that loops; it alone decides what is unrolled.
#pragma once

#include "../hls/tool.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {

/// A number that a generic lambda takes as a constant.
template <std::size_t I>
using constant = std::integral_constant<std::size_t, I>;

namespace detail {

template <std::size_t First, class Body, std::size_t... I>
[[gnu::always_inline]] constexpr void unroll(Body& body, std::index_sequence<I...>) {
    (body(constant<First + I>{}), ...);
}

}  // namespace detail

/// Calls body(constant<0>), ..., body(constant<N - 1>): registers on a CPU, wires in hardware. Halves long loops, since a
/// compiler may refuse a fold of more than 256 terms.
template <std::size_t N, std::size_t First = 0, class Body>
[[gnu::always_inline]] constexpr void for_each(Body&& body) {
    if constexpr (N <= 128) {
        detail::unroll<First>(body, std::make_index_sequence<N>{});
    } else {
        for_each<N / 2, First>(body);
        for_each<N - N / 2, First + N / 2>(body);
    }
}

/// Calls body(0), ..., body(N - 1): a loop on a CPU, unrolled where the target asks for it, unless its turns share one circuit.
template <class Target, std::size_t N, bool Shared = false, class Body>
[[gnu::always_inline]] constexpr void repeat(Body&& body) {
    if constexpr (!Target::unrolled) {
        for (std::size_t i = 0; i < N; ++i) {
            body(i);
        }
    } else if constexpr (Shared && N > 1) {
        KAON_BEFORE_SHARED_LOOP
        for (std::size_t i = 0; i < N; ++i) {
            KAON_IN_SHARED_LOOP
            body(i);
        }
    } else {
        for_each<N>(body);
    }
}

/// The same, of a count that is a constant or known when it runs: then a loop.
/// @{
template <class Target, std::size_t N, class Body>
[[gnu::always_inline]] constexpr void repeat(constant<N>, Body&& body) {
    repeat<Target, N>(body);
}
template <class Target, class Body>
[[gnu::always_inline]] constexpr void repeat(std::size_t count, Body&& body) {
    for (std::size_t i = 0; i < count; ++i) {
        body(i);
    }
}
/// @}

}  // namespace kaon
