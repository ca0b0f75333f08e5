// traversed_trees.hpp: deep or ragged trees: one node after the other, several trees at a time. A leaf is its own child, so that
// trees of different depths move together and nothing branches on data.
#pragma once

#include "event_features.hpp"
#include "forest_parameters.hpp"

#include "../core/loop.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../layers/pass.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon::detail {

template <class Number>
struct traversed_node {
    /// Of a leaf, what it adds.
    Number threshold;
    std::int32_t feature;
    /// Where not x < threshold, and where it is; with `<=` where not threshold < x, which is the left one, and where it is.
    std::int32_t next[2];
};

template <class Number, std::size_t Groups, std::size_t Ways, std::size_t Nodes, std::size_t Outputs>
struct traversed_constants {
    /// After the last one a leaf of zero, for groups that are not full.
    alignas(register_bytes) traversed_node<Number> nodes[Nodes + 1];
    std::int32_t roots[Groups][Ways];
    /// Levels of the deepest tree of a group.
    std::int32_t steps[Groups];
    Number base[Outputs];
};

/// Tree t adds to output t % Outputs.
template <class Target, class T, std::size_t N, std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs,
          bool OrEqual, bool Missing>
struct traversed_trees {
    /// Trees at a time: a step takes about 20 cycles from load to load, and 8 of them fill these.
    static constexpr std::size_t ways = 8;
    static constexpr std::size_t trees_an_output = (Trees + Outputs - 1) / Outputs;
    /// Groups hold trees of one output.
    static constexpr std::size_t groups_an_output = (trees_an_output + ways - 1) / ways;
    static constexpr std::size_t groups = Outputs * groups_an_output;
    using constants = traversed_constants<T, groups, ways, Nodes, Outputs>;
    using A = arithmetic<Target, T, N>;
    using output = tensor<T, shape<Outputs>>;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        for (std::size_t o = 0; o < Outputs; ++o) c.base[o] = p.base[o];
        for (auto& group : c.roots) {
            for (auto& root : group) root = std::int32_t(Nodes);
        }
        c.nodes[Nodes] = {T(0), 0, {std::int32_t(Nodes), std::int32_t(Nodes)}};
        for (std::size_t tree = 0; tree < Trees; ++tree) {
            const std::size_t in_output = tree / Outputs, group = tree % Outputs * groups_an_output + in_output / ways;
            const bool whole = walk_tree<Depth, N>(p, tree, [&](const tree_position& at, bool leaf) {
                const auto here = std::int32_t(at.node);
                auto& node = c.nodes[at.node];
                if (leaf) {
                    node = {p.values[at.node], 0, {here, here}};
                } else {
                    node = {p.values[at.node],
                            feature_of<right_defaults<A, N, Missing>>(p, at.node),
                            {OrEqual ? here + 1 : p.right[at.node], OrEqual ? p.right[at.node] : here + 1}};
                }
                if (std::int32_t(at.depth) > c.steps[group]) c.steps[group] = std::int32_t(at.depth);
            });
            if (whole) c.roots[group][in_output % ways] = p.roots[tree];
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            event_features<A, T, N, Missing> event;
            event.template read<Target>(x, r);
            output sums;
            repeat<Target, Outputs>([&](std::size_t o) __attribute__((always_inline)) {
                T total(0);
                for (std::size_t g = o * groups_an_output; g < (o + 1) * groups_an_output; ++g) {
                    total = total + group_sum(c, event.table.values(), g);
                }
                sums.values[o] = total + c.base[o];
            });
            pass<output>::template forward<Target>(
                tensor_rows<output, 1>{&sums}, [&](auto, auto first, const auto& v)
                                                   __attribute__((always_inline)) { sink(r, first, v); });
        });
    }

private:
    [[gnu::always_inline]] static T group_sum(const constants& c, const T* x, std::size_t group) noexcept {
        std::int32_t at[ways];
        for_each<ways>([&](auto w) __attribute__((always_inline)) { at[w] = c.roots[group][w]; });
        for (std::int32_t step = c.steps[group]; step > 0; --step) {
            for_each<ways>([&](auto w) __attribute__((always_inline)) {
                const auto& node = c.nodes[at[w]];
                const T feature = x[node.feature];
                // An address, so that no compiler makes a branch of it.
                at[w] = node.next[std::size_t(OrEqual ? less(node.threshold, feature) : less(feature, node.threshold))];
            });
        }
        T sums[ways];
        for_each<ways>([&](auto w) __attribute__((always_inline)) { sums[w] = c.nodes[at[w]].threshold; });
        for (std::size_t rest = ways / 2; rest > 0; rest /= 2) {
            for (std::size_t w = 0; w < rest; ++w) sums[w] = sums[w] + sums[w + rest];
        }
        return sums[0];
    }
};

}  // namespace kaon::detail
