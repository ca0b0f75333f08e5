// constant_functions.hpp: exponential and logarithm for the compiler, to the last digits but a few of constant_real.
#pragma once

#include "constant_real.hpp"

#include <cstdint>

namespace kaon {
namespace detail {

/// e^(-2^power) by its series, whose terms only shift and divide; above 1 by squares of e^-1.
template <int N>
constexpr constant_real<N> exponential_of_minus_power(int power) {
    const int reduced = power < 0 ? power : 0;
    constant_real<N> even = real_of<N>(1);
    constant_real<N> odd{};
    constant_real<N> term = even;
    for (std::uint32_t n = 1; term.exponent > -32 * N; ++n) {
        term = scaled_by(term / n, reduced);
        (n % 2 == 0 ? even : odd) = (n % 2 == 0 ? even : odd) + term;
    }
    constant_real<N> result = even - odd;
    // e^-2^25 is nothing beside the last bit of any scalar.
    for (int squares = 0; squares < power && squares < 25; ++squares) result = result * result;
    return result;
}

/// e^(-m 2^Lowest) of m = 0, ..., Count - 1.
template <int N, int Lowest, int Count>
struct decays {
    constant_real<N> values[Count];

    constexpr decays() : values() {
        values[0] = real_of<N>(1);
        for (int power = 0, first = 1; first < Count; ++power, first *= 2) {
            values[first] = exponential_of_minus_power<N>(Lowest + power);
            for (int i = 1; i < first && first + i < Count; ++i) values[first + i] = values[first] * values[i];
        }
    }
};

template <int N, int Lowest, int Count>
inline constexpr decays<N, Lowest, Count> decays_of{};

/// 1, 1/3, 1/5, ...: as many as a series of z^2 <= 2^-14 has terms that all but the last 20 bits show.
template <int N>
struct odd_reciprocals {
    static constexpr int count = (32 * N - 20) / 14 + 1;
    constant_real<N> values[count];

    constexpr odd_reciprocals() : values() {
        for (std::uint32_t k = 0; k < count; ++k) values[k] = real_of<N>(1) / (2 * k + 1);
    }
};
template <int N>
inline constexpr odd_reciprocals<N> reciprocals_of_odd{};

/// log((1 + z) / (1 - z)) of z <= 1/128, by the series of the inverse hyperbolic tangent, from its smallest term on.
template <int N>
constexpr constant_real<N> twice_inverse_hyperbolic_tangent(const constant_real<N>& z) {
    const constant_real<N> square = z * z;
    constexpr int last = odd_reciprocals<N>::count - 1;
    constant_real<N> sum = reciprocals_of_odd<N>.values[last];
    for (int k = last; k-- > 0;) sum = reciprocals_of_odd<N>.values[k] + sum * square;
    return scaled_by(z * sum, 1);
}

/// log of 1 + k/64, k = 0, ..., 64.
template <int N>
struct logarithms {
    constant_real<N> values[65];

    constexpr logarithms() : values() {
        for (std::uint32_t k = 0; k < 64; ++k) {
            values[k + 1] = values[k] + twice_inverse_hyperbolic_tangent(real_of<N>(1) / (129 + 2 * k));
        }
    }
};

template <int N>
inline constexpr logarithms<N> logarithms_of_sixty_fourths{};

/// log(1 + t) of t in (0, 1].
template <int N>
constexpr constant_real<N> logarithm_of_one_plus(const constant_real<N>& t) {
    const constant_real<N> y = real_of<N>(1) + t;
    // The bits of y below its first, which stands for 1 (or for 2, where y is 2).
    const std::uint32_t k = y.exponent > 1 ? 64 : y.digits[N - 1] >> 25 & 63;
    const constant_real<N> near = real_of<N>(64 + k, -6);
    return logarithms_of_sixty_fourths<N>.values[k] + twice_inverse_hyperbolic_tangent((y - near) * reciprocal(y + near));
}

}  // namespace detail
}  // namespace kaon
