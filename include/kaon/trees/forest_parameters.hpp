// forest_parameters.hpp: trees as they are stored, and the walk that every other form is made by.
#pragma once

#include "../core/loop.hpp"
#include "../core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// The arrays of a forest, each with its name in files. Nodes lie depth first: the left child of a node is the next one, its left
/// branch ends where its right child begins, and a tree ends where the next one begins.
/// @{

/// The first node of each tree, in increasing order.
template <std::size_t Trees>
struct tree_roots {
    static constexpr std::size_t trees = Trees;
    std::int32_t roots[Trees];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("roots", p.roots);
    }
};
/// Which feature a node compares; -1: it is a leaf; -2, -3, ...: it asks test by category 0, 1, ...
template <std::size_t Nodes>
struct node_features {
    static constexpr std::size_t nodes = Nodes;
    std::int32_t features[Nodes];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("features", p.features);
    }
};
/// The right child; 0 of a leaf.
template <std::size_t Nodes>
struct node_children {
    std::int32_t right[Nodes];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("right", p.right);
    }
};
/// 1 where a missing value goes left, else 0.
template <std::size_t Nodes>
struct node_directions {
    std::int32_t missing_left[Nodes];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("missing_left", p.missing_left);
    }
};
/// For each test by category its feature.
template <std::size_t Tests>
struct features_of_tests {
    std::int32_t test_features[Tests];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("test_features", p.test_features);
    }
};
/// For each test where its set begins.
template <std::size_t Tests>
struct sets_of_tests {
    std::int32_t test_sets[Tests];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("test_sets", p.test_sets);
    }
};
/// Sets of categories: how many words of 32 bits follow, then those, the lowest category in the lowest bit of the first.
template <std::size_t Words>
struct category_sets {
    static constexpr std::size_t words = Words;
    std::int32_t sets[Words];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("sets", p.sets);
    }
};
/// Thresholds; of leaves what they add, where they have no array of their own.
template <class Threshold, std::size_t Nodes>
struct node_values {
    Threshold values[Nodes];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("values", p.values);
    }
};
/// What leaves add, in the order of the nodes: one number, or one for each output.
template <class Leaf, std::size_t Leaves, std::size_t Width>
struct leaf_rows {
    Leaf leaves[Leaves][Width];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("leaves", p.leaves);
    }
};
/// What each output starts from.
template <class Leaf, std::size_t Outputs>
struct output_base {
    Leaf base[Outputs];
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        f("base", p.base);
    }
};
/// @}

template <class... Arrays>
struct forest_arrays : Arrays... {
    template <class P, class F>
    static constexpr void each(P& p, F f) {
        (Arrays::each(p, f), ...);
    }
};
template <class... Arrays>
auto as_forest_arrays(types<Arrays...>) -> forest_arrays<Arrays...>;

template <bool Present, class Array>
using array_if = std::conditional_t<Present, types<Array>, types<>>;

/// Leaves of full binary trees.
constexpr std::size_t leaves_of(std::size_t trees, std::size_t nodes) { return (trees + nodes) / 2; }

}  // namespace detail

/// Parameters of a forest. Width: of leaves that have an array of their own; 0: they have none. Tests, Words: as splits_by_category.
template <class Threshold, class Leaf, std::size_t Trees, std::size_t Nodes, std::size_t Outputs, bool Missing,
          std::size_t Tests, std::size_t Words, std::size_t Width>
using forest_parameters = decltype(detail::as_forest_arrays(
    types<detail::tree_roots<Trees>, detail::node_features<Nodes>, detail::node_children<Nodes>>{} +
    detail::array_if<Missing, detail::node_directions<Nodes>>{} +
    detail::array_if<(Tests > 0), detail::features_of_tests<Tests>>{} +
    detail::array_if<(Tests > 0), detail::sets_of_tests<Tests>>{} +
    detail::array_if<(Tests > 0), detail::category_sets<Words>>{} + types<detail::node_values<Threshold, Nodes>>{} +
    detail::array_if<(Width > 0), detail::leaf_rows<Leaf, detail::leaves_of(Trees, Nodes), Width>>{} +
    types<detail::output_base<Leaf, Outputs>>{}));

