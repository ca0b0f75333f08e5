// forest.hpp: boosted and bagged decision trees.
#pragma once

#include "complete_trees.hpp"
#include "forest_parameters.hpp"
#include "forest_types.hpp"
#include "split.hpp"
#include "traversed_trees.hpp"
#include "wired_trees.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/tensor.hpp"
#include "../layers/vector_input.hpp"
#include "../simd/lane_table.hpp"
#include "../simd/target.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// A forest has at least a tree an output and a node a tree; leaves that are kept apart are those of full trees: (trees + nodes) / 2.
struct expects_trees;

/// A forest of at most so many levels: deeper ones are traversed, which packs of events are not and no hardware does.
template <std::size_t Levels>
struct expects_levels;

namespace detail {

/// Whether trees are evaluated as complete ones: shallow, in packs of trees whose features are picked out of registers, or of floats in
/// packs of events, or in hardware. docs/forests.md has the measurements. Reproducible floats are added in one order on every target: traversed.
template <class Target, class T, std::size_t N, class Shape>
constexpr bool compares_all_nodes() {
    using A = comparisons<Target, T, Shape::trees_a_sum>;
    constexpr bool picks = picks_in_registers<A, read_features<A, N + Shape::tests, Shape::missing>>;
    if constexpr (Shape::types::is_fixed) {
        return Shape::depth <= complete_levels && picks &&
               sums_in_lanes<A, T, typename Shape::types::leaf, typename Shape::types::sum>;
    } else {
        return Shape::depth <= complete_levels &&
               (stands_for_others<T> || Target::unrolled || (picks && !is_reproducible<Target>));
    }
}

/// Deep trees are no hardware: the error names the layer, and what follows is as on a CPU.
template <class Layer, class Target, class T, std::size_t N, class Shape>
constexpr auto choose_trees() {
    constexpr bool is_deep = Shape::depth > complete_levels;
    if constexpr (Target::unrolled && is_deep) {
        (void)&report<Layer, refused<expects_levels<complete_levels>, got<Target, T>>>::explain;
        return as_type<traversed_trees<Target, T, N, Shape>>{};
    } else if constexpr (Shape::types::is_fixed && (Target::unrolled || stands_for_others<T>)&&!is_deep) {
        return as_type<wired_trees<Target, T, N, Shape>>{};
    } else if constexpr (compares_all_nodes<Target, T, N, Shape>()) {
        return as_type<complete_trees<Target, T, N, Shape>>{};
    } else {
        return as_type<traversed_trees<Target, T, N, Shape>>{};
    }
}

}  // namespace detail

