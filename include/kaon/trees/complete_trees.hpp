// complete_trees.hpp: shallow trees: every node is compared, and what the comparisons say chooses among all leaves. As many
// trees as a pack has lanes move together; nothing branches on data.
#pragma once

#include "category_tests.hpp"
#include "event_features.hpp"
#include "forest_parameters.hpp"

#include "../core/loop.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../layers/pass.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

/// As the nest reads them: for each group of trees, node by node, a number a lane. Branches that end early have their leaf in all
/// leaves below.
template <class Arrays, class Sizes, class Number, class Index, class Categories, std::size_t Groups, std::size_t LeafGroups,
          std::size_t Levels, std::size_t Lanes, std::size_t Outputs>
struct complete_constants : Sizes {
    static constexpr std::size_t inner = (std::size_t{1} << Levels) - 1;
    template <class T, std::size_t N>
    using array = typename Arrays::template array<T, N>;
    alignas(register_bytes) array<Number[inner][Lanes], Groups> thresholds;
    // Numbers of features, which are no member of the sizes.
    alignas(register_bytes) array<Index[inner][Lanes], Groups> read;
    alignas(register_bytes) array<Number[inner + 1][Lanes], LeafGroups> leaves;
    array<Number, Outputs> base;
    Categories categories;
};

/// Where what a node's test says is between: 0 goes left, 1 right.
inline constexpr double test_threshold = 0.5;

/// Shape: of the forest, see forest.hpp. Tree t adds to output t % Outputs; leaves that are vectors add to all.
template <class Target, class T, std::size_t N, class Shape>
struct complete_trees {
    using number = lane_of<T>;
    static constexpr std::size_t outputs = Shape::outputs;
    static constexpr std::size_t trees_a_sum = Shape::trees_a_sum;
    using A = arithmetic<Target, T, trees_a_sum>;
    using value = typename A::value;
    using features = event_features<A, T, N, Shape::tests, Shape::missing>;
    /// Groups of trees of one sum.
    static constexpr std::size_t groups = (trees_a_sum + A::lanes - 1) / A::lanes;
    using sizes = typename Shape::template sizes<N, groups>;
    static constexpr std::size_t levels = Shape::depth == 0 ? 1 : Shape::depth;
    /// Of a feature: small, for the constants of a forest soon exceed the nearest cache.
    using index = std::conditional_t<read_features<A, N + Shape::tests, Shape::missing> <= 256, std::uint8_t, std::int32_t>;
    using categories = category_constants<number, Shape::tests, Shape::words, typename Shape::arrays>;
    using constants =
        complete_constants<typename Shape::arrays, sizes, number, index, categories,
                           (Shape::vector_leaves ? 1 : outputs) * groups, outputs * groups, levels, A::lanes, outputs>;
    static constexpr std::size_t inner = constants::inner;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        c.set(p, A::lanes);
        const std::size_t sums = c.outputs(), a_sum = c.groups(), node_groups = Shape::vector_leaves ? a_sum : sums * a_sum;
        set_size(c.thresholds, node_groups);
        set_size(c.read, node_groups);
        set_size(c.leaves, sums * a_sum);
        set_size(c.base, sums);
        if constexpr (Shape::has_tests) keep_tests(c.categories, p, c.features(), c.tests(), p.words);
        for (std::size_t o = 0; o < sums; ++o) c.base[o] = p.base[o];
        [[maybe_unused]] leaf_counter leaves(p);
        for (std::size_t tree = 0; tree < p.trees; ++tree) {
            const std::size_t in_sum = Shape::vector_leaves ? tree : tree / sums, lane = in_sum % A::lanes;
            const std::size_t group = (Shape::vector_leaves ? 0 : tree % sums * a_sum) + in_sum / A::lanes;
            walk_tree<Shape::depth>(p, tree, c.features(), c.tests(), [&](const tree_position& at, bool leaf) {
                if (!leaf) {
                    const bool test = p.features[at.node] < -1;
                    c.thresholds[group][at.place - 1][lane] = test ? number(test_threshold) : p.values[at.node];
                    c.read[group][at.place - 1][lane] =
                        static_cast<index>(feature_of<features::right>(p, at.node, c.features()));
                    return;
                }
                const std::size_t below = std::size_t{1} << (levels - at.depth), first = at.place * below - inner - 1;
                if constexpr (Shape::vector_leaves) {
                    const auto& row = p.leaves[leaves.next()];
                    for (std::size_t i = 0; i < below; ++i) {
                        for (std::size_t o = 0; o < sums; ++o) c.leaves[o * a_sum + group][first + i][lane] = row[o];
                    }
                } else {
                    for (std::size_t i = 0; i < below; ++i) c.leaves[group][first + i][lane] = p.values[at.node];
                }
            });
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            features event;
            event.template read<Target>(x, r, c.features());
            if constexpr (Shape::has_tests) {
                event.template ask<Target, Shape::or_equal>(c.categories, x, r, c.features(), c.tests());
            }
            if constexpr (Shape::vector_leaves) {
                value totals[outputs];
                sum_vectors(c, event, totals);
                store_sums(
                    c, r, sink, [&](std::size_t o) __attribute__((always_inline)) { return totals[o]; });
            } else {
                store_sums(
                    c, r, sink, [&](std::size_t o) __attribute__((always_inline)) { return sum(c, event, o); });
            }
        });
    }

