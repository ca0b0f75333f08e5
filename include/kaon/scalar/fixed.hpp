// fixed.hpp: fixed-point numbers whose bits are those of the hardware.
#pragma once

#include "format.hpp"
#include "modes.hpp"
#include "requantize.hpp"

#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

template <int W>
using raw_integer = std::conditional_t<
    (W <= 8), std::int8_t,
    std::conditional_t<(W <= 16), std::int16_t, std::conditional_t<(W <= 32), std::int32_t, std::int64_t>>>;
template <int W>
using raw_unsigned = std::conditional_t<
    (W <= 8), std::uint8_t,
    std::conditional_t<(W <= 16), std::uint16_t, std::conditional_t<(W <= 32), std::uint32_t, std::uint64_t>>>;

template <int W, bool S>
struct raw_of : native_or_wide<(W <= 64), std::conditional_t<S, int128, uint128>> {};

/// 2^exponent; 0 or infinite where a double has none.
constexpr double power_of_two(int exponent) { return scaled(1.0, exponent); }

}  // namespace detail

/// value = raw * 2^-(W - I). W: width in bits, I: integer bits, the sign's among them; may be negative or exceed W.
/// Operators are exact: their results have the width that the operands' types ask for, up to 128 bits. Conversions round by Q,
/// then overflow by O; there is no state and no other rule. Literal and trivially copyable; default-initialised: unspecified.
template <int W, int I, bool S, rounding_mode Q = truncate, overflow_mode O = wrap>
class basic_fixed {
    static_assert(W >= 1, "kaon: fixed point has at least one bit");
    static_assert(W <= (S ? 128 : 127), "kaon: fixed point beyond 128 bits (ufixed: 127) is not supported");

public:
    /// The type's arguments; fraction: bits after the binary point.
    /// @{
    static constexpr int width = W;
    static constexpr int integer = I;
    static constexpr int fraction = W - I;
    static constexpr bool is_signed = S;
    static constexpr rounding_mode rounding = Q;
    static constexpr overflow_mode overflow = O;
    /// @}

    /// The least built-in integer that holds the raw value.
    using raw_type = std::conditional_t<(W > 64), typename detail::raw_of<W, S>::type,
                                        std::conditional_t<S, detail::raw_integer<W>, detail::raw_unsigned<W>>>;
    /// The signed integer that raw() gives: 64 bits, or 128 for what they do not hold.
    using integer_type = detail::calculation<W, S>;

    basic_fixed() = default;
    /// Rounded and overflown as the type says.
    template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer>>>
    [[gnu::always_inline]] constexpr basic_fixed(Integer value) noexcept
        : raw_(converted<format<bits_of_integer<Integer>, bits_of_integer<Integer>, std::is_signed_v<Integer>>>(
              static_cast<detail::calculation<bits_of_integer<Integer>, std::is_signed_v<Integer>>>(value))) {}
    /// NaN becomes 0; an infinity overflows: to the nearest value there is, or to 0 where the type does not saturate.
    [[gnu::always_inline]] constexpr basic_fixed(double value) noexcept : raw_(of(value)) {}
    /// As from double.
    [[gnu::always_inline]] constexpr basic_fixed(float value) noexcept : basic_fixed(static_cast<double>(value)) {}

    /// From another format: rounded and overflown as this type says.
    template <int W2, int I2, bool S2, rounding_mode Q2, overflow_mode O2>
    [[gnu::always_inline]] constexpr basic_fixed(const basic_fixed<W2, I2, S2, Q2, O2>& other) noexcept
        : raw_(converted<format<W2, I2, S2>>(other.raw())) {}

    /// The value raw * 2^-fraction; bits beyond the width are cut.
    [[gnu::always_inline]] static constexpr basic_fixed from_raw(integer_type raw) noexcept {
        return from_exact(detail::wrapped(raw, W, S));
    }
    /// For a raw value that is known to fit: no bit is looked at, so that hardware has none to cut.
    [[gnu::always_inline]] static constexpr basic_fixed from_exact(integer_type raw) noexcept {
        basic_fixed result{};
        result.raw_ = static_cast<raw_type>(raw);
        return result;
    }
    /// The integer whose 2^-fraction part the value is.
    [[gnu::always_inline]] constexpr integer_type raw() const noexcept { return static_cast<integer_type>(raw_); }

    /// Exact up to 53 bits, else rounded to nearest; twice where the result is subnormal.
    [[gnu::always_inline]] constexpr explicit operator double() const noexcept {
        return scaled_by_fraction(static_cast<double>(raw_));
    }
    /// Rounded to nearest; twice where the result is subnormal.
    [[gnu::always_inline]] constexpr explicit operator float() const noexcept {
        if constexpr (W <= 53) {
            return static_cast<float>(static_cast<double>(*this));
        } else {
            // Once: raw to a float's bits, whose scaling is exact.
            return static_cast<float>(scaled_by_fraction(static_cast<double>(static_cast<float>(raw_))));
        }
    }
    /// Cut toward zero, as ap_fixed does (ac_fixed's to_int cuts toward minus infinity), then modulo the integer's size.
    template <class Integer, class = std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>>>
    [[gnu::always_inline]] constexpr explicit operator Integer() const noexcept {
        constexpr int bits = 8 * static_cast<int>(sizeof(std::int64_t));
        using whole = basic_fixed<bits, bits, true, truncate_zero>;
        return static_cast<Integer>(whole(*this).raw());
    }
    /// Whether it is not zero.
    constexpr explicit operator bool() const noexcept { return raw_ != 0; }

