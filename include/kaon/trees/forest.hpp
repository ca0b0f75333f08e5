// forest.hpp: boosted and bagged decision trees.
#pragma once

#include "complete_trees.hpp"
#include "forest_parameters.hpp"
#include "split.hpp"
#include "traversed_trees.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../layers/vector_input.hpp"
#include "../simd/lane_table.hpp"
#include "../simd/target.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// A forest has at least a tree an output and a node a tree.
struct expects_trees;

namespace detail {

/// Levels up to which every node of a tree is compared: beyond, those that an event does not pass would outweigh the others.
inline constexpr std::size_t complete_levels = 6;

/// Whether trees are evaluated as complete ones: shallow, in packs of trees whose features are picked out of registers, or in packs
/// of events, or as wires. docs/forests.md has the measurements.
template <class Target, class T, std::size_t N, std::size_t Trees, std::size_t Depth, bool Missing>
constexpr bool compares_all_nodes() {
    using A = arithmetic<Target, T, Trees>;
    return Depth <= complete_levels &&
           (!std::is_floating_point_v<T> || Target::unrolled || picks_in_registers<A, read_features<A, N, Missing>>);
}

}  // namespace detail

/// What `Trees` decision trees over a vector say, summed: [n] -> [Outputs]. Tree t adds a leaf's number to output t % Outputs, which
/// starts from base. A node goes left where x[feature] < threshold (less_or_equal: <=). Nodes: those of all trees, leaves among them;
/// Depth: levels of splits of the deepest. Links (sigmoid, softmax, exponential) are layers after it. Parameters: see
/// forest_parameters; thresholds have the input's scalar, float or double, as the trainer compared them. Options: a name,
/// parameters_of<>, less_or_equal, missing_by_direction.
/// Shallow trees are complete ones to a target, 16 in a register or 16 events; deep ones are traversed, 8 at a time.
template <std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs, class... Options>
struct forest {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "forest";
    static constexpr bool pointwise = false;
    /// Whether its options have less_or_equal, missing_by_direction.
    /// @{
    static constexpr bool or_equal = detail::has_option<less_or_equal, Options...>;
    static constexpr bool missing = detail::has_option<missing_by_direction, Options...>;
    /// @}

    template <class Input>
    static constexpr auto judge() {
        using vector = float_vector_verdict<Input>;
        if constexpr (!std::is_same_v<vector, accepted>) {
            return vector{};
        } else if constexpr (Trees == 0 || Outputs == 0 || Trees < Outputs || Nodes < Trees) {
            return refused<expects_trees, got<shape<Trees, Nodes, Depth, Outputs>>>{};
        } else if constexpr (!std::is_floating_point_v<typename Input::scalar> && Depth > detail::complete_levels) {
            return refused<expects_float, got<typename Input::scalar>>{};
        } else {
            return accepted{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using number = lane_of<scalar>;
        static constexpr std::size_t n = Input::size;
        using output = tensor<scalar, shape<Outputs>>;
        using parameters = forest_parameters<number, Trees, Nodes, Outputs, missing>;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = (missing ? 4 : 3) * Nodes + Trees + Outputs;

        /// A batch runs with an event in each lane where that compares the same nodes without sums over lanes.
        template <class Target>
        static constexpr std::size_t computed_multiplications =
            Depth <= detail::complete_levels&& detail::register_size<typename Target::isa> >= 32 ? Nodes : 0;

        template <class Target>
        using trees = std::conditional_t<
            detail::compares_all_nodes<Target, scalar, n, (Trees + Outputs - 1) / Outputs, Depth, missing>(),
            detail::complete_trees<Target, scalar, n, Trees, Depth, Outputs, or_equal, missing>,
            detail::traversed_trees<Target, scalar, n, Trees, Nodes, Depth, Outputs, or_equal, missing>>;
        template <class Target>
        using constants = typename trees<Target>::constants;

        /// Trees that are none (see first_bad_tree) give whatever they give; nothing outside of the constants is read.
        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            return trees<Target>::repack(p);
        }
        /// What is wrong with numbers that come from a file, or nullptr.
        static constexpr const char* fault(const parameters& p) {
            return detail::first_bad_tree<Depth, n>(p) == Trees
                       ? nullptr
                       : "holds no trees of that depth over these features, depth first";
        }

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            trees<Target>::forward(c, x, sink);
        }
    };
};

}  // namespace kaon
