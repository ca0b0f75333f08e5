// leaky_relu.hpp: relu that lets a part of what is negative through.
#pragma once

#include "activation.hpp"

#include "../core/number.hpp"
#include "../scalar/constant_scalar.hpp"

namespace kaon {

/// x above 0, slope x below.
template <class Slope>
struct leaky_relu_function : number_function {
    static constexpr char kind[] = "leaky_relu";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights};
    /// Exact, with Slope in weights<>; one of the two that are added is zero.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            constexpr option_of<weights, constant_scalar<Slope>, Options...> slope(number<Slope, double>);
            return maximum(V(0), x) + constant_like<V>(slope) * minimum(V(0), x);
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return multiply_add(V(number<Slope, lane_of<V>>), minimum(V(0.0f), x), maximum(V(0.0f), x));
    }
};

/// x where x > 0, else Slope x (Maas et al., ICML 2013). Slope: a number (core/number.hpp). Fixed point: exact;
/// weights<>: Slope's scalar.
template <class Slope, class... Options>
using leaky_relu = activation<leaky_relu_function<Slope>, Options...>;

}  // namespace kaon
