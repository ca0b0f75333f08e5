// loaded_trees.hpp: the form of a forest chosen when it is loaded: the nests of complete_trees.hpp and traversed_trees.hpp, compiled for
// every number of levels and two counts of features.
#pragma once

#include "complete_trees.hpp"
#include "loaded_sizes.hpp"
#include "traversed_trees.hpp"

#include "../core/forward.hpp"
#include "../core/rows.hpp"
#include "../simd/lane_picks.hpp"
#include "../simd/registers.hpp"
#include "../simd/target.hpp"

#include <cstddef>
#include <memory>
#include <type_traits>

namespace kaon::detail {

/// A forest on events of T: sums of all outputs, `step` apart; for some rows of a batch.
template <class T>
struct forest_form {
    forest_form() = default;
    forest_form(const forest_form&) = delete;
    virtual ~forest_form() = default;
    virtual void event(const T* x, T* y, std::size_t step) const noexcept = 0;
    virtual void rows(const batch_view<const T>& x, const batch_view<T>& y, std::size_t first,
                      std::size_t count) const noexcept = 0;
};

/// The score in a pack's first lane, or a score.
/// @{
template <class T>
[[gnu::always_inline]] inline T first_lane(const T& v) noexcept {
    return v;
}
template <class T, std::size_t L, class Target>
[[gnu::always_inline]] inline T first_lane(const pack<T, L, Target>& v) noexcept {
    return v[0];
}
/// @}

/// One event after the other, or `Block` at a time.
template <class T, std::size_t Features, std::size_t Block, class Trees>
class event_form final : public forest_form<T> {
public:
    explicit event_form(const loaded_parameters<T>& p) : constants_(Trees::repack(p)) {}

    void event(const T* x, T* y, std::size_t step) const noexcept override {
        Trees::forward(
            constants_,
            view_rows<T, 1>{x, 0}, [=](std::size_t, std::size_t output, const auto& v) __attribute__((always_inline)) {
                y[output * step] = first_lane(v);
            });
    }
    void rows(const batch_view<const T>& x, const batch_view<T>& y, std::size_t first,
              std::size_t count) const noexcept override {
        const std::size_t end = first + count;
        if constexpr (Block > 1) {
            for (; first + Block <= end; first += Block) block(x, y, first);
        }
        T copies[Features];
        for (; first < end; ++first) {
            event(together<1>(x, first, copies).data, y.data + first * y.row_stride, y.column_stride);
        }
    }

private:
    /// Rows whose features lie together: the caller's, or copies.
    template <std::size_t Rows>
    view_rows<T, Rows> together(const batch_view<const T>& x, std::size_t first, T* copies) const noexcept {
        const T* const begin = x.data + first * x.row_stride;
        if (x.column_stride == 1) return {begin, x.row_stride};
        const std::size_t features = constants_.features();
        for (std::size_t i = 0; i < features; ++i) {
            for (std::size_t r = 0; r < Rows; ++r) {
                copies[r * features + i] = begin[r * x.row_stride + i * x.column_stride];
            }
        }
        return {copies, features};
    }
    [[gnu::noinline]] void block(const batch_view<const T>& x, const batch_view<T>& y, std::size_t first) const noexcept {
        T copies[Block * Features];
        T* const scores = y.data + first * y.row_stride;
        Trees::forward(
            constants_, together<Block>(x, first, copies),
            [&](std::size_t row, std::size_t output, const T& v)
                __attribute__((always_inline)) { scores[row * y.row_stride + output * y.column_stride] = v; });
    }

    typename Trees::constants constants_;
};

/// An event in each lane.
template <class T, std::size_t Lanes, std::size_t Features, class Packs, class Trees>
class lanes_form final : public forest_form<T> {
public:
    explicit lanes_form(const loaded_parameters<T>& p) : constants_(Trees::repack(p)) {}

    void event(const T* x, T* y, std::size_t step) const noexcept override { rows({x, 1, 0}, {y, 1, 0, step}, 0, 1); }
    void rows(const batch_view<const T>& x, const batch_view<T>& y, std::size_t first,
              std::size_t count) const noexcept override {
        for (; count >= Lanes; first += Lanes, count -= Lanes) block(x, y, first, Lanes);
        if (count > 0) block(x, y, first, count);
    }

private:
    using events = tensor<Packs, shape<Features>>;

    [[gnu::noinline]] void block(const batch_view<const T>& x, const batch_view<T>& y, std::size_t first,
                                 std::size_t count) const noexcept {
        events event;
        if (count == Lanes) {
            gather_lanes<events, tensor<T, shape<Features>>, Lanes>(x, first, constant<Lanes>{}, event,
                                                                    constants_.features());
        } else {
            gather_lanes<events, tensor<T, shape<Features>>, Lanes>(x, first, count, event, constants_.features());
        }
        T* const begin = y.data + first * y.row_stride;
        Trees::forward(
            constants_, tensor_rows<events, 1>{&event},
            [&](std::size_t, std::size_t output, const Packs& v) __attribute__((always_inline)) {
                T* const column = begin + output * y.column_stride;
                if (count == Lanes && y.row_stride == 1) {
                    v.store(column);
                    return;
                }
                T scores[Lanes];
                v.store(scores);
                for (std::size_t r = 0; r < count; ++r) column[r * y.row_stride] = scores[r];
            });
    }

