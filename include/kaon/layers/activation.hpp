// activation.hpp: layers that change each value by itself; they run in the store of the layer before them.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// A layer that applies Function::apply to each value. Shape kept.
template <class Function, class... Options>
struct activation {
    using tag = typename tag_of<Options...>::type;
    static constexpr bool pointwise = true;
    static constexpr auto& kind = Function::kind;

    template <class Input>
    using verdict = accepted;

    template <class Input>
    struct bind {
        using output = Input;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class V>
        [[gnu::always_inline]] static V apply(const V& x) noexcept {
            return Function::apply(x);
        }
    };
};

struct relu_function {
    static constexpr char kind[] = "relu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return maximum(x, V(0));
    }
};

struct sigmoid_function {
    static constexpr char kind[] = "sigmoid";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return V(1.0f) / (V(1.0f) + exponential(V(0.0f) - x));
    }
};

struct tanh_function {
    static constexpr char kind[] = "tanh";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return V(1.0f) - V(2.0f) / (exponential(x + x) + V(1.0f));
    }
};

/// max(x, 0).
template <class... Options>
using basic_relu = activation<relu_function, Options...>;
using relu = basic_relu<>;

/// 1 / (1 + e^-x). Float only.
template <class... Options>
using basic_sigmoid = activation<sigmoid_function, Options...>;
using sigmoid = basic_sigmoid<>;

/// Hyperbolic tangent, absolute error below 3e-7. Float only.
template <class... Options>
using basic_tanh = activation<tanh_function, Options...>;
using tanh = basic_tanh<>;

}  // namespace kaon
