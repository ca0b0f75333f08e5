// forest_types.hpp: the scalars of a forest and what else of it is known at compile time.
#pragma once

#include "forest_parameters.hpp"
#include "forest_sizes.hpp"
#include "split.hpp"

#include "../core/option.hpp"
#include "../scalar/format.hpp"
#include "../scalar/precision.hpp"
#include "../simd/scalar.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// Levels up to which every node of a tree is compared: beyond, those that an event does not pass would outweigh the others.
inline constexpr std::size_t complete_levels = 6;

/// Whether a scalar is no number: packs of events, wires that are recorded.
template <class T>
inline constexpr bool stands_for_others = !std::is_same_v<lane_of<T>, T>;

/// The sum of Terms numbers and a base, where Named says no other: in fixed point with room for every one.
template <class X, class Leaf, std::size_t Terms, class Named, bool Fixed = is_fixed_point<X>>
struct leaf_sum {
    using type = X;
};
template <class X, class Leaf, std::size_t Terms, class Named>
struct leaf_sum<X, Leaf, Terms, Named, true> {
    using type = typename like<X, Named>::type;
};
template <class X, class Leaf, std::size_t Terms>
struct leaf_sum<X, Leaf, Terms, void, true> {
    using type = typename like<
        X, typename format_of<Leaf>::template with<accumulated_format<format_of<Leaf>, Terms, format_of<Leaf>>>>::type;
};

/// Scalars of a forest on X. Floating point: thresholds and leaves as X. Fixed point: thresholds weights<>, leaves and base bias<>; each
/// leaf is cast to accumulator<>, and the sum wraps.
template <class X, std::size_t Terms, class... Options>
struct forest_types {
    using number = lane_of<X>;
    static constexpr bool is_fixed = is_fixed_point<X>;
    template <template <class> class Kind, class Default>
    using named = std::conditional_t<is_fixed, kaon::option_of<Kind, Default, Options...>, Default>;
    using threshold = named<weights, number>;
    using bias = named<kaon::bias, threshold>;
    using accumulator = named<kaon::accumulator, void>;
    /// As leaves are added.
    using leaf = std::conditional_t<std::is_void_v<accumulator>, bias, accumulator>;
    using sum = typename leaf_sum<X, bias, Terms, accumulator>::type;
    using result = typename like<X, named<kaon::result, sum>>::type;
};

/// What a forest is, beside its numbers. Sum: of a network on X; wraps: a named one.
template <class Types, std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs, class... Options>
struct forest_shape {
    using types = Types;
    static constexpr std::size_t trees = Trees;
    static constexpr std::size_t nodes = Nodes;
    static constexpr std::size_t depth = Depth;
    static constexpr std::size_t outputs = Outputs;
    static constexpr bool or_equal = has_option<less_or_equal, Options...>;
    /// Fixed point has no missing values.
    static constexpr bool missing = has_option<missing_by_direction, Options...> && !Types::is_fixed;
    static constexpr bool vector_leaves = has_option<kaon::vector_leaves, Options...>;
    static constexpr std::size_t tests = category_sizes<Options...>::tests;
    static constexpr std::size_t words = category_sizes<Options...>::words;
    /// Whether leaves have an array of their own.
    static constexpr bool leaves_apart = vector_leaves || Types::is_fixed;
    static constexpr std::size_t leaf_width = vector_leaves ? Outputs : leaves_apart ? 1 : 0;
    static constexpr std::size_t trees_a_sum = vector_leaves ? Trees : (Trees + Outputs - 1) / Outputs;
    /// Whether there are tests by category.
    static constexpr bool has_tests = tests > 0;
    /// How constants hold what there is many of.
    /// @{
    using arrays = sized_arrays;
    template <std::size_t Features, std::size_t Groups, std::size_t Second>
    using sizes = known_sizes<Features, tests, Outputs, Groups, Second>;
    /// @}
};

}  // namespace detail
}  // namespace kaon