    typename Trees::constants constants_;
};

template <class T>
using form_pointer = std::unique_ptr<const forest_form<T>>;

/// f(constant) of a number that is known when it runs.
/// @{
template <class F>
auto with_flag(bool flag, F f) {
    return flag ? f(std::true_type{}) : f(std::false_type{});
}
template <class F>
auto with_levels(std::size_t depth, F f) {
    return depth <= 3 ? f(constant<3>{}) : depth == 4 ? f(constant<4>{}) : depth == 5 ? f(constant<5>{}) : f(constant<6>{});
}
/// @}

/// The forms of a target, by the rule of forest.hpp; each is compiled once for all forests of its levels and options.
template <class Target, class T>
struct loaded_forms {
    static constexpr std::size_t registers = std::size_t(register_size<typename Target::isa>);
    using A = arithmetic<Target, T, register_bytes>;
    /// Reproducible sums are added in one order on every target: traversed.
    static constexpr bool in_one_order = is_reproducible<Target>;
    static constexpr bool picks = picks_in_registers<A, 4 * A::lanes> && !in_one_order;
    /// Of a batch that runs with an event in each lane, and values that nodes read of it; 1: none does.
    static constexpr std::size_t lanes = registers >= 32 && !in_one_order ? registers / sizeof(T) : 1;
    static constexpr std::size_t lane_values = 256;
    /// Numbers of complete trees, at most: one tree of a file may be deep, and all others of one leaf. 0.3 GB of floats a form.
    static constexpr std::size_t most_numbers = std::size_t{1} << 25;

    /// Of one event and of batches; batches may have none of their own.
    struct pair {
        form_pointer<T> events, batches;
    };

    static pair chosen(const loaded_parameters<T>& p, std::size_t depth) {
        const bool shallow = depth <= complete_levels && p.trees * p.outputs <= most_numbers >> complete_levels;
        const bool in_lanes = lanes > 1 && shallow && p.read(1) <= lane_values;
        const bool in_registers = picks && shallow && p.read(A::lanes) <= 4 * A::lanes;
        const bool copied = p.vectors && (in_lanes || in_registers);
        const loaded_parameters<T> single = copied ? p.of_single_leaves() : loaded_parameters<T>();
        const auto& q = copied ? single : p;
        pair forms;
        if constexpr (picks) {
            if (in_registers) {
                forms.events =
                    q.read(A::lanes) <= 2 * A::lanes ? complete<2 * A::lanes>(q, depth) : complete<4 * A::lanes>(q, depth);
            }
        }
        if (forms.events == nullptr) {
            forms.events = p.inputs <= 128 ? traversed<128, block_rows<Target>>(p) : traversed<most_features, 1>(p);
        }
        if constexpr (lanes > 1) {
            if (in_lanes) forms.batches = complete_in_lanes(q, depth);
        }
        return forms;
    }

private:
    template <std::size_t Values>
    static form_pointer<T> complete(const loaded_parameters<T>& p, std::size_t depth) {
        return with_levels(depth, [&](auto levels) {
            return with_flag(p.or_equal, [&](auto or_equal) -> form_pointer<T> {
                using shape_of = loaded_shape<T, decltype(levels)::value, decltype(or_equal)::value, false, false, true>;
                return std::make_unique<const event_form<T, Values, 1, complete_trees<Target, T, Values, shape_of>>>(p);
            });
        });
    }
    static form_pointer<T> complete_in_lanes(const loaded_parameters<T>& p, std::size_t depth) {
        using packs = pack<T, lanes, Target>;
        return with_levels(depth, [&](auto levels) {
            return with_flag(p.or_equal, [&](auto or_equal) -> form_pointer<T> {
                using shape_of = loaded_shape<packs, decltype(levels)::value, decltype(or_equal)::value, false, false, true>;
                using trees = complete_trees<Target, packs, lane_values, shape_of>;
                return std::make_unique<const lanes_form<T, lanes, lane_values, packs, trees>>(p);
            });
        });
    }
    template <std::size_t Features, std::size_t Block>
    static form_pointer<T> traversed(const loaded_parameters<T>& p) {
        return with_flag(p.or_equal, [&](auto or_equal) {
            return with_flag(p.vectors, [&](auto vectors) {
                // Many features are rare: one form for both.
                return with_flag(p.tests > 0 || Block == 1, [&](auto tests) -> form_pointer<T> {
                    using shape_of = loaded_shape<T, most_levels, decltype(or_equal)::value, true, decltype(vectors)::value,
                                                  decltype(tests)::value || Block == 1>;
                    return std::make_unique<
                        const event_form<T, Features, Block, traversed_trees<Target, T, Features, shape_of>>>(p);
                });
            });
        });
    }
};

}  // namespace kaon::detail
