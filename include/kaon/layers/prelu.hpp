// prelu.hpp: a rectifier with a slope of its own for each feature.
#pragma once

#include "per_feature.hpp"

namespace kaon {

/// Parameters of a prelu layer.
template <class Scalar, std::size_t N>
struct prelu_parameters {
    /// A number a feature.
    Scalar slope[N];

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("slope", p.slope);
    }
};

/// x above 0, slope x below, a slope a feature (arXiv:1502.01852).
struct prelu_function {
    static constexpr char kind[] = "prelu";
    static constexpr std::size_t multiplications = 1;
    template <class Scalar, std::size_t N>
    using parameters = prelu_parameters<Scalar, N>;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x, const V& slope) noexcept {
        return multiply_add(slope, minimum(V(0.0f), x), maximum(V(0.0f), x));
    }
};

/// x where x > 0, else slope x (He et al., arXiv:1502.01852). Parameters: slope [n]. Float only.
template <class... Options>
struct basic_prelu : per_feature<prelu_function, Options...> {};
using prelu = basic_prelu<>;

}  // namespace kaon
