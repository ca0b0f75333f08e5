// activation.hpp: layers that change each value by itself; they run in the store of the layer before them.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/exponential.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// A layer that applies Function::apply to each value. Shape kept. Options: a name, result<>.
template <class Function, class... Options>
struct activation {
    using tag = tag_of<Options...>;
    static constexpr bool pointwise = true;
    static constexpr auto& kind = Function::kind;

    template <class Input>
    using verdict = typename Function::template verdict<typename Input::scalar>;

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        /// As it is named, in plain fixed point; void: the input's.
        using named = option_of<result, void, Options...>;
        using output =
            std::conditional_t<std::is_void_v<named>, Input, with_scalar<Input, typename detail::like<scalar, named>::type>>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class V>
        [[gnu::always_inline]] static auto apply(const V& x) noexcept {
            return quantized<named>(Function::apply(x));
        }
    };
};

/// A function of floating-point values alone.
struct float_function {
    template <class Scalar>
    using verdict = std::conditional_t<is_floating<Scalar>, accepted, refused<expects_float, got<Scalar>>>;
};

/// x.
struct identity_function {
    static constexpr char kind[] = "identity";
    template <class Scalar>
    using verdict = accepted;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return x;
    }
};

/// max(0, x).
struct relu_function {
    static constexpr char kind[] = "relu";
    template <class Scalar>
    using verdict = accepted;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return maximum(V(0), x);  // x second: NaN stays NaN
    }
};

/// 1 / (1 + exp(-x)).
struct sigmoid_function : float_function {
    static constexpr char kind[] = "sigmoid";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return logistic(x);
    }
};

/// tanh(x).
struct tanh_function : float_function {
    static constexpr char kind[] = "tanh";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return hyperbolic_tangent(x);
    }
};

/// The input as it is: a branch that skips the others. With result<>, a conversion.
template <class... Options>
using basic_identity = activation<identity_function, Options...>;
struct identity : basic_identity<> {};

/// max(x, 0).
template <class... Options>
using basic_relu = activation<relu_function, Options...>;
using relu = basic_relu<>;

/// 1 / (1 + e^-x). Float only.
template <class... Options>
using basic_sigmoid = activation<sigmoid_function, Options...>;
using sigmoid = basic_sigmoid<>;

/// Hyperbolic tangent. Float only.
template <class... Options>
using basic_tanh = activation<tanh_function, Options...>;
using tanh = basic_tanh<>;

}  // namespace kaon
