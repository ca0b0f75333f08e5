// table_functions.hpp: the functions of tables, exact: as digits that suffice to round them, or as a ratio of integers.
#pragma once

#include "constant_functions.hpp"
#include "constant_real.hpp"

#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// x = (negative ? -1 : 1) * magnitude * 2^exponent; prepared: what the function makes of e^-|x|, which serves -x too.
template <int N>
struct table_argument {
    bool negative;
    std::uint64_t magnitude;
    int exponent;
    constant_real<N> prepared;

    constexpr constant_real<N> absolute() const { return real_of<N>(magnitude, exponent); }
};

/// (negative ? -1 : 1) * magnitude. Exact where the digits are all there are; else the number is no binary fraction: e^x and what is made
/// of it is transcendental for every x that is one and not zero.
template <int N>
struct table_value {
    bool negative;
    bool exact;
    constant_real<N> magnitude;
};

/// numerator / denominator; over zero: infinite.
struct table_ratio {
    bool negative;
    std::uint64_t numerator;
    std::uint64_t denominator;
};

/// sqrt(numerator / denominator); both below 2^62.
struct table_root {
    std::uint64_t numerator;
    std::uint64_t denominator;
};

/// What most functions prepare: e^-|x| as it is.
struct of_decay {
    static constexpr bool is_ratio = false;
    static constexpr int greatest_exponent(int) { return 2; }
    template <int N>
    static constexpr constant_real<N> prepared(const constant_real<N>& decay) {
        return decay;
    }
};

/// The greatest exponent of a value where no argument is above 2^bits in magnitude.
constexpr int no_greater_than_argument(int bits) { return (bits < 0 ? 0 : bits) + 1; }

/// e^x.
struct exponential_table : of_decay {
    static constexpr int greatest_exponent(int bits) { return bits < 0 ? 2 : bits > 12 ? 8192 : (3 << bits) / 2 + 2; }
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {false, x.magnitude == 0, x.negative ? x.prepared : reciprocal(x.prepared)};
    }
};

/// e^-x.
struct mirrored_exponential_table : exponential_table {
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {false, x.magnitude == 0, x.negative ? reciprocal(x.prepared) : x.prepared};
    }
};

/// e^-x of x that is not negative.
struct decay_table : of_decay {
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {false, x.magnitude == 0, x.prepared};
    }
};

/// 1 / (1 + e^-x).
struct sigmoid_table : of_decay {
    /// Below zero.
    template <int N>
    static constexpr constant_real<N> prepared(const constant_real<N>& decay) {
        return decay * reciprocal(real_of<N>(1) + decay);
    }
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        if (x.magnitude == 0) return {false, true, real_of<N>(1, -1)};
        return {false, false, x.negative ? x.prepared : real_of<N>(1) - x.prepared};
    }
};

/// tanh x.
struct tanh_table : of_decay {
    template <int N>
    static constexpr constant_real<N> prepared(const constant_real<N>& decay) {
        const constant_real<N> square = decay * decay;
        return (real_of<N>(1) - square) * reciprocal(real_of<N>(1) + square);
    }
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {x.negative, x.magnitude == 0, x.prepared};
    }
};

/// log(1 + e^x).
struct softplus_table : of_decay {
    static constexpr int greatest_exponent(int bits) { return no_greater_than_argument(bits); }
    template <int N>
    static constexpr constant_real<N> prepared(const constant_real<N>& decay) {
        return logarithm_of_one_plus(decay);
    }
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {false, false, x.negative ? x.prepared : x.prepared + x.absolute()};
    }
};

/// e^x - 1 below zero.
struct elu_table : of_decay {
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {true, x.magnitude == 0, real_of<N>(1) - x.prepared};
    }
};

/// gamma alpha (e^x - 1) below zero, with Gamma::gamma and Gamma::alpha as the doubles that they are.
template <class Constants>
struct selu_table : of_decay {
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        constexpr double unit = 4503599627370496.0;  // 2^52
        const constant_real<N> factor = real_of<N>(static_cast<std::uint64_t>(Constants::gamma * unit), -52) *
                                        real_of<N>(static_cast<std::uint64_t>(Constants::alpha * unit), -52);
        return {true, x.magnitude == 0, factor * (real_of<N>(1) - x.prepared)};
    }
};

/// x / (1 + e^-x).
struct silu_table : sigmoid_table {
    static constexpr int greatest_exponent(int bits) { return no_greater_than_argument(bits); }
    template <int N>
    static constexpr table_value<N> at(const table_argument<N>& x) {
        return {x.negative, x.magnitude == 0, x.absolute() * sigmoid_table::at(x).magnitude};
    }
};

/// x / (1 + |x|).
struct softsign_table {
    static constexpr bool is_ratio = true;
    static constexpr table_ratio at(bool negative, std::uint64_t magnitude, int exponent) {
        if (exponent >= 0) return {negative, magnitude << exponent, (magnitude << exponent) + 1};
        return {negative, magnitude, magnitude + (std::uint64_t{1} << -exponent)};
    }
};

/// 1 / x; infinite, or Zero where that is set, at zero.
template <bool Zero>
struct inverse_table {
    static constexpr bool is_ratio = true;
    static constexpr table_ratio at(bool negative, std::uint64_t magnitude, int exponent) {
        if (magnitude == 0)
            return {false, Zero ? std::uint64_t{0} : std::uint64_t{1}, Zero ? std::uint64_t{1} : std::uint64_t{0}};
        if (exponent >= 0) return {negative, 1, magnitude << exponent};
        return {negative, std::uint64_t{1} << -exponent, magnitude};
    }
};

/// Whether a type is a std::ratio, as far as it is asked for.
template <class Ratio, class = void>
inline constexpr bool has_terms = false;
template <class Ratio>
inline constexpr bool has_terms<Ratio, std::void_t<decltype(Ratio::num), decltype(Ratio::den)>> = true;

/// 1 / sqrt(x + Epsilon) of x that is not negative; Epsilon: a std::ratio that fits().
template <class Epsilon>
struct inverse_root_table {
    static constexpr bool is_ratio = true;
    /// For 2^size_bits entries of [0, 2^-power).
    static constexpr bool fits(int size_bits, int power) {
        if constexpr (has_terms<Epsilon>) {
            if (Epsilon::num < 0 || size_bits + power < 0) return false;
            const int most = 61 - size_bits - (power > 0 ? power : 0);
            return most > 0 && Epsilon::den >> most == 0 && Epsilon::num >> most == 0;
        } else {
            return false;
        }
    }
    static constexpr table_root at(bool, std::uint64_t magnitude, int exponent) {
        constexpr auto num = static_cast<std::uint64_t>(Epsilon::num), den = static_cast<std::uint64_t>(Epsilon::den);
        return {den << -exponent, (num << -exponent) + magnitude * den};
    }
};

}  // namespace detail
}  // namespace kaon
