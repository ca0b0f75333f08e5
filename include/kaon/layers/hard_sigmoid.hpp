// hard_sigmoid.hpp: a straight line in the place of a sigmoid or of tanh, and what is weighted by it.
#pragma once

#include "activation.hpp"

#include "../core/number.hpp"
#include "../scalar/constant_scalar.hpp"

namespace kaon {

namespace detail {

/// One is the nearest that the scalar has: a format without it does not reach it either.
template <class V>
[[gnu::always_inline]] constexpr V between_zero_and_one(const V& x) noexcept {
    constexpr auto one = nearest<plain_scalar<V>>(1.0);
    return minimum(constant_as<V>(one), maximum(V(0), x));
}

}  // namespace detail

/// max(0, min(1, slope x + offset)).
template <class Slope, class Offset>
struct hard_sigmoid_function : number_function {
    static constexpr char kind[] = "hard_sigmoid";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights, option_kind::bias};
    /// Exact, with Slope in weights<> and Offset in bias<>.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            constexpr option_of<weights, constant_scalar<Slope>, Options...> slope(number<Slope, double>);
            constexpr option_of<bias, constant_scalar<Offset>, Options...> offset(number<Offset, double>);
            const auto line = constant_like<V>(slope) * x + constant_like<V>(offset);
            return detail::between_zero_and_one(line);
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return minimum(V(1.0f),
                       maximum(V(0.0f), multiply_add(V(number<Slope, lane_of<V>>), x, V(number<Offset, lane_of<V>>))));
    }
};

/// x hard_sigmoid(x) (arXiv:1905.02244).
template <class Slope, class Offset>
struct hard_silu_function : number_function {
    static constexpr char kind[] = "hard_silu";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights, option_kind::bias};
    /// Exact, as of hard_sigmoid_function.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            using base = hard_sigmoid_function<Slope, Offset>;
            return x * base::template in_fixed_point<Options...>::apply(x);
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return x * hard_sigmoid_function<Slope, Offset>::apply(x);
    }
};

/// 2 hard_sigmoid(x) - 1.
template <class Slope, class Offset>
struct hard_tanh_function : number_function {
    static constexpr char kind[] = "hard_tanh";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights, option_kind::bias};
    /// Exact, as of hard_sigmoid_function.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            const auto line = hard_sigmoid_function<Slope, Offset>::template in_fixed_point<Options...>::apply(x);
            return line + line - constant_like<V>(ufixed<1, 1>(1));
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return multiply_add(V(2.0f), hard_sigmoid_function<Slope, Offset>::apply(x), V(-1.0f));
    }
};

/// Slope x + Offset, held between 0 and 1. ONNX: 1/5 and 1/2 by default; PyTorch and Keras 3: 1/6 and 1/2. The two are
/// numbers (core/number.hpp). Fixed point: exact; weights<>, bias<>: their scalars.
template <class Slope, class Offset, class... Options>
using hard_sigmoid = activation<hard_sigmoid_function<Slope, Offset>, Options...>;

/// 2 hard_sigmoid<Slope, Offset>(x) - 1, of which Slope = Offset = 1/2 is x held between -1 and 1. The two are numbers. Fixed point:
/// exact, with the options of hard_sigmoid.
template <class Slope, class Offset, class... Options>
using hard_tanh = activation<hard_tanh_function<Slope, Offset>, Options...>;

/// x hard_sigmoid(x), also called hard swish (Howard et al., arXiv:1905.02244: 1/6 and 1/2). Fixed point: exact, with the
/// options of hard_sigmoid.
template <class Slope, class Offset, class... Options>
using hard_silu = activation<hard_silu_function<Slope, Offset>, Options...>;

}  // namespace kaon
