// traversed_trees.hpp: deep or ragged trees: one node after the other, several trees at a time. A leaf is its own child, so that
// trees of different depths move together and nothing branches on data.
#pragma once

#include "category_tests.hpp"
#include "event_features.hpp"
#include "forest_parameters.hpp"
#include "threshold.hpp"

#include "../core/loop.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../layers/pass.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

template <class Number>
struct traversed_node {
    /// Of a leaf, what it adds, where that is a single number of the same scalar.
    Number threshold;
    /// Of a leaf whose number lies elsewhere, there it does.
    std::int32_t feature;
    /// Where not x < threshold, and where it is; with `<=` where not threshold < x, which is the left one, and where it is.
    std::int32_t next[2];
};

/// After the last node and the last leaf one of zero, for groups that are not full.
template <class Arrays, class Sizes, class Number, class Leaf, class Categories, std::size_t Groups, std::size_t Ways,
          std::size_t Nodes, std::size_t Outputs>
struct traversed_constants : Sizes {
    template <class T, std::size_t N>
    using array = typename Arrays::template array<T, N>;
    alignas(register_bytes) array<traversed_node<Number>, Nodes + 1> nodes;
    array<std::int32_t[Ways], Groups> roots;
    /// Levels of the deepest tree of a group.
    array<std::int32_t, Groups> steps;
    array<Leaf, Outputs> base;
    Categories categories;
};

/// Leaves that have an array of their own.
template <class Arrays, class Leaf, std::size_t Nodes, std::size_t Leaves, std::size_t Width>
struct leaf_constants {
    /// Of a node that is a leaf.
    typename Arrays::template array<std::int32_t, Nodes + 1> leaf_numbers;
    typename Arrays::template rows<Leaf, Leaves + 1, Width> leaves;
};

template <class Trees, class Leaves>
struct with_leaves : Trees, Leaves {};