/// What `Trees` decision trees over a vector say, summed: [n] -> [Outputs]. Tree t adds a leaf's number to output t % Outputs, which
/// starts from base; with vector_leaves every tree adds to all outputs. A node goes left where x[feature] < threshold (less_or_equal:
/// <=), or where x is of a set of categories (splits_by_category). Nodes: those of all trees, leaves among them; Depth: levels of
/// splits of the deepest. Links (sigmoid, softmax, exponential) are layers after it. Parameters: see forest_parameters.
/// Floating point: thresholds have the input's scalar, as the trainer compared them. Fixed point: weights<> is the scalar of thresholds,
/// compared exactly; bias<> that of leaves and base; accumulator<>: each leaf is cast to it, the sum wraps, else it is exact; result<>.
/// Options: a name, parameters_of<>, less_or_equal, missing_by_direction, splits_by_category<>, vector_leaves, and these.
/// Shallow trees are complete ones to a target, as many in a register as that has lanes, 16 events or wires; deep ones are traversed, 8 at a
/// time.
template <std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs, class... Options>
struct forest {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "forest";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::bias, option_kind::accumulator,
                                            option_kind::result};
    static constexpr bool pointwise = false;
    /// Whether its options have less_or_equal, missing_by_direction.
    /// @{
    static constexpr bool or_equal = detail::has_option<less_or_equal, Options...>;
    static constexpr bool missing = detail::has_option<missing_by_direction, Options...>;
    /// @}

    template <class Input>
    static constexpr auto judge() {
        using scalar = typename Input::scalar;
        using vector = number_vector_verdict<Input>;
        if constexpr (!std::is_same_v<vector, accepted>) {
            return vector{};
        } else {
            using shape_of = detail::forest_shape<detail::forest_types<scalar, 1>, Trees, Nodes, Depth, Outputs, Options...>;
            constexpr std::size_t least = shape_of::vector_leaves ? 1 : Outputs;
            constexpr bool halves = !shape_of::leaves_apart || (Trees + Nodes) % 2 == 0;
            if constexpr (Trees == 0 || Outputs == 0 || Trees < least || Nodes < Trees || !halves) {
                return refused<expects_trees, got<shape<Trees, Nodes, Depth, Outputs>>>{};
            } else if constexpr (detail::stands_for_others<scalar> && Depth > detail::complete_levels) {
                return refused<expects_levels<detail::complete_levels>, got<shape<Trees, Nodes, Depth, Outputs>>>{};
            } else if constexpr (is_fixed_point<scalar>) {
                return judge_fixed_point<scalar>();
            } else {
                return accepted{};
            }
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        static constexpr std::size_t n = Input::size;
        static constexpr std::size_t terms =
            detail::has_option<vector_leaves, Options...> ? Trees : (Trees + Outputs - 1) / Outputs;
        using types = detail::forest_types<scalar, terms, Options...>;
        using shape_of = detail::forest_shape<types, Trees, Nodes, Depth, Outputs, Options...>;
        using output = tensor<typename types::result, shape<Outputs>>;
        using parameters = forest_parameters<typename types::threshold, typename types::bias, Trees, Nodes, Outputs, missing,
                                             shape_of::tests, shape_of::words, shape_of::leaf_width>;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = (missing ? 4 : 3) * Nodes + Trees + Outputs + 2 * shape_of::tests +
                                                       shape_of::words +
                                                       detail::leaves_of(Trees, Nodes) * shape_of::leaf_width;

        /// A batch runs with an event in each lane where that compares the same nodes without sums over lanes.
        template <class Target>
        static constexpr std::size_t computed_multiplications =
            Depth <= detail::complete_levels&& detail::register_size<typename Target::isa> >= 32 ? Nodes : 0;

        template <class Target>
        using trees = typename decltype(detail::choose_trees<forest, Target, scalar, n, shape_of>())::type;
        template <class Target>
        using constants = typename trees<Target>::constants;

        /// Trees that are none (see first_bad_tree) give whatever they give; nothing outside of the constants is read.
        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            return trees<Target>::repack(p);
        }
        /// What is wrong with numbers that come from a file, or nullptr.
        static constexpr const char* fault(const parameters& p) {
            if (detail::first_bad_tree<Depth, n, shape_of::tests>(p) != Trees) {
                return "holds no trees of that depth over these features, depth first";
            }
            if constexpr (shape_of::tests > 0) {
                for (std::size_t t = 0; t < shape_of::tests; ++t) {
                    if (!detail::are_tests(p, t, n, shape_of::words)) {
                        return "asks for a feature or a set of categories that is not there";
                    }
                }
            }
            return nullptr;
        }

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            trees<Target>::forward(c, x, sink);
        }
    };

private:
    template <class Scalar>
    static constexpr auto judge_fixed_point() {
        using sum = option_of<accumulator, void, Options...>;
        if constexpr (detail::category_sizes<Options...>::tests > 0) {
            return refused<expects_float, got<Scalar>>{};
        } else if constexpr (!detail::is_basic_fixed<lane_of<Scalar>>) {
            return refused<expects_fixed_point, got<Scalar>>{};
        } else if constexpr (!sums_in_any_order<sum>) {
            return refused<expects_wrapping_accumulator, got<sum>>{};
        } else {
            return accepted{};
        }
    }
};

}  // namespace kaon
