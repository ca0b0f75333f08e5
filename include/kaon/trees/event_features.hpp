// event_features.hpp: the features of an event as the nodes of a forest read them.
#pragma once

#include "../core/loop.hpp"
#include "../core/shape.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/lane_table.hpp"

#include <cstddef>
#include <limits>

namespace kaon::detail {

/// Where the copies of N features begin that send a missing value right; 0: there is but one copy.
template <class A, std::size_t N, bool Missing>
inline constexpr std::size_t right_defaults = Missing ? round_up(N, A::lanes) : 0;

/// How many values a forest's nodes read.
template <class A, std::size_t N, bool Missing>
inline constexpr std::size_t read_features = right_defaults<A, N, Missing> + N;

/// Features of event `row`. With directions of missing values there are two copies: NaN is the lowest value of all in the first,
/// the highest in the second, so a node needs no comparison beside its own.
template <class A, class T, std::size_t N, bool Missing>
struct event_features {
    using value = typename A::value;
    using number = lane_of<T>;
    lane_table<A, T, read_features<A, N, Missing>> table;

    template <class Target, class Source>
    [[gnu::always_inline]] constexpr void read(const Source& x, std::size_t row) noexcept {
        constexpr std::size_t packs = round_up(N, A::lanes) / A::lanes;
        repeat<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
            const std::size_t first = p * A::lanes;
            const value v = A::load_first(x.pointer(row, first), N - first);
            if constexpr (Missing) {
                constexpr number infinite = std::numeric_limits<number>::infinity();
                // NaN is on no side of anything.
                table.set(p, select(less(value(-infinite), v), v, value(-infinite)));
                table.set(packs + p, select(less(v, value(infinite)), v, value(infinite)));
            } else {
                table.set(p, v);
            }
        });
    }
};

}  // namespace kaon::detail
