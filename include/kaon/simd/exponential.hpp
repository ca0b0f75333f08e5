// exponential.hpp: exp of a float or a pack of floats, without libm.
#pragma once

#include "scalar.hpp"

namespace kaon {

namespace detail {

/// Range reduction to |r| <= ln(2) / 2 (Cody and Waite, Software Manual for the Elementary Functions, 1980), then the Taylor
/// polynomial of degree 7, evaluated in pairs so that its steps overlap.
template <class V>
[[gnu::always_inline]] inline V exponential_in_range(const V& x) noexcept {
    // Adding 1.5 * 2^23 leaves the rounded integer in the low mantissa bits; 127 more is the exponent's bias.
    const V shift(12582912.0f + 127.0f);
    const V shifted = multiply_add(x, V(1.44269504f), shift);
    const V n = shifted - shift;
    const V r = multiply_add(n, V(2.12194440e-4f), multiply_add(n, V(-0.693359375f), x));
    const V r2 = r * r;
    const V r4 = r2 * r2;
    const V low = multiply_add(r2, multiply_add(r, V(1.66666667e-1f), V(0.5f)), r + V(1.0f));
    const V middle = multiply_add(r, V(8.33333333e-3f), V(4.16666667e-2f));
    const V high = multiply_add(r, V(1.98412698e-4f), V(1.38888889e-3f));
    return multiply_add(r4, multiply_add(r2, high, middle), low) * exponent_from_low_bits(shifted);
}

}  // namespace detail

/// e^x within 2 units in the last place for x in [-87, 87]; clamped to that range outside it, so that neither the result nor
/// one over it is subnormal. NaN stays NaN.
template <class V>
[[gnu::always_inline]] inline V exponential(const V& x) noexcept {
    return detail::exponential_in_range(minimum(V(87.0f), maximum(V(-87.0f), x)));
}

/// The same for x <= 0, clamped to e^-80: a sum of a thousand e^x divides it without a subnormal, which many processors
/// compute an order of magnitude more slowly than other numbers.
template <class V>
[[gnu::always_inline]] inline V exponential_of_nonpositive(const V& x) noexcept {
    return detail::exponential_in_range(maximum(V(-80.0f), x));
}

}  // namespace kaon