/// Shape: of the forest, see forest.hpp. Tree t adds to output t % Outputs; leaves that are vectors add to all.
template <class Target, class T, std::size_t N, class Shape>
struct traversed_trees {
    /// Trees at a time: a step takes about 20 cycles from load to load, and 8 of them fill these.
    static constexpr std::size_t ways = 8;
    static constexpr std::size_t outputs = Shape::outputs;
    /// Groups hold trees of one sum.
    static constexpr std::size_t groups_a_sum = (Shape::trees_a_sum + ways - 1) / ways;
    using types = typename Shape::types;
    using leaf = typename types::leaf;
    using sum_type = typename types::sum;
    using A = arithmetic<Target, T, N>;
    /// Tests are asked where a node asks them; behind the features, two of each where values may be missing.
    static constexpr std::size_t right = right_defaults<A, N, Shape::missing>;
    static constexpr std::size_t first_test = read_features<A, N, Shape::missing>;
    using sizes = typename Shape::template sizes<N, groups_a_sum, right>;
    using categories = category_constants<T, Shape::tests, Shape::words, typename Shape::arrays>;
    using tree_constants =
        traversed_constants<typename Shape::arrays, sizes, T, leaf, categories,
                            (Shape::vector_leaves ? 1 : outputs) * groups_a_sum, ways, Shape::nodes, outputs>;
    using constants = std::conditional_t<
        (Shape::leaf_width > 0),
        with_leaves<tree_constants, leaf_constants<typename Shape::arrays, leaf, Shape::nodes,
                                                   leaves_of(Shape::trees, Shape::nodes), Shape::leaf_width>>,
        tree_constants>;
    using output = tensor<typename types::result, shape<outputs>>;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        c.set(p, ways);
        const std::size_t nodes = p.nodes, sums = sums_of(c), groups = sums * c.groups();
        set_size(c.nodes, nodes + 1);
        set_size(c.roots, groups);
        set_size(c.steps, groups);
        set_size(c.base, c.outputs());
        if constexpr (Shape::has_tests) keep_tests(c.categories, p, c.features(), c.tests(), p.words);
        for (std::size_t o = 0; o < c.outputs(); ++o) c.base[o] = leaf(p.base[o]);
        for (std::size_t g = 0; g < groups; ++g) {
            for (auto& root : c.roots[g]) root = std::int32_t(nodes);
        }
        c.nodes[nodes] = {T(0), 0, {std::int32_t(nodes), std::int32_t(nodes)}};
        [[maybe_unused]] leaf_counter counter(p);
        if constexpr (Shape::leaf_width > 0) {
            const std::size_t width = Shape::vector_leaves ? std::size_t(c.outputs()) : 1;
            set_size(c.leaf_numbers, nodes + 1);
            set_size(c.leaves, counter.leaves + 1, width);
            c.leaf_numbers[nodes] = std::int32_t(counter.leaves);
            for (std::size_t l = 0; l < counter.leaves; ++l) {
                for (std::size_t k = 0; k < width; ++k) c.leaves[l][k] = leaf(p.leaves[l][k]);
            }
            for (std::size_t k = 0; k < width; ++k) c.leaves[counter.leaves][k] = leaf(0);
        }
        for (std::size_t tree = 0; tree < p.trees; ++tree) {
            const std::size_t in_sum = tree / sums, group = tree % sums * c.groups() + in_sum / ways;
            const bool whole =
                walk_tree<Shape::depth>(p, tree, c.features(), c.tests(), [&](const tree_position& at, bool is_leaf) {
                    const auto here = std::int32_t(at.node);
                    if (is_leaf) {
                        c.nodes[at.node] = {T(p.values[at.node]), 0, {here, here}};
                        if constexpr (Shape::leaf_width > 0) c.leaf_numbers[at.node] = std::int32_t(counter.next());
                    } else {
                        c.nodes[at.node] = split(p, at.node);
                    }
                    if (std::int32_t(at.depth) > c.steps[group]) c.steps[group] = std::int32_t(at.depth);
                });
            if (whole) c.roots[group][in_sum % ways] = p.roots[tree];
        }
        return c;
    }

    /// A group of trees takes all events of a block before the next one is fetched; each sum is that of one event alone.
    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        constexpr std::size_t rows = Source::rows;
        event_features<A, T, N, 0, Shape::missing> events[rows];
        repeat<Target, rows>([&](std::size_t r) __attribute__((always_inline)) {
            events[r].template read<Target>(x, r, c.features(), constant<right>{});
        });
        output results[rows];
        if constexpr (Shape::vector_leaves) {
            sum_type totals[rows][outputs];
            for (auto& row : totals) {
                for (std::size_t o = 0; o < c.outputs(); ++o) row[o] = sum_type(c.base[o]);
            }
            for (std::size_t g = 0; g < c.groups(); ++g) {
                for (std::size_t r = 0; r < rows; ++r) add_group(c, events[r].table.values(), g, totals[r]);
            }
            for (std::size_t r = 0; r < rows; ++r) {
                for (std::size_t o = 0; o < c.outputs(); ++o) {
                    results[r].values[o] = quantized<typename types::result>(totals[r][o]);
                }
            }
        } else {
            repeat<Target>(
                c.outputs(), [&](std::size_t o) __attribute__((always_inline)) {
                    sum_type totals[rows];
                    for (auto& total : totals) total = sum_type(0);
                    for (std::size_t g = o * c.groups(); g < (o + 1) * c.groups(); ++g) {
                        for (std::size_t r = 0; r < rows; ++r) {
                            totals[r] = sum_type(totals[r] + group_sum(c, events[r].table.values(), g));
                        }
                    }
                    for (std::size_t r = 0; r < rows; ++r) {
                        results[r].values[o] = quantized<typename types::result>(sum_type(totals[r] + c.base[o]));
                    }
                });
        }
        if constexpr (sizes::are_known) {
            pass<output>::template forward<Target>(
                tensor_rows<output, rows>{results}, [&](auto r, auto first, const auto& v)
                                                        __attribute__((always_inline)) { sink(r, first, v); });
        } else {
            for (std::size_t r = 0; r < rows; ++r) {
                for (std::size_t o = 0; o < c.outputs(); ++o) sink(r, o, results[r].values[o]);
            }
        }
    }

