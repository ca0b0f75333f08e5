// split.hpp: how the nodes of a forest choose a side.
#pragma once

#include "../core/option.hpp"

#include <type_traits>

namespace kaon {

/// Goes left where x <= threshold, as LightGBM and scikit-learn split; by default where x < threshold, as XGBoost does.
struct less_or_equal {};

/// A missing value, which is a NaN, goes where its node says. Without this option a forest has no such numbers, and NaN goes right
/// where nodes split by `<`, left where they split by `<=`.
struct missing_by_direction {};

namespace detail {

template <>
inline constexpr bool is_tag<less_or_equal> = false;
template <>
inline constexpr bool is_tag<missing_by_direction> = false;

template <class Option, class... Options>
inline constexpr bool has_option = (std::is_same_v<Option, Options> || ... || false);

}  // namespace detail
}  // namespace kaon