namespace detail {

/// Where a walk stands: the node, how far below the root, and its place in a complete tree: the root's is 1, the children of p
/// are 2 p and 2 p + 1.
struct tree_position {
    std::size_t node;
    std::size_t depth;
    std::size_t place;
};

/// visit(position, whether it is a leaf) for every node of a tree in order. False, and the walk ends there, where the numbers are no
/// tree of at most Depth levels below the root over so many features and tests; nothing outside of the arrays is read.
template <std::size_t Depth, class Parameters, class Visit>
[[gnu::always_inline]] constexpr bool walk_tree(const Parameters& p, std::size_t tree, std::size_t feature_count,
                                                std::size_t test_count, Visit visit) {
    const auto nodes = std::int64_t(p.nodes), features = std::int64_t(feature_count), tests = std::int64_t(test_count);
    const std::int64_t begin = p.roots[tree];
    const std::int64_t end = tree + 1 < p.trees ? p.roots[tree + 1] : nodes;
    if (begin < 0 || begin >= end || end > nodes) return false;
    // Right children that are still to come: one for each level above.
    tree_position pending[Depth + 1]{};
    std::size_t open = 0;
    tree_position at{std::size_t(begin), 0, 1};
    while (true) {
        const std::int32_t feature = p.features[at.node];
        const bool leaf = feature == -1;
        if (!leaf) {
            const std::int64_t right = p.right[at.node];
            const bool inside = right > std::int64_t(at.node) + 1 && right < end;
            if (feature < -1 - tests || feature >= features || at.depth == Depth || !inside) return false;
            pending[open++] = {std::size_t(right), at.depth + 1, 2 * at.place + 1};
        }
        visit(at, leaf);
        const std::size_t next = at.node + 1;
        if (!leaf) {
            at = {next, at.depth + 1, 2 * at.place};
        } else if (open == 0) {
            return std::int64_t(next) == end;
        } else {
            at = pending[--open];
            if (at.node != next) return false;
        }
    }
}

/// The number of the first tree that is none, the number of trees where all are: what a file says is not to be trusted.
/// @{
template <std::size_t Depth, class Parameters>
[[gnu::always_inline]] constexpr std::size_t first_bad_tree(const Parameters& p, std::size_t features, std::size_t tests) {
    if (p.roots[0] != 0) return 0;
    for (std::size_t tree = 0; tree < p.trees; ++tree) {
        if (!walk_tree<Depth>(p, tree, features, tests, [](const tree_position&, bool) {})) return tree;
    }
    return p.trees;
}
template <std::size_t Depth, std::size_t Features, std::size_t Tests = 0, class Parameters>
[[gnu::always_inline]] constexpr std::size_t first_bad_tree(const Parameters& p) {
    return first_bad_tree<Depth>(p, Features, Tests);
}
/// @}

/// A node's feature among those that are read: the features, then tests, the first of them number `first_test`; where one that is missing
/// goes left or right there are two of each, see event_features: those that go right begin at `second`.
template <class Parameters, class Second>
[[gnu::always_inline]] constexpr std::int32_t feature_of(const Parameters& p, std::size_t node, std::size_t first_test,
                                                         Second second) {
    const std::int32_t own = p.features[node] < -1 ? std::int32_t(first_test) - 2 - p.features[node] : p.features[node];
    if constexpr (std::is_same_v<Second, constant<0>>) {
        return own;
    } else {
        return own + (p.missing_left[node] != 0 ? 0 : std::int32_t(second));
    }
}

/// Counts leaves in the order of the nodes, through all trees; numbers that are no trees never count beyond.
struct leaf_counter {
    template <class Parameters>
    constexpr explicit leaf_counter(const Parameters& p) : leaves(leaves_of(p.trees, p.nodes)) {}
    std::size_t leaves;
    std::size_t seen = 0;
    constexpr std::size_t next() { return seen < leaves ? seen++ : leaves - 1; }
};

}  // namespace detail
}  // namespace kaon
