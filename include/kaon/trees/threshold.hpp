// threshold.hpp: thresholds of any fixed-point type in the format of what is compared with them.
#pragma once

#include "../scalar/fixed.hpp"
#include "../scalar/limits.hpp"

#include <limits>

namespace kaon::detail {

/// A node in the input's format: x goes right where `limit` < x, or whatever x is.
template <class X>
struct limited_split {
    X limit;
    bool always_right;
};

/// The limit that no x is above.
template <class X>
constexpr X never_above() {
    using all = basic_fixed<X::width, X::integer, X::is_signed, truncate, saturate>;
    return X::from_raw(std::numeric_limits<all>::max().raw());
}

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

}  // namespace kaon::detail
