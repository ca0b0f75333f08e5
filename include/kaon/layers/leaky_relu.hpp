// leaky_relu.hpp: relu that lets a part of what is negative through.
#pragma once

#include "../core/number.hpp"
#include "activation.hpp"

namespace kaon {

/// x above 0, slope x below.
template <class Slope>
struct leaky_relu_function : float_function {
    static constexpr char kind[] = "leaky_relu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return multiply_add(V(number<Slope, lane_of<V>>), minimum(V(0.0f), x), maximum(V(0.0f), x));
    }
};

/// x where x > 0, else Slope x (Maas et al., ICML 2013). Slope: a number (core/number.hpp). Float only.
template <class Slope, class... Options>
using leaky_relu = activation<leaky_relu_function<Slope>, Options...>;

}  // namespace kaon
