// split.hpp: how the nodes of a forest choose a side, and what its leaves are.
#pragma once

#include "../core/option.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Goes left where x <= threshold, as LightGBM and scikit-learn split; by default where x < threshold, as XGBoost does.
struct less_or_equal {};

/// A missing value, which is a NaN, goes where its node says. Without this option a forest has no such numbers, and NaN goes right
/// where nodes split by `<` or by category, left where they split by `<=`.
struct missing_by_direction {};

/// Nodes may split by category: `Tests` questions whether a feature, truncated toward zero, is in a set, which take `Words` integers of
/// 32 bits; each may be asked by many nodes. In the set: left.
template <std::size_t Tests, std::size_t Words>
struct splits_by_category {};

/// A leaf holds a number for each output, and every tree adds to all of them.
struct vector_leaves {};

namespace detail {

template <>
inline constexpr bool is_tag<less_or_equal> = false;
template <>
inline constexpr bool is_tag<missing_by_direction> = false;
template <std::size_t Tests, std::size_t Words>
inline constexpr bool is_tag<splits_by_category<Tests, Words>> = false;
template <>
inline constexpr bool is_tag<vector_leaves> = false;

template <class Option, class... Options>
inline constexpr bool has_option = (std::is_same_v<Option, Options> || ... || false);

/// Tests and words of a splits_by_category<> among the options, or zeros.
template <class... Options>
struct category_sizes {
    static constexpr std::size_t tests = 0;
    static constexpr std::size_t words = 0;
};
template <std::size_t Tests, std::size_t Words, class... Rest>
struct category_sizes<splits_by_category<Tests, Words>, Rest...> {
    static constexpr std::size_t tests = Tests;
    static constexpr std::size_t words = Words;
};
template <class Other, class... Rest>
struct category_sizes<Other, Rest...> : category_sizes<Rest...> {};

}  // namespace detail
}  // namespace kaon
