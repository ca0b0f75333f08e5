// event_features.hpp: the features of an event as the nodes of a forest read them.
#pragma once

#include "category_tests.hpp"

#include "../core/loop.hpp"
#include "../core/shape.hpp"
#include "../core/store.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/lane_table.hpp"

#include <cstddef>
#include <limits>
#include <type_traits>

namespace kaon::detail {

/// Where the copies of N features and tests begin that send a missing value right; 0: there is but one copy.
template <class A, std::size_t N, bool Missing>
inline constexpr std::size_t right_defaults = Missing ? round_up(N, A::lanes) : 0;

/// How many values a forest's nodes read.
template <class A, std::size_t N, bool Missing>
inline constexpr std::size_t read_features = right_defaults<A, N, Missing> + N;

/// Packs of so many lanes that hold a count.
/// @{
template <std::size_t Lanes, std::size_t N>
constexpr constant<(N + Lanes - 1) / Lanes> packs_of(constant<N>) noexcept {
    return {};
}
template <std::size_t Lanes>
constexpr std::size_t packs_of(std::size_t count) noexcept {
    return (count + Lanes - 1) / Lanes;
}
/// @}

/// Features of event `row`, then what tests by category say: 0, which goes left, or 1. With directions of missing values there are two
/// copies: NaN is the lowest value of all in the first, the highest in the second, so a node needs no comparison beside its own.
template <class A, class T, std::size_t N, std::size_t Tests, bool Missing>
struct event_features {
    using value = typename A::value;
    using number = lane_of<T>;
    static constexpr std::size_t right = right_defaults<A, N + Tests, Missing>;
    using table_type = lane_table<A, T, read_features<A, N + Tests, Missing>>;
    table_type table;

    /// count: of features; second: where copies begin that send a missing value right, or 0. Constants, or known when it runs.
    template <class Target, class Source, class Count, class Second>
    [[gnu::always_inline]] constexpr void read(const Source& x, std::size_t row, Count count, Second second) noexcept {
        repeat<Target>(
            packs_of<A::lanes>(count), [&](std::size_t p) __attribute__((always_inline)) {
                const std::size_t first = p * A::lanes;
                const value v = A::load_first(x.pointer(row, first), count - first);
                if constexpr (!std::is_same_v<Second, constant<0>>) {
                    if (second != 0) {
                        constexpr number infinite = std::numeric_limits<number>::infinity();
                        // NaN is on no side of anything.
                        table.set(p, select(less(value(-infinite), v), v, value(-infinite)));
                        table.set(second / A::lanes + p, select(less(v, value(infinite)), v, value(infinite)));
                        return;
                    }
                }
                table.set(p, v);
            });
    }

    /// Asks all tests: after read(). They stand behind the features.
    template <class Target, bool OrEqual, class Categories, class Source, class Count, class Second, class Asked>
    [[gnu::always_inline]] constexpr void ask(const Categories& c, const Source& x, std::size_t row, Count features,
                                              Second second, Asked tests) noexcept {
        repeat<Target>(
            tests, [&](std::size_t t) __attribute__((always_inline)) {
                constexpr std::size_t lanes = stored_lanes<number, T>();
                number asked[lanes], goes_left[lanes], goes_right[lanes];
                store(asked, x.at(row, static_cast<std::size_t>(c.tests[t].feature)));
                for (std::size_t l = 0; l < lanes; ++l) {
                    goes_right[l] = in_set<OrEqual>(c, t, asked[l]) ? number(0) : number(1);
                    goes_left[l] = second != 0 && asked[l] != asked[l] ? number(0) : goes_right[l];
                }
                table.set_one(features + t, loaded(goes_left));
                if (second != 0) table.set_one(second + features + t, loaded(goes_right));
            });
    }

private:
    static constexpr T loaded(const number* p) noexcept {
        if constexpr (std::is_same_v<T, number>) {
            return *p;
        } else {
            return T::load(p);
        }
    }
};

}  // namespace kaon::detail