private:
    using numbers = std::int32_t[ways];

    static constexpr std::size_t sums_of(const constants& c) {
        return Shape::vector_leaves ? std::size_t(1) : std::size_t(c.outputs());
    }

    template <class Parameters>
    static constexpr traversed_node<T> split(const Parameters& p, std::size_t node) {
        const auto left = std::int32_t(node + 1), right_child = p.right[node];
        if constexpr (types::is_fixed) {
            const auto s = split_of<T>(p.values[node], Shape::or_equal);
            return {s.limit, p.features[node], {s.always_right ? right_child : left, right_child}};
        } else if (p.features[node] < -1) {
            const std::int32_t test = -2 - p.features[node];
            std::int32_t direction = 0;
            if constexpr (Shape::missing) direction = p.missing_left[node] != 0 ? 1 : 0;
            // What is read is 0 or 1.
            const auto number = std::int32_t(first_test) + 2 * test + direction;
            return {T(0.5), number, {Shape::or_equal ? left : right_child, Shape::or_equal ? right_child : left}};
        } else {
            return {p.values[node],
                    feature_of(p, node, N, constant<right>{}),
                    {Shape::or_equal ? left : right_child, Shape::or_equal ? right_child : left}};
        }
    }

    /// What a node compares: of a test 0, which goes left, or 1.
    [[gnu::always_inline]] static T read(const constants& c, const T* x, std::int32_t feature) noexcept {
        if constexpr (Shape::has_tests) {
            if (feature >= std::int32_t(first_test)) {
                const auto asked = static_cast<std::uint32_t>(feature) - static_cast<std::uint32_t>(first_test);
                const auto own = static_cast<std::size_t>(c.categories.tests[asked / 2].feature);
                // A missing value is the least of all in one copy, the largest in the other.
                if (asked % 2 != 0 && x[own] < x[right + own]) return T(0);
                return in_set<Shape::or_equal>(c.categories, asked / 2, x[own]) ? T(0) : T(1);
            }
        }
        return x[feature];
    }

    /// The leaves of a group's trees.
    [[gnu::always_inline]] static void go(const constants& c, const T* x, std::size_t group, numbers& at) noexcept {
        for_each<ways>([&](auto w) __attribute__((always_inline)) { at[w] = c.roots[group][w]; });
        for (std::int32_t step = c.steps[group]; step > 0; --step) {
            for_each<ways>([&](auto w) __attribute__((always_inline)) {
                const auto& node = c.nodes[at[w]];
                const T feature = read(c, x, node.feature);
                // An address, so that no compiler makes a branch of it.
                constexpr bool by_limit = Shape::or_equal || types::is_fixed;
                at[w] = node.next[std::size_t(by_limit ? less(node.threshold, feature) : less(feature, node.threshold))];
            });
        }
    }

    [[gnu::always_inline]] static sum_type group_sum(const constants& c, const T* x, std::size_t group) noexcept {
        numbers at;
        go(c, x, group, at);
        sum_type sums[ways];
        for_each<ways>([&](auto w) __attribute__((always_inline)) {
            if constexpr (Shape::leaf_width > 0) {
                sums[w] = sum_type(c.leaves[c.leaf_numbers[at[w]]][0]);
            } else {
                sums[w] = c.nodes[at[w]].threshold;
            }
        });
        for (std::size_t rest = ways / 2; rest > 0; rest /= 2) {
            for (std::size_t w = 0; w < rest; ++w) sums[w] = sum_type(sums[w] + sums[w + rest]);
        }
        return sums[0];
    }

    /// To all outputs.
    [[gnu::always_inline]] static void add_group(const constants& c, const T* x, std::size_t group,
                                                 sum_type* totals) noexcept {
        numbers at;
        go(c, x, group, at);
        for_each<ways>([&](auto w) __attribute__((always_inline)) {
            const auto& row = c.leaves[c.leaf_numbers[at[w]]];
            for (std::size_t o = 0; o < c.outputs(); ++o) totals[o] = sum_type(totals[o] + row[o]);
        });
    }
};

}  // namespace kaon::detail
