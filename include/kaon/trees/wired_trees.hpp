// wired_trees.hpp: shallow trees of fixed point as wires: every node a comparison with a constant, what they say the number of a leaf, the
// leaves added in pairs. For HLS compilers and for recording; equal comparisons are one there.
#pragma once

#include "forest_parameters.hpp"
#include "threshold.hpp"
#include "wired_comparison.hpp"

#include "../core/loop.hpp"
#include "../scalar/precision.hpp"
#include "../simd/scalar.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

/// Node by node: right where a feature is above the threshold. Branches that end early have their leaf in all leaves below.
template <class Number, class Leaf, std::size_t Trees, std::size_t Levels, std::size_t Width, std::size_t Outputs>
struct wired_constants {
    static constexpr std::size_t inner = (std::size_t{1} << Levels) - 1;
    Number thresholds[Trees][inner];
    std::int32_t features[Trees][inner];
    Leaf leaves[Trees][inner + 1][Width];
    Leaf base[Outputs];
};

/// Shape: of the forest, see forest.hpp. Tree t adds to output t % Outputs; leaves that are vectors add to all.
template <class Target, class T, std::size_t N, class Shape>
struct wired_trees {
    using types = typename Shape::types;
    using number = lane_of<T>;
    using leaf = typename types::leaf;
    using wire = typename like<T, leaf>::type;
    static constexpr std::size_t outputs = Shape::outputs;
    static constexpr std::size_t levels = Shape::depth == 0 ? 1 : Shape::depth;
    static constexpr std::size_t width = Shape::leaf_width;
    using constants = wired_constants<number, leaf, Shape::trees, levels, width, outputs>;
    static constexpr std::size_t inner = constants::inner;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        for (std::size_t o = 0; o < outputs; ++o) c.base[o] = leaf(p.base[o]);
        leaf_counter leaves(p);
        for (std::size_t tree = 0; tree < Shape::trees; ++tree) {
            bool always_right[inner]{};
            // Of nodes that a tree has not.
            for (auto& threshold : c.thresholds[tree]) threshold = never_above<number>();
            walk_tree<Shape::depth>(p, tree, N, 0, [&](const tree_position& at, bool is_leaf) {
                if (!is_leaf) {
                    c.features[tree][at.place - 1] = p.features[at.node];
                    const auto s = split_of<number>(p.values[at.node], Shape::or_equal);
                    c.thresholds[tree][at.place - 1] = s.limit;
                    always_right[at.place - 1] = s.always_right;
                    return;
                }
                const std::size_t below = std::size_t{1} << (levels - at.depth), first = at.place * below - inner - 1;
                const auto& row = p.leaves[leaves.next()];
                for (std::size_t i = 0; i < below; ++i) {
                    for (std::size_t k = 0; k < width; ++k) c.leaves[tree][first + i][k] = leaf(row[k]);
                }
            });
            for (std::size_t n = inner; n-- > 0;) {
                if (always_right[n]) copy_right_branch(c, tree, n);
            }
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        using sum = typename types::sum;
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            bit paths[Shape::trees][levels];
            repeat<Target, Shape::trees>([&](std::size_t t)
                                             __attribute__((always_inline)) { follow(c, x, r, t, paths[t]); });
            for_each<outputs>([&](auto o) __attribute__((always_inline)) {
                constexpr std::size_t first = Shape::vector_leaves ? 0 : o, step = Shape::vector_leaves ? 1 : outputs;
                constexpr std::size_t count = (Shape::trees - first + step - 1) / step;
                wire terms[count];
                repeat<Target, count>([&](std::size_t t) __attribute__((always_inline)) {
                    const auto& leaves = c.leaves[first + t * step];
                    terms[t] = chosen<levels, 0>(
                        paths[first + t * step], [&](auto n) __attribute__((always_inline)) {
                            return wire(leaves[n][Shape::vector_leaves ? o : 0]);
                        });
                });
                sink(r, o, quantized<typename types::result>(sum(added(terms) + wire(c.base[o]))));
            });
        });
    }

private:
    /// What is left of a node becomes what is right of it: no event tells them apart.
    static constexpr void copy_right_branch(constants& c, std::size_t tree, std::size_t node) {
        std::size_t left = 2 * node + 1, many = 1;
        for (; left < inner; left = 2 * left + 1, many *= 2) {
            for (std::size_t i = 0; i < many; ++i) {
                c.thresholds[tree][left + i] = c.thresholds[tree][left + many + i];
                c.features[tree][left + i] = c.features[tree][left + many + i];
            }
        }
        for (std::size_t i = 0; i < many; ++i) {
            for (std::size_t k = 0; k < width; ++k) {
                c.leaves[tree][left - inner + i][k] = c.leaves[tree][left - inner + many + i][k];
            }
        }
    }

    using bit = wired_bit<T>;
    template <std::size_t Level>
    using level = std::integral_constant<std::size_t, Level>;

    /// Into `path`: 1 where an event goes right, from the root on; from `Level` on.
    template <std::size_t Level = 0, class Source>
    [[gnu::always_inline]] static void follow(const constants& c, const Source& x, std::size_t row, std::size_t tree,
                                              bit (&path)[levels]) noexcept {
        constexpr std::size_t first = (std::size_t{1} << Level) - 1;
        bit right[first + 1];
        for_each<first + 1>([&](auto n) __attribute__((always_inline)) {
            const T& feature = x.at(row, static_cast<std::size_t>(c.features[tree][first + n]));
            right[n] = is_above<number::width, number::integer, number::is_signed>(c.thresholds[tree][first + n], feature);
        });
        path[Level] = chosen<Level, 0>(
            path, [&](auto n) __attribute__((always_inline)) { return right[n]; });
        if constexpr (Level + 1 < levels) follow<Level + 1>(c, x, row, tree, path);
    }

    /// Of 2^Level values the one that the first bits of the path number; First: number of the first of them.
    template <std::size_t Level, std::size_t First, std::size_t Bit = 0, class Values>
    [[gnu::always_inline]] static auto chosen(const bit (&path)[levels], const Values& values) noexcept {
        if constexpr (Level == 0) {
            return values(level<First>{});
        } else {
            const auto left = chosen<Level - 1, First, Bit + 1>(path, values);
            const auto right = chosen<Level - 1, First + (std::size_t{1} << (Level - 1)), Bit + 1>(path, values);
            return select(is_set(path[Bit]), right, left);
        }
    }

    /// In pairs, of sums that have just the bits that they need; where an accumulator is named, its own.
    template <class V, std::size_t Count>
    [[gnu::always_inline]] static auto added(const V (&terms)[Count]) noexcept {
        if constexpr (Count == 1) {
            return terms[0];
        } else {
            using exact = decltype(terms[0] + terms[0]);
            using next = std::conditional_t<std::is_void_v<typename types::accumulator>, exact, V>;
            next pairs[(Count + 1) / 2];
            repeat<Target, Count / 2>([&](std::size_t i) __attribute__((always_inline)) {
                pairs[i] = next(terms[2 * i] + terms[2 * i + 1]);
            });
            if constexpr (Count % 2 != 0) pairs[Count / 2] = next(terms[Count - 1]);
            return added(pairs);
        }
    }
};

}  // namespace kaon::detail
