// error_function.hpp: erf of a float, a double or a pack of them, without libm.
#pragma once

#include "exponential.hpp"
#include "polynomial.hpp"
#include "scalar.hpp"

#include <type_traits>

namespace kaon {
namespace detail {

/// erf(x) / x as a polynomial in z = x^2, z in [0, 1]; fitted at Chebyshev nodes.
template <class V>
[[gnu::always_inline]] inline V error_function_near(const V& z) noexcept {
    if constexpr (std::is_same_v<lane_of<V>, float>) {
        return polynomial(z, 1.1283791, -3.7612626e-1, 1.12835974e-1, -2.6854329e-2, 5.1893123e-3, -8.018855e-4,
                          7.8824974e-5);
    } else {
        return polynomial(z, 1.12837916709551257, -0.376126389031837481, 0.112837916709548787, -0.0268661706450767932,
                          0.00522397762481801447, -0.000854832698083378991, 0.000120553311116427109,
                          -0.0000149255952668311816, 1.6461000484121368e-6, -1.6350312701054695e-7, 1.46597752740474358e-8,
                          -1.13728488567916737e-9, 5.9571761477489114e-11);
    }
}

/// q with erf(b) = 1 - e^-q for b >= 1, up to where erf rounds to 1. q / b is a polynomial: fitted at Chebyshev nodes in b on
/// [1, 4] (float), by least squares weighted with erfc in (b - 3.5) / 2.5 on [1, 6] (double).
template <class V>
[[gnu::always_inline]] inline V error_function_exponent(const V& a) noexcept {
    if constexpr (std::is_same_v<lane_of<V>, float>) {
        const V b = minimum(V(4.0f), a);
        return b * polynomial(b, 1.1289005, 6.3416171e-1, 1.07828915e-1, -2.5114229e-2, 4.2907689e-3, -4.9509812e-4,
                              3.3830085e-5, -1.0119172e-6);
    } else {
        const V b = minimum(V(6.0), a);
        const V t = (b - V(3.5)) * V(0.4);
        return b * polynomial(t, 4.03212497203324782, 2.30998186862490223, 0.0763576920791516146, -0.0312123477294267516,
                              0.012543783779505405, -0.00484948182347030584, 0.00176072690011134813,
                              -0.000596489592951481251, 0.000123044502955244649, -0.0000457101833230305784,
                              0.000112312590688537423, 0.000393946583179798026, 0.000593932286686940681,
                              0.00058379074637407921, 0.000350468136185332021, 0.00012570692820888534,
                              0.0000198611782092873048);
    }
}

}  // namespace detail

/// erf(x). NaN stays NaN. Error bounds: docs/functions.md.
template <class V>
[[gnu::always_inline]] inline V error_function(const V& x) noexcept {
    using T = lane_of<V>;
    const V zero(T(0)), one(T(1));
    const V a = maximum(x, zero - x);
    const V near = detail::error_function_near(a * a) * x;
    const V far = one - exponential_of_nonpositive(zero - detail::error_function_exponent(a));
    return select(less(a, one), near, select(less(x, zero), zero - far, far));
}

}  // namespace kaon
