// block.hpp: room for what a layer gives, for a block of events.
#pragma once

#include "rows.hpp"
#include "store.hpp"
#include "tensor.hpp"

#include <cstddef>
#include <utility>

namespace kaon {
namespace detail {

/// Writes into tensors, whole packs at a time.
template <class Tensor>
struct tensor_sink {
    Tensor* tensors;

    template <class V>
    [[gnu::always_inline]] constexpr void operator()(std::size_t row, std::size_t first, const V& v) const noexcept {
        using scalar = typename Tensor::scalar;
        if constexpr (stored_lanes<scalar, V>() * sizeof(scalar) <= register_bytes || sizeof(scalar) == sizeof(V)) {
            store(tensors[row].values + first, v);
        } else {
            // More than a tensor's last register has room for.
            scalar values[stored_lanes<scalar, V>()];
            store(values, v);
            for (std::size_t i = 0; i < stored_lanes<scalar, V>() && first + i < Tensor::size; ++i) {
                tensors[row].values[first + i] = values[i];
            }
        }
    }
};

template <class Value, std::size_t Rows>
struct block {
    Value tensors[Rows];

    [[gnu::always_inline]] constexpr auto source() const noexcept { return tensor_rows<Value, Rows>{tensors}; }
    [[gnu::always_inline]] constexpr auto sink() noexcept { return tensor_sink<Value>{tensors}; }

    /// A counted value has the count of what it was computed from.
    template <class Source>
    [[gnu::always_inline]] constexpr void set_counts(const Source& x) noexcept {
        if constexpr (Value::counted) {
            for (std::size_t row = 0; row < Rows; ++row) tensors[row].count = x.count(row);
        }
    }
    [[gnu::always_inline]] constexpr const Value& event() const noexcept { return tensors[0]; }
};

template <std::size_t Rows, class... Values>
struct block<bundle<Values...>, Rows> {
    aggregate<block<Values, Rows>...> parts;

    [[gnu::always_inline]] constexpr auto source() const noexcept { return source(std::index_sequence_for<Values...>{}); }
    [[gnu::always_inline]] constexpr auto sink() noexcept { return sink(std::index_sequence_for<Values...>{}); }
    template <class Source>
    [[gnu::always_inline]] constexpr void set_counts(const Source& x) noexcept {
        set_counts(x, std::index_sequence_for<Values...>{});
    }
    [[gnu::always_inline]] constexpr bundle<Values...> event() const noexcept {
        return event(std::index_sequence_for<Values...>{});
    }

private:
    template <std::size_t... I>
    [[gnu::always_inline]] constexpr auto source(std::index_sequence<I...>) const noexcept {
        return bundle_rows<Rows, decltype(get<I>(parts).source())...>{{{get<I>(parts).source()}...}};
    }
    template <std::size_t... I>
    [[gnu::always_inline]] constexpr auto sink(std::index_sequence<I...>) noexcept {
        return bundle_sink<decltype(get<I>(parts).sink())...>{{{get<I>(parts).sink()}...}};
    }
    template <class Source, std::size_t... I>
    [[gnu::always_inline]] constexpr void set_counts(const Source& x, std::index_sequence<I...>) noexcept {
        (get<I>(parts).set_counts(x), ...);
    }
    template <std::size_t... I>
    [[gnu::always_inline]] constexpr bundle<Values...> event(std::index_sequence<I...>) const noexcept {
        return {{{get<I>(parts).event()}...}};
    }
};

}  // namespace detail
}  // namespace kaon
