// complete_trees.hpp: shallow trees: every node is compared, and what the comparisons say chooses among all leaves. As many
// trees as a pack has lanes move together; nothing branches on data.
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
#include <type_traits>

namespace kaon::detail {

/// As the nest reads them: for each group of trees that one output sums, node by node, a number a lane. Branches that end early
/// have their leaf in all leaves below.
template <class Number, class Index, std::size_t Groups, std::size_t Levels, std::size_t Lanes, std::size_t Outputs>
struct complete_constants {
    static constexpr std::size_t inner = (std::size_t{1} << Levels) - 1;
    alignas(register_bytes) Number thresholds[Groups][inner][Lanes];
    alignas(register_bytes) Index features[Groups][inner][Lanes];
    alignas(register_bytes) Number leaves[Groups][inner + 1][Lanes];
    Number base[Outputs];
};

/// Tree t adds to output t % Outputs.
template <class Target, class T, std::size_t N, std::size_t Trees, std::size_t Depth, std::size_t Outputs, bool OrEqual,
          bool Missing>
struct complete_trees {
    using number = lane_of<T>;
    static constexpr std::size_t trees_an_output = (Trees + Outputs - 1) / Outputs;
    using A = arithmetic<Target, T, trees_an_output>;
    using value = typename A::value;
    static constexpr std::size_t groups = (trees_an_output + A::lanes - 1) / A::lanes;
    static constexpr std::size_t levels = Depth == 0 ? 1 : Depth;
    /// Of a feature: small, for the constants of a forest soon exceed the nearest cache.
    using index = std::conditional_t<read_features<A, N, Missing> <= 256, std::uint8_t, std::int32_t>;
    using constants = complete_constants<number, index, Outputs * groups, levels, A::lanes, Outputs>;
    static constexpr std::size_t inner = constants::inner;
    using features = event_features<A, T, N, Missing>;

    template <class Parameters>
    static constexpr constants repack(const Parameters& p) {
        constants c{};
        for (std::size_t o = 0; o < Outputs; ++o) c.base[o] = p.base[o];
        for (std::size_t tree = 0; tree < Trees; ++tree) {
            const std::size_t group = tree % Outputs * groups + tree / Outputs / A::lanes, lane = tree / Outputs % A::lanes;
            walk_tree<Depth, N>(p, tree, [&](const tree_position& at, bool leaf) {
                if (!leaf) {
                    c.thresholds[group][at.place - 1][lane] = p.values[at.node];
                    c.features[group][at.place - 1][lane] =
                        static_cast<index>(feature_of<right_defaults<A, N, Missing>>(p, at.node));
                    return;
                }
                const std::size_t below = std::size_t{1} << (levels - at.depth);
                for (std::size_t i = 0; i < below; ++i) {
                    c.leaves[group][at.place * below - inner - 1 + i][lane] = p.values[at.node];
                }
            });
        }
        return c;
    }

    template <class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants& c, const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            features event;
            event.template read<Target>(x, r);
            if constexpr (Outputs == 1 || A::lanes == 1) {
                repeat<Target, Outputs>([&](std::size_t o) __attribute__((always_inline)) {
                    sink(r, o, A::sum_of_lanes(sum(c, event, o)) + value(c.base[o]));
                });
            } else {
                using output = tensor<T, shape<Outputs>>;
                output joined;
                repeat<Target, Outputs>([&](std::size_t o) __attribute__((always_inline)) {
                    joined.values[o] = A::sum_of_lanes(sum(c, event, o))[0] + c.base[o];
                });
                pass<output>::template forward<Target>(
                    tensor_rows<output, 1>{&joined}, [&](auto, auto first, const auto& v)
                                                         __attribute__((always_inline)) { sink(r, first, v); });
            }
        });
    }

private:
    /// Lane by lane, over the groups of an output.
    [[gnu::always_inline]] static value sum(const constants& c, const features& event, std::size_t output) noexcept {
        value total(number(0));
        repeat<Target, groups>([&](std::size_t g) __attribute__((always_inline)) {
            total = total + branch<0>(c, event, output * groups + g);
        });
        return total;
    }

    /// What the branch from a node of a complete tree on gives, in every lane that of its tree.
    template <std::size_t Node>
    [[gnu::always_inline]] static value branch(const constants& c, const features& event, std::size_t group) noexcept {
        if constexpr (Node >= inner) {
            return load(c.leaves[group][Node - inner]);
        } else {
            const value x = event.table.pick(c.features[group][Node]), threshold = load(c.thresholds[group][Node]);
            const value left = branch<2 * Node + 1>(c, event, group), right = branch<2 * Node + 2>(c, event, group);
            if constexpr (OrEqual) {
                return select(less(threshold, x), right, left);
            } else {
                return select(less(x, threshold), left, right);
            }
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
