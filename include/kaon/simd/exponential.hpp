// exponential.hpp: exp and what is made of it, of a float, a double or a pack of them, without libm.
#pragma once

#include "polynomial.hpp"
#include "scalar.hpp"

#include <type_traits>

namespace kaon {
namespace detail {

template <class T>
struct exponential_range;
template <>
struct exponential_range<float> {
    /// Neither e^x nor one over it is subnormal.
    static constexpr float last = 87.0f;
    /// A sum of a thousand e^x, x <= 0, divides e^-lowest without a subnormal.
    static constexpr float lowest = -80.0f;
    /// From here on tanh rounds to 1.
    static constexpr float tanh_is_one = 9.1f;
};
template <>
struct exponential_range<double> {
    static constexpr double last = 708.0;
    static constexpr double lowest = -690.0;
    static constexpr double tanh_is_one = 19.1;
};

/// x = n ln 2 + rest, |rest| <= ln(2) / 2: power is 2^n (Cody and Waite, Software Manual for the Elementary Functions, 1980).
template <class V>
struct reduced {
    V power, rest;

    [[gnu::always_inline]] explicit reduced(const V& x) noexcept {
        using T = lane_of<V>;
        constexpr bool single = std::is_same_v<T, float>;
        // Adding 1.5 * 2^mantissa leaves the rounded integer in the low mantissa bits; the exponent's bias is added with it.
        const V shift(single ? T(12582912.0 + 127.0) : T(6755399441055744.0 + 1023.0));
        const V shifted = multiply_add(x, V(T(1.44269504088896341)), shift);
        const V n = shifted - shift;
        // n times the upper part of ln 2 is exact.
        const V upper(single ? T(-0.693359375) : T(-6.93147180369123816490e-01));
        const V lower(single ? T(2.12194440054690583e-4) : T(-1.90821492927058770002e-10));
        rest = multiply_add(n, lower, multiply_add(n, upper, x));
        power = exponent_from_low_bits(shifted);
    }
};

/// The Taylor polynomial of e^r beyond its first terms: (e^r - 1 - r) / r^2.
template <class V>
[[gnu::always_inline]] inline V exponential_tail(const V& r) noexcept {
    if constexpr (std::is_same_v<lane_of<V>, float>) {
        // In pairs, so that its steps overlap.
        const V r2 = r * r;
        const V low = polynomial(r, 0.5, 1.66666667e-1);
        const V middle = polynomial(r, 4.16666667e-2, 8.33333333e-3);
        const V high = polynomial(r, 1.38888889e-3, 1.98412698e-4);
        return multiply_add(r2, multiply_add(r2, high, middle), low);
    } else {
        return polynomial(r, 0.5, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
                          1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0);
    }
}

template <class V>
[[gnu::always_inline]] inline V exponential_in_range(const V& x) noexcept {
    using T = lane_of<V>;
    const reduced<V> parts(x);
    const V& r = parts.rest;
    return multiply_add(r * r, exponential_tail(r), r + V(T(1))) * parts.power;
}

}  // namespace detail

/// e^x for x in [-87, 87] (double: [-708, 708]); clamped to that range outside it, so that neither the result nor one over it is
/// subnormal. NaN stays NaN. Error bounds of this and the functions below: docs/functions.md.
template <class V>
[[gnu::always_inline]] inline V exponential(const V& x) noexcept {
    const V last(detail::exponential_range<lane_of<V>>::last);
    return detail::exponential_in_range(minimum(last, maximum(V(-detail::exponential_range<lane_of<V>>::last), x)));
}

/// The same for x <= 0, clamped to e^-80 (double: e^-690): a sum of a thousand e^x divides it without a subnormal, which many
/// processors compute an order of magnitude more slowly than other numbers.
template <class V>
[[gnu::always_inline]] inline V exponential_of_nonpositive(const V& x) noexcept {
    return detail::exponential_in_range(maximum(V(detail::exponential_range<lane_of<V>>::lowest), x));
}

/// e^x - 1, clamped like e^x; as exact near 0 as elsewhere.
template <class V>
[[gnu::always_inline]] inline V exponential_minus_one(const V& x) noexcept {
    using T = lane_of<V>;
    constexpr T last = detail::exponential_range<T>::last;
    const detail::reduced<V> parts(minimum(V(last), maximum(V(-last), x)));
    const V& r = parts.rest;
    const V q = multiply_add(r * r, detail::exponential_tail(r), r);
    return multiply_add(parts.power, q, parts.power - V(T(1)));
}

/// 1 / (1 + e^-x); below -87 (double: -708) what it is there.
template <class V>
[[gnu::always_inline]] inline V logistic(const V& x) noexcept {
    using T = lane_of<V>;
    return V(T(1)) / (V(T(1)) + exponential(V(T(0)) - x));
}

/// tanh x, as exact near 0 as elsewhere.
template <class V>
[[gnu::always_inline]] inline V hyperbolic_tangent(const V& x) noexcept {
    using T = lane_of<V>;
    const V magnitude = minimum(V(detail::exponential_range<T>::tanh_is_one), maximum(x, V(T(0)) - x));
    const V e = exponential_minus_one(magnitude + magnitude);
    const V t = e / (e + V(T(2)));
    return select(less(x, V(T(0))), V(T(0)) - t, t);
}

}  // namespace kaon
