// limits.hpp: std::numeric_limits of fixed point.
#pragma once

#include "fixed.hpp"

#include <cstdint>
#include <limits>

namespace kaon {
namespace detail {

/// The nearest of the standard's kinds: it tells apart no halves, and has none away from zero.
constexpr std::float_round_style round_style_of(rounding_mode q) {
    switch (q) {
    case rounding_mode::truncate:
        return std::round_toward_neg_infinity;
    case rounding_mode::truncate_zero:
        return std::round_toward_zero;
    case rounding_mode::toward_plus_infinity:
        return std::round_toward_infinity;
    case rounding_mode::away_from_zero:
        return std::round_indeterminate;
    default:
        return std::round_to_nearest;
    }
}

/// Whole decimal digits of a number of bits: log10(2) as a fraction that is exact to far more bits than there are.
constexpr int decimal_digits(int bits) { return bits * 643 / 2136; }

}  // namespace detail
}  // namespace kaon

namespace std {

/// Exact, bounded, of radix 2; what has no bits after the binary point counts as an integer.
template <int W, int I, bool S, kaon::rounding_mode Q, kaon::overflow_mode O>
class numeric_limits<kaon::basic_fixed<W, I, S, Q, O>> {
    using type = kaon::basic_fixed<W, I, S, Q, O>;
    using raw = typename type::integer_type;

public:
    /// As the standard says. Nothing is infinite, undefined or subnormal; no exponents; division by zero is what it is for integers.
    /// @{
    static constexpr bool is_specialized = true;
    static constexpr bool is_signed = S;
    static constexpr bool is_integer = type::fraction <= 0;
    static constexpr bool is_exact = true;
    static constexpr bool is_bounded = true;
    static constexpr bool is_modulo = O == kaon::overflow_mode::wrap;
    static constexpr bool is_iec559 = false;
    static constexpr bool has_infinity = false;
    static constexpr bool has_quiet_NaN = false;
    static constexpr bool has_signaling_NaN = false;
    static constexpr float_denorm_style has_denorm = denorm_absent;
    static constexpr bool has_denorm_loss = false;
    static constexpr bool tinyness_before = false;
    static constexpr bool traps = numeric_limits<int64_t>::traps;
    static constexpr float_round_style round_style = kaon::detail::round_style_of(Q);
    static constexpr int radix = 2;
    static constexpr int min_exponent = 0;
    static constexpr int min_exponent10 = 0;
    static constexpr int max_exponent = 0;
    static constexpr int max_exponent10 = 0;
    /// @}
    /// Bits without the sign; decimal digits that survive, where conversions round to nearest; those that tell all values apart.
    /// @{
    static constexpr int digits = W - (S ? 1 : 0);
    static constexpr int digits10 = kaon::detail::decimal_digits(is_integer || digits == 0 ? digits : digits - 1);
    static constexpr int max_digits10 = 2 + kaon::detail::decimal_digits(digits);
    /// @}

    /// As for built-in types: an integer's least value, otherwise the least positive one (zero, where there is none).
    static constexpr type min() noexcept { return is_integer ? lowest() : epsilon(); }
    /// The least value that a conversion gives: saturate_symmetric leaves one out.
    static constexpr type lowest() noexcept { return type::from_exact(kaon::detail::raw_lowest<raw>(O, W, S)); }
    /// The greatest value.
    static constexpr type max() noexcept { return type::from_exact(kaon::detail::raw_max<raw>(W, S)); }
    /// The step from one value to the next, 2^-fraction, everywhere; zero where the format has no such value.
    static constexpr type epsilon() noexcept { return type::from_exact(digits == 0 ? 0 : 1); }
    /// Zero, as for integers: half a step is no value, and the others there are none of.
    /// @{
    static constexpr type round_error() noexcept { return type::from_exact(0); }
    static constexpr type infinity() noexcept { return type::from_exact(0); }
    static constexpr type quiet_NaN() noexcept { return type::from_exact(0); }
    static constexpr type signaling_NaN() noexcept { return type::from_exact(0); }
    /// @}
    /// As min.
    static constexpr type denorm_min() noexcept { return min(); }
};
/// The same.
template <int W, int I, bool S, kaon::rounding_mode Q, kaon::overflow_mode O>
class numeric_limits<const kaon::basic_fixed<W, I, S, Q, O>> : public numeric_limits<kaon::basic_fixed<W, I, S, Q, O>> {};

}  // namespace std
