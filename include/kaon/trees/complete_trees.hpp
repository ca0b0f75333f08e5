// complete_trees.hpp: shallow trees: every node is compared, and what the comparisons say chooses among all leaves. As many
// trees as a pack has lanes move together; nothing branches on data.
#pragma once

#include "category_tests.hpp"
#include "event_features.hpp"
#include "forest_parameters.hpp"
#include "threshold.hpp"

#include "../core/loop.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../layers/pass.hpp"
#include "../simd/comparisons.hpp"
#include "../simd/lane_sums.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

/// As the nest reads them: for each group of trees, node by node, a number a lane. Branches that end early have their leaf in all
/// leaves below.
template <class Arrays, class Sizes, class Number, class Place, class Leaves, class Leaf, class Categories,
          std::size_t Groups, std::size_t LeafGroups, std::size_t Levels, std::size_t Lanes, std::size_t Outputs>
struct complete_constants : Sizes {
    static constexpr std::size_t inner = (std::size_t{1} << Levels) - 1;
    template <class T, std::size_t N>
    using array = typename Arrays::template array<T, N>;
    alignas(register_bytes) array<Number[inner][Lanes], Groups> thresholds;
    // Places of features, which are no member of the sizes.
    alignas(register_bytes) array<Place[inner][Lanes], Groups> read;
    alignas(register_bytes) array<Leaves[inner + 1], LeafGroups> leaves;
    array<Leaf, Outputs> base;
    Categories categories;
};

/// Where what a node's test says is between: 0 goes left, 1 right.
inline constexpr double test_threshold = 0.5;

/// Shape: of the forest, see forest.hpp. Tree t adds to output t % Outputs; leaves that are vectors add to all.
template <class Target, class T, std::size_t N, class Shape>
struct complete_trees {
    using number = lane_of<T>;
    using types = typename Shape::types;
    static constexpr std::size_t outputs = Shape::outputs;
    static constexpr std::size_t trees_a_sum = Shape::trees_a_sum;
    using A = comparisons<Target, T, trees_a_sum>;
    using value = typename A::value;
    using features = event_features<A, T, N, Shape::tests, Shape::missing>;
    using table = typename features::table_type;
    /// Groups of trees of one sum.
    static constexpr std::size_t groups = (trees_a_sum + A::lanes - 1) / A::lanes;
    using sizes = typename Shape::template sizes<N, groups, features::right>;
    static constexpr std::size_t levels = Shape::depth == 0 ? 1 : Shape::depth;
    using leaf = typename types::leaf;
    using S = lane_sums<Target, A, T, leaf, typename types::sum, typename types::result, groups>;
    using categories = category_constants<number, Shape::tests, Shape::words, typename Shape::arrays>;
    using constants =
        complete_constants<typename Shape::arrays, sizes, number, typename table::place, typename S::row, leaf, categories,
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
        for (std::size_t o = 0; o < sums; ++o) c.base[o] = leaf(p.base[o]);
        [[maybe_unused]] leaf_counter counter(p);
        for (std::size_t tree = 0; tree < p.trees; ++tree) {
            const std::size_t in_sum = Shape::vector_leaves ? tree : tree / sums, lane = in_sum % A::lanes;
            const std::size_t group = (Shape::vector_leaves ? 0 : tree % sums * a_sum) + in_sum / A::lanes;
            bool always_right[inner]{};
            walk_tree<Shape::depth>(p, tree, c.features(), c.tests(), [&](const tree_position& at, bool is_leaf) {
                if (!is_leaf) {
                    const std::size_t node = at.place - 1;
                    c.thresholds[group][node][lane] = threshold_of(p, at.node, always_right[node]);
                    c.read[group][node][lane] =
                        table::place_of(static_cast<std::size_t>(feature_of(p, at.node, c.features(), c.second())));
                    return;
                }
                const std::size_t below = std::size_t{1} << (levels - at.depth), first = at.place * below - inner - 1;
                if constexpr (Shape::leaves_apart) {
                    const auto& row = p.leaves[counter.next()];
                    for (std::size_t i = 0; i < below; ++i) {
                        for (std::size_t k = 0; k < width(c); ++k) {
                            S::keep(c.leaves[k * a_sum + group][first + i], lane, leaf(row[k]));
                        }
                    }
                } else {
                    for (std::size_t i = 0; i < below; ++i) S::keep(c.leaves[group][first + i], lane, p.values[at.node]);
                }
            });
            if constexpr (types::is_fixed) {
                copy_right_branches(
                    always_right,
                    [&](std::size_t to, std::size_t from) {
                        c.thresholds[group][to][lane] = c.thresholds[group][from][lane];
                        c.read[group][to][lane] = c.read[group][from][lane];
                    },
                    [&](std::size_t to, std::size_t from) {
                        for (std::size_t k = 0; k < width(c); ++k) {
                            auto& rows = c.leaves[k * a_sum + group];
                            S::copy_lane(rows[to], rows[from], lane);
                        }
                    });
            }
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        constexpr std::size_t at_once = Source::rows % S::events_at_once == 0 ? S::events_at_once : 1;
        repeat<Target, Source::rows / at_once>([&](std::size_t b) __attribute__((always_inline)) {
            features events[at_once];
            for_each<at_once>([&](std::size_t e) __attribute__((always_inline)) {
                events[e].template read<Target>(x, at_once * b + e, c.features(), c.second());
                if constexpr (Shape::has_tests) {
                    events[e].template ask<Target, Shape::or_equal>(c.categories, x, at_once * b + e, c.features(),
                                                                    c.second(), c.tests());
                }
            });
            if constexpr (Shape::vector_leaves) {
                sums<at_once> totals[outputs];
                sum_vectors(c, events, totals);
                store_sums<at_once>(
                    c, at_once * b, sink, [&](std::size_t o) __attribute__((always_inline)) { return totals[o]; });
            } else {
                store_sums<at_once>(
                    c, at_once * b, sink, [&](std::size_t o) __attribute__((always_inline)) { return sum(c, events, o); });
            }
        });
    }

private:
    /// One a event.
    /// @{
    template <std::size_t Events>
    struct sums {
        typename S::sums of[Events];
    };
    template <std::size_t Events>
    struct leaves {
        typename S::value of[Events];
    };
    /// @}

