// forward.hpp: a network on one event and on batches.
#pragma once

#include "block.hpp"
#include "events_in_lanes.hpp"
#include "in_register.hpp"
#include "loop.hpp"
#include "rows.hpp"
#include "run.hpp"
#include "run_graph.hpp"

#include "../simd/target.hpp"

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// Events a batch takes at once: as many as keep two packs of sums each in registers.
template <class Target>
inline constexpr std::size_t block_rows = register_size<typename Target::isa> == 64 ? 8 : 4;

template <class... Views>
struct views {
    aggregate<Views...> members;
};

/// Stores packs into the rows of a batch, the last one of a row only as far as the row goes.
template <class Tensor>
struct batch_sink {
    using scalar = typename Tensor::scalar;
    batch_view<scalar> view;
    std::size_t first_row;

    template <class V>
    [[gnu::always_inline]] void operator()(std::size_t row, std::size_t first, const V& v) const noexcept {
        constexpr std::size_t lanes = stored_lanes<scalar, V>();
        scalar* p = view.data + (first_row + row) * view.row_stride;
        if (view.column_stride == 1 && first + lanes <= Tensor::size) {
            store(p + first, v);
            return;
        }
        scalar values[lanes];
        store(values, v);
        const std::size_t n = first + lanes <= Tensor::size ? lanes : Tensor::size - first;
        for (std::size_t i = 0; i < n; ++i) p[(first + i) * view.column_stride] = values[i];
    }
};

template <class Tensor>
void gather(const batch_view<const typename Tensor::scalar>& x, std::size_t row, typename Tensor::scalar* values) noexcept {
    for (std::size_t i = 0; i < Tensor::size; ++i) values[i] = x.data[row * x.row_stride + i * x.column_stride];
}

/// Rows from `first` on into values [Rows][size]: along the columns, which of a column-major matrix lie together.
template <class Tensor, std::size_t Rows>
void gather_rows(const batch_view<const typename Tensor::scalar>& x, std::size_t first,
                 typename Tensor::scalar* values) noexcept {
    for (std::size_t i = 0; i < Tensor::size; ++i) {
        const auto* column = x.data + first * x.row_stride + i * x.column_stride;
        for (std::size_t r = 0; r < Rows; ++r) values[r * Tensor::size + i] = column[r * x.row_stride];
    }
}

/// The first `count` of Rows rows from `first` on into tensors of packs, a row a lane; the other lanes are zero. Count: as a number,
/// or a constant where all lanes are filled. size: how many values an event has, where that is known when it runs.
template <class Packs, class Tensor, std::size_t Rows, class Count, class Size = constant<Tensor::size>>
[[gnu::always_inline]] inline void gather_lanes(const batch_view<const typename Tensor::scalar>& x, std::size_t first,
                                                Count count, Packs& event, Size size = {}) noexcept {
    using pack = typename Packs::scalar;
    using scalar = typename Tensor::scalar;
    const scalar* const begin = x.data + first * x.row_stride;
    if (!std::is_same_v<Count, std::size_t> && x.row_stride == 1) {
        for (std::size_t i = 0; i < size; ++i) event.values[i] = pack::load(begin + i * x.column_stride);
        return;
    }
    scalar lanes[Tensor::size][Rows];
    if constexpr (std::is_same_v<Count, std::size_t>) {
        for (std::size_t i = 0; i < size; ++i) {
            for (auto& value : lanes[i]) value = scalar(0);
        }
    }
    if (x.column_stride == 1) {
        for (std::size_t r = 0; r < count; ++r) {
            for (std::size_t i = 0; i < size; ++i) lanes[i][r] = begin[r * x.row_stride + i];
        }
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t r = 0; r < count; ++r) lanes[i][r] = begin[r * x.row_stride + i * x.column_stride];
        }
    }
    for (std::size_t i = 0; i < size; ++i) event.values[i] = pack::load(lanes[i]);
}

