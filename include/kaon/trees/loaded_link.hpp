// loaded_link.hpp: what follows the sums of a loaded forest.
#pragma once

#include "loaded_sizes.hpp"

#include "../core/rows.hpp"
#include "../layers/activation.hpp"
#include "../layers/exponential.hpp"
#include "../layers/softmax.hpp"
#include "../simd/registers.hpp"

#include <cstddef>
#include <limits>

namespace kaon {

/// What turns a forest's sums into scores: nothing, or the layer of that name.
enum class forest_link { none, sigmoid, softmax, exponential, tanh };

namespace detail {

/// Function on `count` values that lie `step` apart.
template <class Target, class Function, class T>
void apply_to_all(T* y, std::size_t count, std::size_t step) noexcept {
    using A = arithmetic<Target, T, register_bytes>;
    for (std::size_t first = 0; first < count; first += A::lanes) {
        const std::size_t rest = count - first < A::lanes ? count - first : A::lanes;
        T values[A::lanes]{};
        for (std::size_t l = 0; l < rest; ++l) values[l] = y[(first + l) * step];
        store(values, Function::apply(A::load(values)));
        for (std::size_t l = 0; l < rest; ++l) y[(first + l) * step] = values[l];
    }
}

/// Softmax of up to most_outputs values, in the nest of the least power of two of packs: the other lanes are less than any value.
template <class Target, std::size_t Packs = 1, class T>
void apply_softmax(T* y, std::size_t count, std::size_t step) noexcept {
    using A = arithmetic<Target, T, register_bytes>;
    constexpr std::size_t room = Packs * A::lanes;
    if constexpr (room < most_outputs) {
        if (count > room) return apply_softmax<Target, 2 * Packs>(y, count, step);
    }
    tensor<T, shape<room>> values;
    for (std::size_t i = 0; i < room; ++i) values[i] = i < count ? y[i * step] : std::numeric_limits<T>::lowest();
    softmax_nest<softmax_in_floats<Target, T, room>, Target>(
        tensor_rows<tensor<T, shape<room>>, 1>{&values}, [&](std::size_t, std::size_t first,
                                                             const auto& v) __attribute__((always_inline)) {
            T scores[A::lanes];
            store(scores, v);
            for (std::size_t l = 0; l < A::lanes && first + l < count; ++l) y[(first + l) * step] = scores[l];
        });
}

/// On `count` outputs of each row.
template <class Target, class T>
void apply_link(forest_link link, const batch_view<T>& y, std::size_t count) noexcept {
    const auto each = [&](auto function) {
        using of = decltype(function);
        if (count == 1) return apply_to_all<Target, of>(y.data, y.rows, y.row_stride);
        for (std::size_t r = 0; r < y.rows; ++r) {
            apply_to_all<Target, of>(y.data + r * y.row_stride, count, y.column_stride);
        }
    };
    switch (link) {
    case forest_link::none:
        return;
    case forest_link::sigmoid:
        return each(sigmoid_function());
    case forest_link::exponential:
        return each(exponential_function());
    case forest_link::tanh:
        return each(tanh_function());
    case forest_link::softmax:
        for (std::size_t r = 0; r < y.rows; ++r) {
            apply_softmax<Target>(y.data + r * y.row_stride, count, y.column_stride);
        }
    }
}

}  // namespace detail
}  // namespace kaon
