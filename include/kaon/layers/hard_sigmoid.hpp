// hard_sigmoid.hpp: a straight line in the place of a sigmoid, and what is weighted by it.
#pragma once

#include "../core/number.hpp"
#include "activation.hpp"

namespace kaon {

/// max(0, min(1, slope x + offset)).
template <class Slope, class Offset>
struct hard_sigmoid_function : float_function {
    static constexpr char kind[] = "hard_sigmoid";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return minimum(V(1.0f),
                       maximum(V(0.0f), multiply_add(V(number<Slope, lane_of<V>>), x, V(number<Offset, lane_of<V>>))));
    }
};

/// x hard_sigmoid(x) (arXiv:1905.02244).
template <class Slope, class Offset>
struct hard_silu_function : float_function {
    static constexpr char kind[] = "hard_silu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return x * hard_sigmoid_function<Slope, Offset>::apply(x);
    }
};

/// Slope x + Offset, held between 0 and 1. ONNX: 1/5 and 1/2 by default; PyTorch and Keras 3: 1/6 and 1/2. The two are
/// numbers (core/number.hpp). Float only.
template <class Slope, class Offset, class... Options>
using hard_sigmoid = activation<hard_sigmoid_function<Slope, Offset>, Options...>;

/// x hard_sigmoid(x), also called hard swish (Howard et al., arXiv:1905.02244: 1/6 and 1/2). Float only.
template <class Slope, class Offset, class... Options>
using hard_silu = activation<hard_silu_function<Slope, Offset>, Options...>;

}  // namespace kaon
