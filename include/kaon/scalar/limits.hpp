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

/// Exact, bounded, of radix 2; what has no bits after the binary point counts as an integer.
template <int W, int I, bool S, kaon::rounding_mode Q, kaon::overflow_mode O>
class std::numeric_limits<kaon::basic_fixed<W, I, S, Q, O>> {
    using type = kaon::basic_fixed<W, I, S, Q, O>;
    using raw = typename type::integer_type;

public:
    static constexpr bool is_specialized = true;
    static constexpr bool is_signed = S;
    static constexpr bool is_integer = type::fraction <= 0;
    static constexpr bool is_exact = true;
    static constexpr bool has_infinity = false;
    static constexpr bool has_quiet_NaN = false;
    static constexpr bool has_signaling_NaN = false;
    static constexpr float_denorm_style has_denorm = denorm_absent;
    static constexpr bool has_denorm_loss = false;
    static constexpr float_round_style round_style = kaon::detail::round_style_of(Q);
    static constexpr bool is_iec559 = false;
    static constexpr bool is_bounded = true;
    /// Whether what is beyond the format wraps.
    static constexpr bool is_modulo = O == kaon::overflow_mode::wrap;
    /// Bits without the sign.
    static constexpr int digits = W - (S ? 1 : 0);
    /// Decimal digits that survive, to nearest; and that tell all values apart.
    /// @{
    static constexpr int digits10 =
        is_integer || digits == 0 ? kaon::detail::decimal_digits(digits) : kaon::detail::decimal_digits(digits - 1);
    static constexpr int max_digits10 = 2 + kaon::detail::decimal_digits(digits);
    /// @}
    static constexpr int radix = 2;
    static constexpr int min_exponent = 0;
    static constexpr int min_exponent10 = 0;
    static constexpr int max_exponent = 0;
    static constexpr int max_exponent10 = 0;
    /// Division by zero does as integers do.
    static constexpr bool traps = numeric_limits<std::int64_t>::traps;
    static constexpr bool tinyness_before = false;

    /// As for built-in types: an integer's least value, otherwise the least positive one (zero, where there is none).
    static constexpr type min() noexcept { return is_integer ? lowest() : type::from_exact(digits == 0 ? raw(0) : raw(1)); }
    /// The least value that a conversion gives: saturate_symmetric leaves one out.
    static constexpr type lowest() noexcept { return type::from_exact(kaon::detail::raw_lowest<raw>(O, W, S)); }
    static constexpr type max() noexcept { return type::from_exact(kaon::detail::raw_max<raw>(W, S)); }
    /// The step from one value to the next, 2^-fraction, everywhere; zero where the format has no such value.
    static constexpr type epsilon() noexcept { return type::from_exact(digits == 0 ? raw(0) : raw(1)); }
    /// Half a step is no value: as for integers.
    static constexpr type round_error() noexcept { return type::from_exact(0); }
    /// There are none.
    /// @{
    static constexpr type infinity() noexcept { return type::from_exact(0); }
    static constexpr type quiet_NaN() noexcept { return type::from_exact(0); }
    static constexpr type signaling_NaN() noexcept { return type::from_exact(0); }
    static constexpr type denorm_min() noexcept { return min(); }
    /// @}
};
template <int W, int I, bool S, kaon::rounding_mode Q, kaon::overflow_mode O>
class std::numeric_limits<const kaon::basic_fixed<W, I, S, Q, O>>
    : public std::numeric_limits<kaon::basic_fixed<W, I, S, Q, O>> {};
