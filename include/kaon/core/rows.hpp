// rows.hpp: where a nest reads from and writes to: a block of events, in tensors or in the caller's memory.
#pragma once

#include <cstddef>

namespace kaon {

/// A batch in the caller's memory. Rows are events; strides are in elements. Column-major matrices have column_stride != 1.
template <class T>
struct batch_view {
    T* data;
    std::size_t rows;
    std::size_t row_stride;
    std::size_t column_stride = 1;
};

/// A block of `Rows` events held in tensors.
template <class Tensor, std::size_t Rows>
struct tensor_rows {
    static constexpr std::size_t rows = Rows;
    Tensor* tensors;

    constexpr auto& at(std::size_t row, std::size_t i) const noexcept { return tensors[row].values[i]; }
    constexpr auto* pointer(std::size_t row, std::size_t i) const noexcept { return tensors[row].values + i; }
};

}  // namespace kaon
