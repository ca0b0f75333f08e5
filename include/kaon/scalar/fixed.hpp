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

}  // namespace detail

/// value = raw * 2^-(W - I). W: width in bits, I: integer bits, the sign's among them; may be negative or exceed W.
/// Operators are exact: their results have the width that the operands' types ask for. Conversions round by Q, then
/// overflow by O.
template <int W, int I, bool S, rounding_mode Q = truncate, overflow_mode O = wrap>
class basic_fixed {
    static_assert(W >= (S ? 2 : 1), "kaon: fixed has at least two bits, ufixed one");
    static_assert(W <= (S ? 64 : 63), "kaon: fixed point beyond 64 bits (ufixed: 63) is not supported");

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
    using raw_type = std::conditional_t<S, detail::raw_integer<W>, detail::raw_unsigned<W>>;

    basic_fixed() = default;
    /// Rounded and overflown as the type says.
    constexpr basic_fixed(int value) noexcept : raw_(of(value, 0)) {}
    /// NaN becomes 0; an infinity saturates, or becomes 0 where the type wraps.
    constexpr basic_fixed(double value) noexcept : raw_(of(value)) {}
    /// As from double.
    constexpr basic_fixed(float value) noexcept : basic_fixed(static_cast<double>(value)) {}

    /// From another format: rounded and overflown as this type says.
    template <int W2, int I2, bool S2, rounding_mode Q2, overflow_mode O2>
    constexpr basic_fixed(const basic_fixed<W2, I2, S2, Q2, O2>& other) noexcept
        : raw_(converted<format<W2, I2, S2>>(other.raw())) {}

    /// The value raw * 2^-fraction; bits beyond the width are cut.
    static constexpr basic_fixed from_raw(std::int64_t raw) noexcept {
        basic_fixed result{};
        result.raw_ = static_cast<raw_type>(detail::wrapped(raw, W, S));
        return result;
    }
    /// For a raw value that is known to fit: no bit is looked at, so that hardware has none to cut.
    static constexpr basic_fixed from_exact(std::int64_t raw) noexcept {
        basic_fixed result{};
        result.raw_ = static_cast<raw_type>(raw);
        return result;
    }
    /// The integer whose 2^-fraction part the value is.
    constexpr std::int64_t raw() const noexcept { return static_cast<std::int64_t>(raw_); }

    /// Exact up to 53 bits.
    constexpr explicit operator double() const noexcept { return detail::scaled(static_cast<double>(raw_), -fraction); }
    /// Rounded to nearest.
    constexpr explicit operator float() const noexcept { return static_cast<float>(static_cast<double>(*this)); }

private:
    template <class From>
    static constexpr raw_type converted(std::int64_t raw) noexcept {
        constexpr bool holds_every_value =
            From::fraction <= fraction && From::integer + (S && !From::is_signed ? 1 : 0) <= I && (S || !From::is_signed);
        if constexpr (holds_every_value) {
            return static_cast<raw_type>(raw * (std::int64_t{1} << (fraction - From::fraction)));
        } else {
            return of(raw, From::fraction);
        }
    }
    static constexpr raw_type of(std::int64_t raw, int fraction_bits) noexcept {
        return static_cast<raw_type>(detail::requantized(raw, fraction_bits - fraction, Q, O, W, S));
    }
    static constexpr raw_type of(double value) noexcept {
        const detail::decomposed d = detail::decompose(value);
        return of(d.mantissa, -d.exponent);
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

template <int W, int I, bool S, rounding_mode Q>
inline constexpr bool sums_in_any_order<basic_fixed<W, I, S, Q, saturate>> = false;

namespace detail {

/// Raw value of a in a format with `fraction` fraction bits, no fewer than a's own.
template <class A>
constexpr std::int64_t aligned(const A& a, int fraction) noexcept {
    return a.raw() * (std::int64_t{1} << (fraction - A::fraction));
}

}  // namespace detail

/// Exact: the result has the format that every result fits.
template <int W1, int I1, bool S1, rounding_mode Q1, overflow_mode O1, int W2, int I2, bool S2, rounding_mode Q2,
          overflow_mode O2>
constexpr auto operator*(const basic_fixed<W1, I1, S1, Q1, O1>& a, const basic_fixed<W2, I2, S2, Q2, O2>& b) noexcept {
    using exact = product_format<format<W1, I1, S1>, format<W2, I2, S2>>;
    return basic_fixed<exact::width, exact::integer, exact::is_signed>::from_exact(a.raw() * b.raw());
}

/// Exact: the result has the format that every result fits.
template <int W1, int I1, bool S1, rounding_mode Q1, overflow_mode O1, int W2, int I2, bool S2, rounding_mode Q2,
          overflow_mode O2>
constexpr auto operator+(const basic_fixed<W1, I1, S1, Q1, O1>& a, const basic_fixed<W2, I2, S2, Q2, O2>& b) noexcept {
    using exact = sum_format<format<W1, I1, S1>, format<W2, I2, S2>>;
    constexpr int fraction = exact::width - exact::integer;
    return basic_fixed<exact::width, exact::integer, exact::is_signed>::from_exact(detail::aligned(a, fraction) +
                                                                                   detail::aligned(b, fraction));
}

/// Exact: the result has the format that every result fits.
template <int W1, int I1, bool S1, rounding_mode Q1, overflow_mode O1, int W2, int I2, bool S2, rounding_mode Q2,
          overflow_mode O2>
constexpr auto operator-(const basic_fixed<W1, I1, S1, Q1, O1>& a, const basic_fixed<W2, I2, S2, Q2, O2>& b) noexcept {
    using exact = sum_format<format<W1, I1, S1>, format<W2, I2, S2>>;
    constexpr int fraction = exact::width - exact::integer;
    return basic_fixed<exact::width, exact::integer, true>::from_exact(detail::aligned(a, fraction) -
                                                                       detail::aligned(b, fraction));
}

/// Of two values of one type.
/// @{
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr bool operator==(const basic_fixed<W, I, S, Q, O>& a, const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return a.raw() == b.raw();
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr bool operator!=(const basic_fixed<W, I, S, Q, O>& a, const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return a.raw() != b.raw();
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr bool operator<(const basic_fixed<W, I, S, Q, O>& a, const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return a.raw() < b.raw();
}
/// @}

/// The greater, the lesser of two values of one type.
/// @{
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr basic_fixed<W, I, S, Q, O> maximum(const basic_fixed<W, I, S, Q, O>& a,
                                             const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return a.raw() < b.raw() ? b : a;
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr basic_fixed<W, I, S, Q, O> minimum(const basic_fixed<W, I, S, Q, O>& a,
                                             const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return b.raw() < a.raw() ? b : a;
}
/// @}

/// sum + w * x: the product is cast to the sum's type first, then the sum wraps: the same bits in any order.
template <int W1, int I1, bool S1, rounding_mode Q1, overflow_mode O1, int W2, int I2, bool S2, rounding_mode Q2,
          overflow_mode O2, int W, int I, bool S, rounding_mode Q, overflow_mode O>
constexpr basic_fixed<W, I, S, Q, O> multiply_add(const basic_fixed<W1, I1, S1, Q1, O1>& w,
                                                  const basic_fixed<W2, I2, S2, Q2, O2>& x,
                                                  const basic_fixed<W, I, S, Q, O>& sum) noexcept {
    static_assert(O == overflow_mode::wrap, "kaon: a saturating accumulator depends on the order of its sums");
    using type = basic_fixed<W, I, S, Q, O>;
    return type::from_raw(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(sum.raw()) + static_cast<std::uint64_t>(type(w * x).raw())));
}

}  // namespace kaon