    /// What a node compares with; into `always_right` where in fixed point whatever is compared goes right.
    template <class Parameters>
    static constexpr number threshold_of(const Parameters& p, std::size_t node, [[maybe_unused]] bool& always_right) {
        if constexpr (types::is_fixed) {
            const auto s = split_of<number>(p.values[node], Shape::or_equal);
            always_right = s.always_right;
            return s.limit;
        } else {
            return p.features[node] < -1 ? number(test_threshold) : p.values[node];
        }
    }

    /// Numbers of a leaf.
    static constexpr std::size_t width(const constants& c) { return Shape::vector_leaves ? std::size_t(c.outputs()) : 1; }

    template <std::size_t Events, class Sink, class Sum>
    [[gnu::always_inline]] static void store_sums(const constants& c, std::size_t first, const Sink& sink,
                                                  Sum sum) noexcept {
        if constexpr (outputs == 1 || A::lanes == 1 || !sizes::are_known) {
            repeat<Target>(
                c.outputs(), [&](std::size_t o) __attribute__((always_inline)) {
                    const auto found = sum(o);
                    for_each<Events>([&](std::size_t e) __attribute__((always_inline)) {
                        if constexpr (Events == 1) {
                            sink(first, o, S::total(found.of[e], c.base[o]));
                        } else {
                            sink(first + e, o, S::single_total(found.of[e], c.base[o]));
                        }
                    });
                });
        } else {
            using output = tensor<typename types::result, shape<outputs>>;
            output joined[Events];
            repeat<Target, outputs>([&](std::size_t o) __attribute__((always_inline)) {
                const auto found = sum(o);
                for_each<Events>([&](std::size_t e) __attribute__((always_inline)) {
                    joined[e].values[o] = S::single_total(found.of[e], c.base[o]);
                });
            });
            pass<output>::template forward<Target>(
                tensor_rows<output, Events>{joined}, [&](auto e, auto o, const auto& v)
                                                         __attribute__((always_inline)) { sink(first + e, o, v); });
        }
    }