private:
    template <class Sink, class Sum>
    [[gnu::always_inline]] static void store_sums(const constants& c, std::size_t r, const Sink& sink, Sum sum) noexcept {
        if constexpr (outputs == 1 || A::lanes == 1 || !sizes::are_known) {
            repeat<Target>(
                c.outputs(), [&](std::size_t o)
                                 __attribute__((always_inline)) { sink(r, o, A::sum_of_lanes(sum(o)) + value(c.base[o])); });
        } else {
            using output = tensor<T, shape<outputs>>;
            output joined;
            repeat<Target, outputs>([&](std::size_t o) __attribute__((always_inline)) {
                joined.values[o] = A::sum_of_lanes(sum(o))[0] + c.base[o];
            });
            pass<output>::template forward<Target>(
                tensor_rows<output, 1>{&joined}, [&](auto, auto first, const auto& v)
                                                     __attribute__((always_inline)) { sink(r, first, v); });
        }
    }

    /// Lane by lane, over the groups of an output.
    [[gnu::always_inline]] static value sum(const constants& c, const features& event, std::size_t output) noexcept {
        value total(number(0));
        repeat<Target>(
            c.groups(), [&](std::size_t g) __attribute__((always_inline)) {
                total = total + branch<0>(c, event, output * c.groups() + g);
            });
        return total;
    }

    /// What the branch from a node of a complete tree on gives, in every lane that of its tree.
    template <std::size_t Node>
    [[gnu::always_inline]] static value branch(const constants& c, const features& event, std::size_t group) noexcept {
        if constexpr (Node >= inner) {
            return load(c.leaves[group][Node - inner]);
        } else {
            const value x = event.table.pick(c.read[group][Node]), threshold = load(c.thresholds[group][Node]);
            const value left = branch<2 * Node + 1>(c, event, group), right = branch<2 * Node + 2>(c, event, group);
            if constexpr (Shape::or_equal) {
                return select(less(threshold, x), right, left);
            } else {
                return select(less(x, threshold), left, right);
            }
        }
    }

    /// All outputs, with one comparison a node.
    [[gnu::always_inline]] static void sum_vectors(const constants& c, const features& event, value* totals) noexcept {
        using mask = decltype(less(value(number(0)), value(number(0))));
        repeat<Target>(
            c.outputs(), [&](std::size_t o) __attribute__((always_inline)) { totals[o] = value(number(0)); });
        repeat<Target>(
            c.groups(), [&](std::size_t g) __attribute__((always_inline)) {
                mask compared[inner];
                repeat<Target, inner>([&](std::size_t n) __attribute__((always_inline)) {
                    const value x = event.table.pick(c.read[g][n]), threshold = load(c.thresholds[g][n]);
                    compared[n] = Shape::or_equal ? less(threshold, x) : less(x, threshold);
                });
                repeat<Target>(
                    c.outputs(), [&](std::size_t o) __attribute__((always_inline)) {
                        totals[o] = totals[o] + chosen<0>(c.leaves[o * c.groups() + g], compared);
                    });
            });
    }
    template <std::size_t Node, class Leaves, class Mask>
    [[gnu::always_inline]] static value chosen(const Leaves& leaves, const Mask* compared) noexcept {
        if constexpr (Node >= inner) {
            return load(leaves[Node - inner]);
        } else {
            const value left = chosen<2 * Node + 1>(leaves, compared), right = chosen<2 * Node + 2>(leaves, compared);
            return Shape::or_equal ? select(compared[Node], right, left) : select(compared[Node], left, right);
        }
    }

    /// Packs of events share one number.
    [[gnu::always_inline]] static value load(const number* p) noexcept {
        if constexpr (std::is_same_v<number, T>) {
            return A::load(p);
        } else {
            return value(*p);
        }
    }
};

}  // namespace kaon::detail
