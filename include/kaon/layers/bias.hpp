// bias.hpp: a number added to each feature.
#pragma once

#include "per_feature.hpp"

#include <cstddef>
#include <utility>

namespace kaon {

/// Parameters of a bias layer.
template <class Scalar, std::size_t N>
struct bias_parameters {
    /// A number a feature.
    Scalar bias[N];

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("bias", p.bias);
    }
    /// f(one of to's arrays, the same of from) for each: `to` may have room for more.
    template <class To, class F>
    static constexpr void both(To& to, const bias_parameters& from, F f) {
        f(to.bias, from.bias);
    }
};

/// x + bias, a number a feature.
struct bias_function {
    static constexpr char kind[] = "bias";
    static constexpr option_kind takes[] = {option_kind::bias, option_kind::result, option_kind::tile};
    static constexpr std::size_t multiplications = 0;
    /// Numbers of a feature.
    static constexpr std::size_t arrays = 1;
    template <class Types, std::size_t N>
    using parameters = bias_parameters<typename Types::bias, N>;
    /// The scalar of what it gives: of an accumulator or void, an input, a weight and a bias.
    template <class, class X, class, class Bias>
    using exact = decltype(std::declval<X>() + std::declval<Bias>());

    /// f of the arrays that apply reads.
    template <class P, class F>
    [[gnu::always_inline]] static auto with(const P& p, const F& f) noexcept {
        return f(p.bias);
    }
    template <class, class V, class B>
    [[gnu::always_inline]] static auto apply(const V& x, const B& bias) noexcept {
        return x + bias;
    }
};

/// x + bias. Parameters: bias [n]. Fixed point: exact; bias<> by default the input's scalar.
template <class... Options>
struct basic_bias : per_feature<bias_function, Options...> {};

}  // namespace kaon