template <class Tensor, std::size_t Rows, class Packs, class Count>
[[gnu::always_inline]] inline void scatter_lanes(const Packs& event, const batch_view<typename Tensor::scalar>& y,
                                                 std::size_t first, Count count) noexcept {
    using scalar = typename Tensor::scalar;
    scalar* const begin = y.data + first * y.row_stride;
    if (!std::is_same_v<Count, std::size_t> && y.row_stride == 1) {
        for (std::size_t i = 0; i < Tensor::size; ++i) event.values[i].store(begin + i * y.column_stride);
        return;
    }
    scalar lanes[Tensor::size][Rows];
    for (std::size_t i = 0; i < Tensor::size; ++i) event.values[i].store(lanes[i]);
    for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t i = 0; i < Tensor::size; ++i) begin[r * y.row_stride + i * y.column_stride] = lanes[i][r];
    }
}

/// One event of a batch, as a tensor.
template <class Tensor>
Tensor event_of(const batch_view<const typename Tensor::scalar>& x, std::size_t row) noexcept {
    Tensor event;
    gather<Tensor>(x, row, event.values);
    if constexpr (Tensor::counted) event.count = x.counts[row];
    return event;
}

template <class Tensor>
void scatter(const Tensor& event, const batch_view<typename Tensor::scalar>& y, std::size_t row) noexcept {
    for (std::size_t i = 0; i < Tensor::size; ++i) y.data[row * y.row_stride + i * y.column_stride] = event.values[i];
}

/// A block of rows with contiguous features: the caller's, or copied together.
template <class Tensor, std::size_t Rows>
struct rows_of {
    using scalar = typename Tensor::scalar;
    scalar values[Rows * Tensor::size];

    [[gnu::always_inline]] view_rows<scalar, Rows> from(const batch_view<const scalar>& x, std::size_t first) noexcept {
        if (x.column_stride == 1) return {x.data + first * x.row_stride, x.row_stride};
        gather_rows<Tensor, Rows>(x, first, values);
        return {values, Tensor::size};
    }
};

template <class Value>
inline constexpr bool is_counted = Value::counted;
template <class... Values>
inline constexpr bool is_counted<bundle<Values...>> = (is_counted<Values> || ...);

template <class Network, class Target>
struct forward {
    using layout = typename Network::layout;
    using state = typename Network::state;
    using output = typename Network::output;
    using constants = typename layout::slots::template constants<Target>;
    using prepared = detail::prepared<Network, Target>;
    using run_context = context<layout, Target, state>;

    template <class... In>
    [[gnu::always_inline]] static output event(const prepared& p, state* s, const In&... x) noexcept {
        const constants& c = p.events;
        if constexpr (Target::unrolled) {
            return inlined_event(c, s, x...);
        } else if constexpr (fits_register<Target, output>) {
            return in_register<output>::unpack(event_in_register(c, s, x...));
        } else {
            return called_event(c, s, x...);
        }
    }

    template <class... In, class... Out>
    static void batch(const prepared& c, state* states, const views<batch_view<In>...>& x,
                      const views<batch_view<Out>...>& y) noexcept {
        batch(c, states, x, y, std::index_sequence_for<In...>{}, std::index_sequence_for<Out...>{});
    }

private:
    template <class, class>
    friend struct forward;
    template <std::size_t I, class Value>
    struct part_of {
        using type = Value;
    };
    template <std::size_t I, class... Values>
    struct part_of<I, bundle<Values...>> {
        using type = std::tuple_element_t<I, std::tuple<Values...>>;
    };
    template <std::size_t I>
    using in = typename part_of<I, typename Network::input>::type;
    template <std::size_t I>
    using out = typename part_of<I, output>::type;

    /// What the first layer reads: the input, or all of them side by side.
    template <std::size_t Rows, class... Sources>
    [[gnu::always_inline]] static auto source(const Sources&... x) noexcept {
        if constexpr (is_bundle<typename Network::input>) {
            return bundle_rows<Rows, Sources...>{{{x}...}};
        } else {
            return first(x...);
        }
    }
    template <class... Sinks>
    [[gnu::always_inline]] static auto sink(const Sinks&... y) noexcept {
        if constexpr (is_bundle<output>) {
            return bundle_sink<Sinks...>{{{y}...}};
        } else {
            return first(y...);
        }
    }
    template <class First>
    [[gnu::always_inline]] static const First& first(const First& x) noexcept {
        return x;
    }

