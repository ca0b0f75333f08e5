// eigen.hpp: Eigen's matrices as batches, without copies. Opt-in (libeigen3-dev).
#pragma once

#include "../core/rows.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>

namespace kaon {

/// model(events, scores) for anything of Eigen's that has memory: Matrix, Array, Map, Ref, blocks and transposes of them, of fixed or
/// dynamic size, row- or column-major, with strides. A row is an event; transpose() makes columns events. Wrong fixed sizes and scalars
/// are compile-time errors; wrong dynamic ones are asserted, as Eigen does, unless NDEBUG is defined.
template <class M>
struct matrix_rows<M, std::enable_if_t<std::is_base_of_v<Eigen::DenseBase<std::remove_const_t<M>>, M>>> {
    using matrix = std::remove_const_t<M>;
    static_assert(bool(matrix::Flags & Eigen::DirectAccessBit),
                  "kaon: an expression of Eigen's has no memory; assign it to a matrix first");
    static constexpr bool writable = !std::is_const_v<M> && bool(matrix::Flags & Eigen::LvalueBit);
    using scalar = std::conditional_t<writable, typename matrix::Scalar, const typename matrix::Scalar>;
    static constexpr std::size_t rows =
        matrix::RowsAtCompileTime == Eigen::Dynamic ? 0 : static_cast<std::size_t>(matrix::RowsAtCompileTime);
    static constexpr std::size_t columns =
        matrix::ColsAtCompileTime == Eigen::Dynamic ? 0 : static_cast<std::size_t>(matrix::ColsAtCompileTime);

    static batch_view<scalar> view(M& m) noexcept {
        return {m.data(), static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.rowStride()),
                static_cast<std::size_t>(m.colStride())};
    }
    static std::size_t size(const matrix& m) noexcept { return static_cast<std::size_t>(m.cols()); }
};

}  // namespace kaon
