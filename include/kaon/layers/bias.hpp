// bias.hpp: a number added to each feature.
#pragma once

#include "per_feature.hpp"

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
};

/// x + bias, a number a feature.
struct bias_function {
    static constexpr char kind[] = "bias";
    static constexpr std::size_t multiplications = 0;
    template <class Scalar, std::size_t N>
    using parameters = bias_parameters<Scalar, N>;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x, const V& bias) noexcept {
        return x + bias;
    }
};

/// x + bias. Parameters: bias [n]. Float only.
template <class... Options>
struct basic_bias : per_feature<bias_function, Options...> {};

}  // namespace kaon
