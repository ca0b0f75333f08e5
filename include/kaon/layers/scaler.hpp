// scaler.hpp: each feature times a number, plus a number.
#pragma once

#include "per_feature.hpp"

#include <cstddef>
#include <utility>

namespace kaon {

/// Parameters of a scaler.
template <class Scale, class Offset, std::size_t N>
struct scaler_parameters {
    /// A number a feature.
    /// @{
    Scale scale[N];
    Offset offset[N];
    /// @}

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("scale", p.scale);
        f("offset", p.offset);
    }
    /// f(one of to's arrays, the same of from) for each: `to` may have room for more.
    template <class To, class F>
    static constexpr void both(To& to, const scaler_parameters& from, F f) {
        f(to.scale, from.scale);
        f(to.offset, from.offset);
    }
};

namespace detail {

/// What multiplied_and_added gives; packs of floats share one scale.
template <class Sum, class X, class Scale, class Offset, bool Floating = is_floating<X>>
struct scaled_scalar {
    using type = X;
};
template <class Sum, class X, class Scale, class Offset>
struct scaled_scalar<Sum, X, Scale, Offset, false> {
    using type = decltype(multiplied_and_added<Sum>(std::declval<X>(), std::declval<Scale>(), std::declval<Offset>()));
};

}  // namespace detail

/// scale x + offset, two numbers a feature.
struct scaler_function {
    static constexpr char kind[] = "scaler";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::bias, option_kind::accumulator,
                                            option_kind::result, option_kind::tile};
    static constexpr std::size_t multiplications = 1;
    /// Numbers of a feature.
    static constexpr std::size_t arrays = 2;
    template <class Types, std::size_t N>
    using parameters = scaler_parameters<typename Types::weight, typename Types::bias, N>;
    /// The scalar of what it gives: of an accumulator or void, an input, a weight and a bias.
    template <class Sum, class X, class Scale, class Offset>
    using exact = typename detail::scaled_scalar<Sum, X, Scale, Offset>::type;

    /// f of the arrays that apply reads.
    template <class P, class F>
    [[gnu::always_inline]] static auto with(const P& p, const F& f) noexcept {
        return f(p.scale, p.offset);
    }
    template <class Sum, class V, class S, class O>
    [[gnu::always_inline]] static auto apply(const V& x, const S& scale, const O& offset) noexcept {
        return detail::multiplied_and_added<Sum>(x, scale, offset);
    }
};

/// x scale + offset: standardised features, or a trained batch normalisation (scale = gamma / sqrt(variance + epsilon),
/// offset = beta - mean scale). Parameters: scale [n], offset [n]. Fixed point: exact, or the product cast to accumulator<> first;
/// weights<>, bias<>: the scalars of scale and offset.
template <class... Options>
struct basic_scaler : per_feature<scaler_function, Options...> {};
using scaler = basic_scaler<>;

}  // namespace kaon