    /// Lane by lane, over the groups of an output.
    template <std::size_t Events>
    [[gnu::always_inline]] static sums<Events> sum(const constants& c, const features (&events)[Events],
                                                   std::size_t output) noexcept {
        sums<Events> totals;
        for (auto& total : totals.of) total = S::zero();
        repeat<Target>(
            c.groups(), [&](std::size_t g) __attribute__((always_inline)) {
                const auto found = branch<0>(c, events, output * c.groups() + g);
                for_each<Events>([&](std::size_t e)
                                     __attribute__((always_inline)) { totals.of[e] = S::add(totals.of[e], found.of[e]); });
            });
        return totals;
    }

    /// What the branch from a node of a complete tree on gives, in every lane that of its tree.
    template <std::size_t Node, std::size_t Events>
    [[gnu::always_inline]] static leaves<Events> branch(const constants& c, const features (&events)[Events],
                                                        std::size_t group) noexcept {
        leaves<Events> result;
        if constexpr (Node >= inner) {
            for (auto& v : result.of) v = S::load(c.leaves[group][Node - inner]);
        } else {
            const auto left = branch<2 * Node + 1>(c, events, group), right = branch<2 * Node + 2>(c, events, group);
            for_each<Events>([&](std::size_t e) __attribute__((always_inline)) {
                result.of[e] = choose(compared(c, events[e], group, Node), left.of[e], right.of[e]);
            });
        }
        return result;
    }

    /// All outputs, with one comparison a node.
    template <std::size_t Events>
    [[gnu::always_inline]] static void sum_vectors(const constants& c, const features (&events)[Events],
                                                   sums<Events> (&totals)[outputs]) noexcept {
        using mask = decltype(less(value(number(0)), value(number(0))));
        repeat<Target>(
            c.outputs(), [&](std::size_t o) __attribute__((always_inline)) {
                for (auto& total : totals[o].of) total = S::zero();
            });
        repeat<Target>(
            c.groups(), [&](std::size_t g) __attribute__((always_inline)) {
                for_each<Events>([&](std::size_t e) __attribute__((always_inline)) {
                    mask masks[inner];
                    repeat<Target, inner>([&](std::size_t n)
                                              __attribute__((always_inline)) { masks[n] = compared(c, events[e], g, n); });
                    repeat<Target>(
                        c.outputs(), [&](std::size_t o) __attribute__((always_inline)) {
                            totals[o].of[e] = S::add(totals[o].of[e], chosen<0>(c.leaves[o * c.groups() + g], masks));
                        });
                });
            });
    }
    template <std::size_t Node, class Leaves, class Mask>
    [[gnu::always_inline]] static typename S::value chosen(const Leaves& rows, const Mask* masks) noexcept {
        if constexpr (Node >= inner) {
            return S::load(rows[Node - inner]);
        } else {
            const auto left = chosen<2 * Node + 1>(rows, masks), right = chosen<2 * Node + 2>(rows, masks);
            return choose(masks[Node], left, right);
        }
    }

    /// Whether a node is left by limit < x (to the right) or x < threshold (to the left).
    static constexpr bool by_limit = Shape::or_equal || types::is_fixed;
    [[gnu::always_inline]] static auto compared(const constants& c, const features& event, std::size_t group,
                                                std::size_t node) noexcept {
        const value x = event.table.pick(c.read[group][node]), threshold = load(c.thresholds[group][node]);
        return by_limit ? less(threshold, x) : less(x, threshold);
    }
    template <class Mask>
    [[gnu::always_inline]] static typename S::value choose(const Mask& mask, const typename S::value& left,
                                                           const typename S::value& right) noexcept {
        return by_limit ? S::choose(mask, right, left) : S::choose(mask, left, right);
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
