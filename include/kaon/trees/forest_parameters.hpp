// forest_parameters.hpp: trees as they are stored, and the walk that every other form is made by.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kaon {

/// Parameters of a forest. Nodes lie depth first: the left child of a node is the next one, its left branch ends where its right
/// child begins, and a tree ends where the next one begins.
template <class Scalar, std::size_t Trees, std::size_t Nodes, std::size_t Outputs, bool Missing>
struct forest_parameters {
    /// The first node of each tree, in increasing order.
    std::int32_t roots[Trees];
    /// Which feature a node compares; -1: it is a leaf.
    std::int32_t features[Nodes];
    /// The right child; 0 of a leaf.
    std::int32_t right[Nodes];
    /// Thresholds, and of leaves what they add.
    Scalar values[Nodes];
    /// What each output starts from.
    Scalar base[Outputs];

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("roots", p.roots);
        f("features", p.features);
        f("right", p.right);
        f("values", p.values);
        f("base", p.base);
    }
};
template <class Scalar, std::size_t Trees, std::size_t Nodes, std::size_t Outputs>
struct forest_parameters<Scalar, Trees, Nodes, Outputs, true> {
    std::int32_t roots[Trees];
    std::int32_t features[Nodes];
    std::int32_t right[Nodes];
    /// 1 where a missing value goes left, else 0.
    std::int32_t missing_left[Nodes];
    Scalar values[Nodes];
    Scalar base[Outputs];

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("roots", p.roots);
        f("features", p.features);
        f("right", p.right);
        f("missing_left", p.missing_left);
        f("values", p.values);
        f("base", p.base);
    }
};

namespace detail {

/// Where a walk stands: the node, how far below the root, and its place in a complete tree: the root's is 1, the children of p
/// are 2 p and 2 p + 1.
struct tree_position {
    std::size_t node;
    std::size_t depth;
    std::size_t place;
};

/// visit(position, whether it is a leaf) for every node of a tree in order. False, and the walk ends there, where the numbers are no
/// tree of at most Depth levels below the root over `Features` features; nothing outside of the arrays is read.
template <std::size_t Depth, std::size_t Features, class Scalar, std::size_t Trees, std::size_t Nodes, std::size_t Outputs,
          bool Missing, class Visit>
[[gnu::always_inline]] constexpr bool walk_tree(const forest_parameters<Scalar, Trees, Nodes, Outputs, Missing>& p,
                                                std::size_t tree, Visit visit) {
    constexpr std::int64_t nodes = Nodes, features = Features;
    const std::int64_t begin = p.roots[tree];
    const std::int64_t end = tree + 1 < Trees ? p.roots[tree + 1] : nodes;
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
            if (feature < 0 || feature >= features || at.depth == Depth || !inside) return false;
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

/// The number of the first tree that is none, Trees where all are: what a file says is not to be trusted.
template <std::size_t Depth, std::size_t Features, class Scalar, std::size_t Trees, std::size_t Nodes, std::size_t Outputs,
          bool Missing>
[[gnu::always_inline]] constexpr std::size_t first_bad_tree(
    const forest_parameters<Scalar, Trees, Nodes, Outputs, Missing>& p) {
    if (p.roots[0] != 0) return 0;
    for (std::size_t tree = 0; tree < Trees; ++tree) {
        if (!walk_tree<Depth, Features>(p, tree, [](const tree_position&, bool) {})) return tree;
    }
    return Trees;
}

/// A node's feature, where one that is missing goes left or right: there are two of each then, see features_of_event.
template <std::size_t RightDefaults, class Parameters>
[[gnu::always_inline]] constexpr std::int32_t feature_of(const Parameters& p, std::size_t node) {
    if constexpr (RightDefaults == 0) {
        return p.features[node];
    } else {
        return p.features[node] + (p.missing_left[node] != 0 ? 0 : std::int32_t(RightDefaults));
    }
}

}  // namespace detail
}  // namespace kaon
