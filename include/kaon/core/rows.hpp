// rows.hpp: where a nest reads from and writes to: a block of events, in tensors or in the caller's memory.
#pragma once

#include "bundle.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {

/// A batch in the caller's memory. Rows are events; strides are in elements. Column-major matrices have column_stride != 1.
/// counts: for an input whose outermost extent is up_to<N>, how many of it each row uses.
template <class T>
struct batch_view {
    /// Element 0 of event 0.
    T* data;
    /// How many events.
    std::size_t rows;
    /// From an event to the next; from an element of an event to its next.
    /// @{
    std::size_t row_stride;
    std::size_t column_stride = 1;
    /// @}

    /// For each event how much of an outermost extent up_to<N> it uses; read for no other input.
    const std::size_t* counts = nullptr;
};

/// What may stand for a batch_view in a call: specialised for matrices and containers by the headers of batch/, with
///     using scalar;  static constexpr std::size_t rows, columns (0: known when it runs);
///     static batch_view<scalar> view(M&);  a const scalar where it may not be written.
template <class M, class = void>
struct matrix_rows;

namespace detail {

template <class M, class = void>
inline constexpr bool is_matrix = false;
template <class M>
inline constexpr bool is_matrix<M, std::void_t<typename matrix_rows<M>::scalar>> = true;

}  // namespace detail

/// Reads a block of `Rows` events held in tensors.
template <class Tensor, std::size_t Rows>
struct tensor_rows {
    /// What docs/layer-contract.md asks of a source.
    /// @{
    static constexpr std::size_t rows = Rows;
    const Tensor* tensors;

    [[gnu::always_inline]] constexpr const auto& at(std::size_t row, std::size_t i) const noexcept {
        return tensors[row].values[i];
    }
    [[gnu::always_inline]] constexpr const auto* pointer(std::size_t row, std::size_t i) const noexcept {
        return tensors[row].values + i;
    }
    /// @}

    /// How many of the outermost extent the event uses; only where it is up_to<N>.
    [[gnu::always_inline]] constexpr std::size_t count(std::size_t row) const noexcept { return tensors[row].count; }
};

/// Whether a source may be read in whole registers beyond its last value.
template <class Source>
inline constexpr bool has_padding = false;
template <class Tensor, std::size_t Rows>
inline constexpr bool has_padding<tensor_rows<Tensor, Rows>> = true;

/// Reads a block of `Rows` events whose features are contiguous in the caller's memory.
template <class T, std::size_t Rows>
struct view_rows {
    /// What docs/layer-contract.md asks of a source.
    /// @{
    static constexpr std::size_t rows = Rows;
    const T* data;
    std::size_t row_stride;

    [[gnu::always_inline]] const T& at(std::size_t row, std::size_t i) const noexcept { return data[row * row_stride + i]; }
    [[gnu::always_inline]] const T* pointer(std::size_t row, std::size_t i) const noexcept {
        return data + row * row_stride + i;
    }
    /// @}
};

/// Reads several values of each event of a block.
template <std::size_t Rows, class... Parts>
struct bundle_rows {
    /// What docs/layer-contract.md asks of a source.
    /// @{
    static constexpr std::size_t rows = Rows;
    static constexpr std::size_t parts = sizeof...(Parts);
    aggregate<Parts...> members;

    template <std::size_t I>
    [[gnu::always_inline]] constexpr const auto& part() const noexcept {
        return get<I>(members);
    }
    /// @}

    /// Values that are combined have one count.
    [[gnu::always_inline]] constexpr std::size_t count(std::size_t row) const noexcept { return part<0>().count(row); }
};

/// Writes several values of each event of a block.
template <class... Parts>
struct bundle_sink {
    /// The parts, by position.
    /// @{
    aggregate<Parts...> members;

    template <std::size_t I>
    [[gnu::always_inline]] constexpr const auto& part() const noexcept {
        return get<I>(members);
    }
    /// @}
};

}  // namespace kaon
