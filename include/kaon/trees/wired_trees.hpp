// wired_trees.hpp: shallow trees of fixed point as wires: every node a comparison with a constant, every tree a tree of selections, the leaves added
// in pairs. For HLS compilers and for recording; equal comparisons are one there. Leaves count from the least of their tree, so that sums are of
// few bits and have no sign.
#pragma once

#include "forest_parameters.hpp"
#include "threshold.hpp"

#include "../core/loop.hpp"
#include "../scalar/precision.hpp"
#include "../simd/scalar.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

/// Node by node: right where a feature is above the threshold. Branches that end early have their leaf in all leaves below.
template <class Number, class Leaf, class Sum, std::size_t Trees, std::size_t Levels, std::size_t Width, std::size_t Outputs>
struct wired_constants {
    static constexpr std::size_t inner = (std::size_t{1} << Levels) - 1;
    Number thresholds[Trees][inner];
    std::int32_t features[Trees][inner];
    /// Less the least of their tree.
    Leaf leaves[Trees][inner + 1][Width];
    /// With the least leaf of each tree.
    Sum base[Outputs];
};

/// Shape: of the forest, see forest.hpp. Tree t adds to output t % Outputs; leaves that are vectors add to all.
template <class Target, class T, std::size_t N, class Shape>
struct wired_trees {
    using types = typename Shape::types;
    using number = lane_of<T>;
    using leaf = typename types::leaf;
    using sum = typename types::sum;
    /// Whether there are formats for leaves above the least of a tree, which have no sign. The widest leaves are taken as they are.
    static constexpr bool has_heights = leaf::width <= 126 && lane_of<sum>::width <= 126;
    template <class Number>
    using height_of = std::conditional_t<has_heights, basic_fixed<Number::width, Number::integer, false>, Number>;
    /// A leaf less another one, and a sum of such: what is left of it in the accumulator's bits.
    using height = height_of<leaf>;
    using wire = typename like<T, height>::type;
    using full_height = height_of<lane_of<sum>>;
    static constexpr std::size_t outputs = Shape::outputs;
    static constexpr std::size_t levels = Shape::depth == 0 ? 1 : Shape::depth;
    static constexpr std::size_t width = Shape::leaf_width;
    using constants = wired_constants<number, height, lane_of<sum>, Shape::trees, levels, width, outputs>;
    static constexpr std::size_t inner = constants::inner;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        for (std::size_t o = 0; o < outputs; ++o) c.base[o] = lane_of<sum>(leaf(p.base[o]));
        leaf_counter counter(p);
        for (std::size_t tree = 0; tree < Shape::trees; ++tree) {
            bool always_right[inner]{};
            leaf leaves[inner + 1][width]{};
            walk_tree<Shape::depth>(p, tree, N, 0, [&](const tree_position& at, bool is_leaf) {
                if (!is_leaf) {
                    c.features[tree][at.place - 1] = p.features[at.node];
                    const auto s = split_of<number>(p.values[at.node], Shape::or_equal);
                    c.thresholds[tree][at.place - 1] = s.limit;
                    always_right[at.place - 1] = s.always_right;
                    return;
                }
                const std::size_t below = std::size_t{1} << (levels - at.depth), first = at.place * below - inner - 1;
                const auto& row = p.leaves[counter.next()];
                for (std::size_t i = 0; i < below; ++i) {
                    for (std::size_t k = 0; k < width; ++k) leaves[first + i][k] = leaf(row[k]);
                }
            });
            copy_right_branches(
                always_right,
                [&](std::size_t to, std::size_t from) {
                    c.thresholds[tree][to] = c.thresholds[tree][from];
                    c.features[tree][to] = c.features[tree][from];
                },
                [&](std::size_t to, std::size_t from) {
                    for (std::size_t k = 0; k < width; ++k) leaves[to][k] = leaves[from][k];
                });
            for (std::size_t k = 0; k < width; ++k) {
                leaf least = has_heights ? leaves[0][k] : leaf(0);
                for (const auto& row : leaves) least = has_heights && row[k] < least ? row[k] : least;
                for (std::size_t i = 0; i <= inner; ++i) c.leaves[tree][i][k] = height_over(least, leaves[i][k]);
                auto& base = c.base[Shape::vector_leaves ? k : tree % outputs];
                base = lane_of<sum>(base + least);
            }
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        using base = typename like<T, lane_of<sum>>::type;
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            for_each<outputs>([&](auto o) __attribute__((always_inline)) {
                constexpr std::size_t first = Shape::vector_leaves ? 0 : o, step = Shape::vector_leaves ? 1 : outputs;
                constexpr std::size_t count = (Shape::trees - first + step - 1) / step;
                wire terms[count];
                for_each<count>([&](auto t) __attribute__((always_inline)) {
                    terms[t] = branch<0>(c, x, r, first + t * step, Shape::vector_leaves ? o : 0);
                });
                sink(r, o, quantized<typename types::result>(sum(added(terms) + base(c.base[o]))));
            });
        });
    }

private:
    /// Bit by bit, so that no difference is too large.
    static constexpr height height_over(const leaf& least, const leaf& value) {
        using bits = typename height::integer_type;
        return height::from_raw(static_cast<bits>(static_cast<bits>(value.raw()) - static_cast<bits>(least.raw())));
    }

    /// What the branch from a node on gives.
    template <std::size_t Node, class Source>
    [[gnu::always_inline]] static wire branch(const constants& c, const Source& x, std::size_t row, std::size_t tree,
                                              std::size_t output) noexcept {
        if constexpr (Node >= inner) {
            return wire(c.leaves[tree][Node - inner][output]);
        } else {
            const T feature = x.at(row, static_cast<std::size_t>(c.features[tree][Node]));
            const T threshold(c.thresholds[tree][Node]);
            const wire left = branch<2 * Node + 1>(c, x, row, tree, output);
            const wire right = branch<2 * Node + 2>(c, x, row, tree, output);
            return select(less(threshold, feature), right, left);
        }
    }

    /// In pairs, of sums that have just the bits that they need, and no more than the whole one.
    template <class V, std::size_t Count>
    [[gnu::always_inline]] static auto added(const V (&terms)[Count]) noexcept {
        if constexpr (Count == 1) {
            return terms[0];
        } else {
            using exact = decltype(terms[0] + terms[0]);
            using next =
                std::conditional_t<(lane_of<exact>::width < full_height::width), exact, typename like<T, full_height>::type>;
            next pairs[(Count + 1) / 2];
            for_each<Count / 2>([&](auto i)
                                    __attribute__((always_inline)) { pairs[i] = next(terms[2 * i] + terms[2 * i + 1]); });
            if constexpr (Count % 2 != 0) pairs[Count / 2] = next(terms[Count - 1]);
            return added(pairs);
        }
    }
};

}  // namespace kaon::detail
