// prelu.hpp: a rectifier with a slope of its own for each feature.
#pragma once

#include "per_feature.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

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
    /// f(one of to's arrays, the same of from) for each: `to` may have room for more.
    template <class To, class F>
    static constexpr void both(To& to, const prelu_parameters& from, F f) {
        f(to.slope, from.slope);
    }
};

/// x above 0, slope x below, a slope a feature (arXiv:1502.01852).
struct prelu_function {
    static constexpr char kind[] = "prelu";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::result, option_kind::tile};
    static constexpr std::size_t multiplications = 1;
    /// Numbers of a feature.
    static constexpr std::size_t arrays = 1;
    template <class Types, std::size_t N>
    using parameters = prelu_parameters<typename Types::weight, N>;
    /// The scalar of what it gives: of an accumulator or void, an input, a weight and a bias.
    template <class, class X, class Slope, class>
    using exact =
        std::conditional_t<is_floating<X>, X, decltype(std::declval<X>() + std::declval<Slope>() * std::declval<X>())>;

    /// f of the arrays that apply reads.
    template <class P, class F>
    [[gnu::always_inline]] static auto with(const P& p, const F& f) noexcept {
        return f(p.slope);
    }
    template <class, class V, class S>
    [[gnu::always_inline]] static auto apply(const V& x, const S& slope) noexcept {
        if constexpr (is_floating<V>) {
            return multiply_add(slope, minimum(V(0.0f), x), maximum(V(0.0f), x));
        } else {
            return maximum(V(0), x) + slope * minimum(V(0), x);
        }
    }
};

/// x where x > 0, else slope x (He et al., arXiv:1502.01852). Parameters: slope [n]. Fixed point: exact; weights<>: the slopes' scalar.
template <class... Options>
struct basic_prelu : per_feature<prelu_function, Options...> {};
using prelu = basic_prelu<>;

}  // namespace kaon
