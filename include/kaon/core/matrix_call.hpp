// matrix_call.hpp: a batch given as matrices: views of them, checked against the network.
#pragma once

#include "layer_error.hpp"
#include "rows.hpp"

#include <cassert>
#include <cstddef>
#include <type_traits>

namespace kaon {

/// Which argument of a call, from 0, inputs first.
template <std::size_t Number>
struct argument_number;

/// A matrix of that many columns.
template <std::size_t Count>
struct expects_columns;

template <std::size_t Count>
struct matrix_columns;

/// A matrix of at least as many rows as the first input has.
template <std::size_t Count>
struct expects_rows;

template <std::size_t Count>
struct matrix_row_count;

/// Numbers of that type.
template <class Scalar>
struct expects_scalar;

/// A matrix that may be written.
struct expects_writable;

namespace detail {

/// Rows: of the first input, 0 where they are known when it runs.
template <class Tensor, bool Written, std::size_t Rows, class M>
constexpr auto judge_matrix() {
    using matrix = matrix_rows<M>;
    using scalar = typename matrix::scalar;
    if constexpr (!std::is_same_v<std::remove_const_t<scalar>, typename Tensor::scalar>) {
        return refused<expects_scalar<typename Tensor::scalar>, got<scalar>>{};
    } else if constexpr (Written && std::is_const_v<scalar>) {
        return refused<expects_writable, got<const M>>{};
    } else if constexpr (matrix::columns != 0 && matrix::columns != Tensor::size) {
        return refused<expects_columns<Tensor::size>, got<matrix_columns<matrix::columns>>>{};
    } else if constexpr (matrix::rows != 0 && matrix::rows < Rows) {
        return refused<expects_rows<Rows>, got<matrix_row_count<matrix::rows>>>{};
    } else {
        return accepted{};
    }
}

/// The view of argument `Number`. M: const where the caller's is.
template <std::size_t Number, class Tensor, bool Written, std::size_t Rows, class M>
auto view_of(M& matrix) noexcept {
    using scalar = std::conditional_t<Written, typename Tensor::scalar, const typename Tensor::scalar>;
    using verdict = decltype(judge_matrix<Tensor, Written, Rows, M>());
    (void)&report<argument_number<Number>, verdict>::explain;
    if constexpr (std::is_same_v<verdict, accepted>) {
        const auto view = matrix_rows<M>::view(matrix);
        assert(matrix_rows<M>::size(matrix) == Tensor::size &&
               "kaon: a matrix has another number of columns than the network");
        return batch_view<scalar>{view.data, view.rows, view.row_stride, view.column_stride};
    } else {
        return batch_view<scalar>{};
    }
}

/// A batch has as many rows as its first input: whether the others have them too.
template <class First, class... Rest>
constexpr bool have_rows_of(const First& first, const Rest&... rest) noexcept {
    return ((rest.rows >= first.rows) && ... && true);
}

}  // namespace detail
}  // namespace kaon
