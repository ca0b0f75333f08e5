// activation.hpp: layers that change each value by itself; they run in the store of the layer before them.
#pragma once

#include "table_function.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/tensor.hpp"
#include "../core/types.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/exponential.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {

namespace detail {

/// Function on values of a scalar: as it is, or as it says for fixed point.
template <class Function, bool Fixed, class Options, class = void>
struct function_on {
    using type = Function;
};
template <class Function, class... Options>
struct function_on<Function, true, types<Options...>, std::void_t<typename Function::template in_fixed_point<Options...>>> {
    using type = typename Function::template in_fixed_point<Options...>;
};

/// The options of precision that an activation takes: its function's, or only that of the result.
template <class Function, class = void>
struct activation_options {
    static constexpr option_kind takes[] = {option_kind::result};
};
template <class Function>
struct activation_options<Function, std::void_t<decltype(Function::takes)>> : Function {};

}  // namespace detail

/// A layer that applies Function::apply to each value; in fixed point Function::in_fixed_point<Options...>::apply, where it has that.
/// Shape kept. Options: a name, result<>, and what Function takes.
template <class Function, class... Options>
struct activation {
    using tag = tag_of<Options...>;
    static constexpr bool pointwise = true;
    static constexpr auto& kind = Function::kind;
    static constexpr auto& takes = detail::activation_options<Function>::takes;

    template <class Input>
    using verdict = typename Function::template verdict<typename Input::scalar, Options...>;

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using function = typename detail::function_on<Function, is_fixed_point<scalar>, types<Options...>>::type;
        /// As it is named, in plain fixed point; void: as the function gives it.
        using named = option_of<result, void, Options...>;
        using output = with_scalar<Input, decltype(quantized<named>(function::apply(std::declval<scalar>())))>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class V>
        [[gnu::always_inline]] static auto apply(const V& x) noexcept {
            return quantized<named>(function::apply(x));
        }
    };
};

/// A function of floating-point values alone.
struct float_function {
    template <class Scalar, class...>
    using verdict = std::conditional_t<is_floating<Scalar>, accepted, refused<expects_float, got<Scalar>>>;
};

/// A function of floating-point values and of fixed point.
struct number_function {
    template <class Scalar, class...>
    using verdict =
        std::conditional_t<is_floating<Scalar> || is_fixed_point<Scalar>, accepted, refused<expects_float, got<Scalar>>>;
};

/// x.
struct identity_function {
    static constexpr char kind[] = "identity";
    template <class Scalar, class...>
    using verdict = accepted;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return x;
    }
};

/// max(0, x).
struct relu_function {
    static constexpr char kind[] = "relu";
    template <class Scalar, class...>
    using verdict = accepted;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return maximum(V(0), x);  // x second: NaN stays NaN
    }
};

/// 1 / (1 + exp(-x)).
struct sigmoid_function : table_function<detail::sigmoid_table, within_eight> {
    static constexpr char kind[] = "sigmoid";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return logistic(x);
    }
};

/// tanh(x).
struct tanh_function : table_function<detail::tanh_table, within_four> {
    static constexpr char kind[] = "tanh";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return hyperbolic_tangent(x);
    }
};

/// The input as it is: a branch that skips the others. With result<>, a conversion.
template <class... Options>
using basic_identity = activation<identity_function, Options...>;
struct identity : basic_identity<> {
    using alias_of = basic_identity<>;
};

/// max(x, 0).
template <class... Options>
using basic_relu = activation<relu_function, Options...>;
using relu = basic_relu<>;

/// 1 / (1 + e^-x). Fixed point: a table of [-8, 8).
template <class... Options>
using basic_sigmoid = activation<sigmoid_function, Options...>;
using sigmoid = basic_sigmoid<>;

/// Hyperbolic tangent. Fixed point: a table of [-4, 4).
template <class... Options>
using basic_tanh = activation<tanh_function, Options...>;
using tanh = basic_tanh<>;

}  // namespace kaon
