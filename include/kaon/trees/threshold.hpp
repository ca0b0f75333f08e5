// threshold.hpp: thresholds of any fixed-point type in the format of what is compared with them.
#pragma once

#include "../scalar/fixed.hpp"
#include "../scalar/limits.hpp"

#include <cstddef>
#include <limits>

namespace kaon::detail {

/// A node in the input's format: x goes right where `limit` < x, or whatever x is.
template <class X>
struct limited_split {
    X limit;
    bool always_right;
};

/// The same decision as x < t (or_equal: x <= t) for every x of the format, whatever the threshold's.
template <class X, class Threshold>
constexpr limited_split<X> split_of(const Threshold& t, bool or_equal) {
    using down = basic_fixed<X::width, X::integer, X::is_signed, truncate, saturate>;
    using up = basic_fixed<X::width, X::integer, X::is_signed, toward_plus_infinity, saturate>;
    constexpr down least = std::numeric_limits<down>::lowest(), greatest = std::numeric_limits<down>::max();
    if (or_equal) return {X::from_raw(down(t).raw()), t < least};
    if (t > greatest) return {X::from_raw(greatest.raw()), false};
    if (t <= least) return {X::from_raw(least.raw()), true};
    return {X::from_raw(up(t).raw() - 1), false};
}

/// In a complete tree, where node n has the children 2 n + 1 and 2 n + 2: what is left of a node that sends all to the right becomes what
/// is right of it, for no event tells them apart. copy_split(to, from) of nodes, copy_leaf(to, from) of leaves, from the left one on.
template <std::size_t Splits, class CopySplit, class CopyLeaf>
constexpr void copy_right_branches(const bool (&always_right)[Splits], CopySplit copy_split, CopyLeaf copy_leaf) {
    for (std::size_t node = Splits; node-- > 0;) {
        if (!always_right[node]) continue;
        std::size_t left = 2 * node + 1, many = 1;
        for (; left < Splits; left = 2 * left + 1, many *= 2) {
            for (std::size_t i = left; i < left + many; ++i) copy_split(i, i + many);
        }
        for (std::size_t i = left - Splits; i < left - Splits + many; ++i) copy_leaf(i, i + many);
    }
}

}  // namespace kaon::detail
