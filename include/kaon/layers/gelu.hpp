// gelu.hpp: x weighted by the normal distribution, and its approximation by tanh.
#pragma once

#include "../simd/error_function.hpp"
#include "activation.hpp"
#include "silu.hpp"

namespace kaon {

/// x (1 + erf(x / sqrt(2))) / 2 (arXiv:1606.08415).
struct gelu_function : table_function<void, within_eight> {
    static constexpr char kind[] = "gelu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V half = x * V(0.5f);
        return multiply_add(half, error_function(x * V(lane_of<V>(0.70710678118654752))), half);
    }
};

/// The same with the paper's approximation by tanh.
struct gelu_tanh_function : table_function<void, within_eight> {
    static constexpr char kind[] = "gelu_tanh";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        // (1 + tanh(u)) / 2 is the sigmoid of 2 u, u = sqrt(2 / pi) (x + 0.044715 x^3).
        return detail::weighted_by_sigmoid(x,
                                           x * detail::polynomial(x * x, 1.5957691216057308, 1.5957691216057308 * 0.044715));
    }
};

/// x (1 + erf(x / sqrt(2))) / 2, absolute error below 3e-7 max(1, |x|) (Hendrycks and Gimpel, arXiv:1606.08415). Fixed point: a table of
/// [-8, 8) whose entries table_values<> lists: no compiler computes them.
template <class... Options>
using basic_gelu = activation<gelu_function, Options...>;
using gelu = basic_gelu<>;

/// Its approximation by tanh, of the same paper. Fixed point: as gelu.
template <class... Options>
using basic_gelu_tanh = activation<gelu_tanh_function, Options...>;
using gelu_tanh = basic_gelu_tanh<>;

}  // namespace kaon