    template <class... In>
    [[gnu::noinline]] static output called_event(const constants& c, state* s, const In&... x) noexcept {
        return inlined_event(c, s, x...);
    }

    template <class... In>
    [[gnu::noinline]] static auto event_in_register(const constants& c, state* s, const In&... x) noexcept {
        return in_register<output>::pack(inlined_event(c, s, x...));
    }

    template <class... In>
    [[gnu::always_inline]] static output inlined_event(const constants& c, state* s, const In&... x) noexcept {
        const auto rows = source<1>(tensor_rows<In, 1>{&x}...);
        if constexpr (is_bundle<output>) {
            block<output, 1> y;
            y.set_counts(rows);
            runner<typename Network::bound>::run(run_context{c, s}, rows, y.sink());
            return y.event();
        } else {
            output y;
            if constexpr (fits_register<Target, output>) in_register<output>::clear(y);
            if constexpr (output::counted) y.count = rows.count(0);
            runner<typename Network::bound>::run(run_context{c, s}, rows, tensor_sink<output>{&y});
            return y;
        }
    }

    template <class Source, class Sink>
    [[gnu::noinline]] static void block_of_events(const constants& c, const Source& x, const Sink& y) noexcept {
        runner<typename Network::bound>::run(run_context{c, nullptr}, x, y);
    }

    /// `count` events, each in a lane of every value.
    template <class X, class Y, std::size_t... I, std::size_t... O>
    [[gnu::noinline]] static void block_in_lanes(const prepared& c, const X& x, const Y& y, std::size_t first,
                                                 std::size_t count, std::index_sequence<I...>,
                                                 std::index_sequence<O...>) noexcept {
        using lanes = forward<typename prepared::packed::network, Target>;
        constexpr std::size_t many = prepared::packed::lanes;
        aggregate<typename lanes::template in<I>...> events;
        (gather_lanes<typename lanes::template in<I>, in<I>, many>(get<I>(x.members), first, count, get<I>(events)), ...);
        const auto results = lanes::inlined_event(c.lanes, nullptr, get<I>(events)...);
        if constexpr (is_bundle<output>) {
            (scatter_lanes<out<O>, many>(get<O>(results), get<O>(y.members), first, count), ...);
        } else {
            (scatter_lanes<out<O>, many>(results, get<O>(y.members), first, count), ...);
        }
    }

    template <class X, class Y, std::size_t... I, std::size_t... O>
    static void batch(const prepared& c, [[maybe_unused]] state* states, const X& x, const Y& y, std::index_sequence<I...>,
                      std::index_sequence<O...>) noexcept {
        const std::size_t rows = get<0>(x.members).rows;
        std::size_t row = 0;
        if constexpr (prepared::in_lanes) {
            constexpr std::size_t many = prepared::packed::lanes;
            // What is left over fills lanes where that is sooner done than one event after the other.
            for (const std::size_t whole = rows / many * many; row < whole; row += many) {
                block_in_lanes(c, x, y, row, constant<many>{}, std::index_sequence<I...>{}, std::index_sequence<O...>{});
            }
            if (rows % many >= many / 4) {
                block_in_lanes(c, x, y, row, rows % many, std::index_sequence<I...>{}, std::index_sequence<O...>{});
                return;
            }
        } else if constexpr (!Network::has_state && !is_counted<typename Network::input>) {
            constexpr std::size_t many = block_rows<Target>;
            aggregate<rows_of<in<I>, many>...> copies;
            for (const std::size_t whole = rows / many * many; row < whole; row += many) {
                block_of_events(c.events, source<many>(get<I>(copies).from(get<I>(x.members), row)...),
                                sink(batch_sink<out<O>>{get<O>(y.members), row}...));
            }
        }
        for (; row < rows; ++row) {
            const output scores =
                event(c, Network::has_state ? states + row : nullptr, event_of<in<I>>(get<I>(x.members), row)...);
            if constexpr (is_bundle<output>) {
                (scatter(get<O>(scores), get<O>(y.members), row), ...);
            } else {
                (scatter<out<O>>(scores, get<O>(y.members), row), ...);
            }
        }
    }
};

}  // namespace detail
}  // namespace kaon
