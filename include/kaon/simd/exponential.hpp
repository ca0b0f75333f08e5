// exponential.hpp: exp of a float or a pack of floats, without libm.
#pragma once

#include "scalar.hpp"

namespace kaon {

/// e^x within 2 units in the last place for x in [-87, 88]; clamped to that range outside it. NaN is not preserved.
/// Range reduction to |r| <= ln(2) / 2 (Cody and Waite, Software Manual for the Elementary Functions, 1980), then the Taylor
/// polynomial of degree 7, evaluated in pairs so that its steps overlap.
template <class V>
[[gnu::always_inline]] inline V exponential(V x) noexcept {
    // Adding 1.5 * 2^23 leaves the rounded integer in the low mantissa bits; 127 more is the exponent's bias.
    const V shift(12582912.0f + 127.0f);
    x = minimum(maximum(x, V(-87.0f)), V(88.0f));
    const V shifted = multiply_add(x, V(1.44269504f), shift);
    const V n = shifted - shift;
    const V r = multiply_add(n, V(2.12194440e-4f), multiply_add(n, V(-0.693359375f), x));
    const V r2 = r * r;
    const V low = multiply_add(r2, V(0.5f), r + V(1.0f));
    const V middle = multiply_add(r, V(4.16666667e-2f), V(1.66666667e-1f));
    const V high = multiply_add(r, V(1.38888889e-3f), V(8.33333333e-3f));
    const V upper = multiply_add(r2, multiply_add(r2, V(1.98412698e-4f), high), middle);
    return multiply_add(upper, r2 * r, low) * exponent_from_low_bits(shifted);
}

}  // namespace kaon