    /// Of another format, of integers: computed exactly, then converted to this type.
    /// @{
    template <class Other>
    constexpr basic_fixed& operator+=(const Other& other) noexcept {
        return *this = *this + other;
    }
    template <class Other>
    constexpr basic_fixed& operator-=(const Other& other) noexcept {
        return *this = *this - other;
    }
    template <class Other>
    constexpr basic_fixed& operator*=(const Other& other) noexcept {
        return *this = *this * other;
    }
    template <class Other>
    constexpr basic_fixed& operator/=(const Other& other) noexcept {
        return *this = *this / other;
    }
    constexpr basic_fixed& operator<<=(int bits) noexcept { return *this = *this << bits; }
    constexpr basic_fixed& operator>>=(int bits) noexcept { return *this = *this >> bits; }
    /// @}

    /// Adds or subtracts 1.0, as ap_fixed does (ac_fixed: one quantum).
    /// @{
    constexpr basic_fixed& operator++() noexcept { return *this += 1; }
    constexpr basic_fixed& operator--() noexcept { return *this -= 1; }
    constexpr basic_fixed operator++(int) noexcept {
        const basic_fixed before = *this;
        ++*this;
        return before;
    }
    constexpr basic_fixed operator--(int) noexcept {
        const basic_fixed before = *this;
        --*this;
        return before;
    }
    /// @}

private:
    template <class Integer>
    static constexpr int bits_of_integer = std::is_same_v<Integer, bool> ? 1 : static_cast<int>(8 * sizeof(Integer));

    /// From: holds the other's raw value as calculation<> does.
    template <class From, class R>
    [[gnu::always_inline]] static constexpr raw_type converted(R raw) noexcept {
        constexpr int from_integer = From::integer + (S && !From::is_signed ? 1 : 0);
        constexpr bool has_least = O != overflow_mode::saturate_symmetric || !From::is_signed || from_integer < I;
        constexpr bool holds_every_value =
            From::fraction <= fraction && from_integer <= I && (S || !From::is_signed) && has_least;
        using calculation = std::conditional_t<(sizeof(R) > sizeof(integer_type)), R, integer_type>;
        if constexpr (holds_every_value) {
            return static_cast<raw_type>(detail::shifted_left(static_cast<calculation>(raw), fraction - From::fraction));
        } else {
            return static_cast<raw_type>(
                detail::requantized(static_cast<calculation>(raw), From::fraction - fraction, Q, O, W, S));
        }
    }

    [[gnu::always_inline]] static constexpr raw_type of(double value) noexcept {
        // Where scaling is exact and the result an integer of 62 bits, that is all; else digit by digit.
        constexpr bool scales = fraction >= -300 && fraction <= 300;
        constexpr double factor = detail::power_of_two(scales ? fraction : 0);
        constexpr double most = detail::power_of_two(scales ? 60 - fraction : 0), least = scales ? 1e-200 : 2.0;
        if ((value < most && value > least) || (value > -most && value < -least)) {
            const double scaled = value * factor;
            // Toward minus infinity; then the first bit below and whether there are more.
            std::int64_t whole = static_cast<std::int64_t>(scaled);
            if (static_cast<double>(whole) > scaled) --whole;
            const double rest = scaled - static_cast<double>(whole);
            const int below = rest >= 0.5 ? (rest > 0.5 ? 3 : 2) : rest > 0.0 ? 1 : 0;
            return static_cast<raw_type>(detail::requantized(static_cast<integer_type>(whole * 4 + below), 2, Q, O, W, S));
        }
        const detail::decomposed d = detail::decompose(value);
        constexpr bool to_nearest = O == overflow_mode::saturate || O == overflow_mode::saturate_symmetric;
        if (d.exponent == detail::infinite && !to_nearest) return 0;
        return static_cast<raw_type>(
            detail::requantized(static_cast<integer_type>(d.mantissa), -d.exponent - fraction, Q, O, W, S));
    }

    [[gnu::always_inline]] static constexpr double scaled_by_fraction(double value) noexcept {
        if constexpr (fraction >= -1000 && fraction <= 1000) {
            constexpr double factor = detail::power_of_two(-fraction);
            return value * factor;
        } else {
            return detail::scaled(value, -fraction);
        }
    }

    raw_type raw_;
};

/// Signed, two's complement.
template <int W, int I, rounding_mode Q = truncate, overflow_mode O = wrap>
using fixed = basic_fixed<W, I, true, Q, O>;
/// Unsigned.
template <int W, int I, rounding_mode Q = truncate, overflow_mode O = wrap>
using ufixed = basic_fixed<W, I, false, Q, O>;

/// The format of kaon's own type.
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
struct format_of<basic_fixed<W, I, S, Q, O>> : format<W, I, S> {
    /// As format_of says.
    template <class Format>
    using with = basic_fixed<Format::width, Format::integer, Format::is_signed>;
    /// As format_of says.
    template <class Other>
    using like = Other;
};

template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
inline constexpr bool sums_in_any_order<basic_fixed<W, I, S, Q, O>> = O == wrap;

}  // namespace kaon

#include "fixed_operators.hpp"
