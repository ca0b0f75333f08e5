// exponential.hpp: e^x.
#pragma once

#include "activation.hpp"

namespace kaon {

/// e^x.
struct exponential_function : float_function {
    static constexpr char kind[] = "exponential";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        // The root has room where e^x has none: that becomes infinite, or zero.
        const V root = kaon::exponential(x * V(lane_of<V>(0.5)));
        return root * root;
    }
};

/// e^x, relative error below 3e-7 (double: 1e-15): the link of forests of counts. Floating point alone. (`exponential` itself is the
/// function.)
template <class... Options>
using basic_exponential = activation<exponential_function, Options...>;
/// The same without options.
using exp = basic_exponential<>;

}  // namespace kaon
