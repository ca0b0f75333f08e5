// logarithm.hpp: logarithms of a float, a double or a pack of them, without libm.
#pragma once

#include "polynomial.hpp"
#include "scalar.hpp"

#include <limits>
#include <type_traits>

namespace kaon {
namespace detail {

/// (artanh(s) / s - 1) / s^2 as a polynomial in s^2, for |s| <= 0.172 (Abramowitz and Stegun, Handbook of Mathematical
/// Functions, 4.1.27 and 4.6.33).
template <class V>
[[gnu::always_inline]] inline V artanh_tail(const V& s2) noexcept {
    if constexpr (std::is_same_v<lane_of<V>, float>) {
        return polynomial(s2, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9);
    } else {
        return polynomial(s2, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21,
                          1.0 / 23);
    }
}

/// The same for 0 <= s <= 1/3: each term is a ninth of the one before it, or less.
template <class V>
[[gnu::always_inline]] inline V wide_artanh_tail(const V& s2) noexcept {
    if constexpr (std::is_same_v<lane_of<V>, float>) {
        return polynomial(s2, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15);
    } else {
        return polynomial(s2, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21,
                          1.0 / 23, 1.0 / 25, 1.0 / 27, 1.0 / 29, 1.0 / 31, 1.0 / 33);
    }
}

}  // namespace detail

/// log(1 + x) for x in [0, 1]. NaN stays NaN. Error bounds: docs/functions.md.
template <class V>
[[gnu::always_inline]] inline V logarithm_of_one_plus(const V& x) noexcept {
    using T = lane_of<V>;
    const V s = x / (x + V(T(2)));
    const V s2 = s * s;
    const V twice = s + s;
    return multiply_add(twice * s2, detail::wide_artanh_tail(s2), twice);
}

/// log(x) of any x: -infinity of 0, NaN of what is below it, infinity of infinity; NaN stays NaN.
template <class V>
[[gnu::always_inline]] inline V logarithm(const V& x) noexcept {
    using T = lane_of<V>;
    using limits = std::numeric_limits<T>;
    constexpr bool single = std::is_same_v<T, float>;
    constexpr T up = single ? T(16777216.0) : T(9007199254740992.0);  // 2^24, 2^53: out of the subnormals
    const auto tiny = less(x, V(limits::min()));
    const V scaled = select(tiny, x * V(up), x);
    const V m = significand(scaled);
    const V field = exponent_field(scaled) - V(single ? T(8388608.0 + 127.0) : T(4503599627370496.0 + 1023.0));
    // Into [sqrt(1/2), sqrt(2)): where x is near 1, n is 0.
    const auto large = less(V(T(1.41421356237309505)), m);
    const V f = select(large, m * V(T(0.5)), m);
    const V n = select(large, field + V(T(1)), field) - select(tiny, V(T(single ? 24 : 53)), V(T(0)));
    const V s = (f - V(T(1))) / (f + V(T(1)));
    const V s2 = s * s;
    const V twice = s + s;
    const V upper(single ? T(0.693359375) : T(6.93147180369123816490e-01));
    const V lower(single ? T(-2.12194440054690583e-4) : T(1.90821492927058770002e-10));
    const V small = multiply_add(twice * s2, detail::artanh_tail(s2), n * lower);
    const V result = multiply_add(n, upper, twice + small);
    const V of_bounds = select(less(V(limits::max()), x), x, result);
    const V of_zero = select(less(x, V(limits::denorm_min())), V(-limits::infinity()), of_bounds);
    // Neither below 0 nor not: NaN.
    return select(less(x, V(T(0))), V(limits::quiet_NaN()), select(less(x, V(limits::infinity())), of_zero, x));
}

}  // namespace kaon
