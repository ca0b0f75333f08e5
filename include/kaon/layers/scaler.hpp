// scaler.hpp: each feature times a number, plus a number.
#pragma once

#include "per_feature.hpp"

namespace kaon {

/// Parameters of a scaler.
template <class Scalar, std::size_t N>
struct scaler_parameters {
    /// A number a feature.
    /// @{
    Scalar scale[N];
    Scalar offset[N];
    /// @}

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("scale", p.scale);
        f("offset", p.offset);
    }
};

/// scale x + offset, two numbers a feature.
struct scaler_function {
    static constexpr char kind[] = "scaler";
    static constexpr std::size_t multiplications = 1;
    template <class Scalar, std::size_t N>
    using parameters = scaler_parameters<Scalar, N>;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x, const V& scale, const V& offset) noexcept {
        return multiply_add(x, scale, offset);
    }
};

/// x scale + offset: standardised features, or a trained batch normalisation (scale = gamma / sqrt(variance + epsilon),
/// offset = beta - mean scale). Parameters: scale [n], offset [n]. Float only.
template <class... Options>
struct basic_scaler : per_feature<scaler_function, Options...> {};
using scaler = basic_scaler<>;

}  // namespace kaon
