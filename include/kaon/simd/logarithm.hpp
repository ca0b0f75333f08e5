// logarithm.hpp: logarithms of a float or a pack of floats, without libm.
#pragma once

#include "scalar.hpp"

namespace kaon {

/// log(1 + x) for x in [0, 1], within 3 units in the last place. NaN stays NaN.
/// By 2 artanh(x / (2 + x)) (Abramowitz and Stegun, Handbook of Mathematical Functions, 4.1.27).
template <class V>
[[gnu::always_inline]] inline V logarithm_of_one_plus(const V& x) noexcept {
    const V s = x / (x + V(2.0f));  // at most 1/3: each term is a ninth of the one before it, or less
    const V s2 = s * s;
    V sum = multiply_add(s2, V(6.6666667e-2f), V(7.6923077e-2f));
    sum = multiply_add(s2, sum, V(9.0909091e-2f));
    sum = multiply_add(s2, sum, V(1.1111111e-1f));
    sum = multiply_add(s2, sum, V(1.4285714e-1f));
    sum = multiply_add(s2, sum, V(2.0000000e-1f));
    sum = multiply_add(s2, sum, V(3.3333333e-1f));
    const V twice = s + s;
    return multiply_add(twice * s2, sum, twice);
}

}  // namespace kaon
