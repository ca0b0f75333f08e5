// text.hpp: fixed point as decimal text, exactly, and back; names of its types. Opt-in, hosts only: allocates and throws.
#pragma once

#include "decimal.hpp"
#include "fixed.hpp"

#include "../core/error.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace kaon {
namespace detail {

/// The raw value of a number in T's format: rounded and overflown as T says.
template <class T>
constexpr typename T::integer_type raw_of_scaled(const whole_and_rest<unsigned_of<typename T::integer_type>>& scaled,
                                                 bool negative) {
    using R = typename T::integer_type;
    using U = unsigned_of<R>;
    const bool inexact = scaled.half || scaled.rest;
    // Toward minus infinity: of what is negative, the rest counts from the next whole number.
    const U below = scaled.whole + (negative && inexact ? 1 : 0);
    const bool half = negative ? scaled.half != scaled.rest : scaled.half;
    // The sign, the lowest bit kept and two bits below it are all that rounding looks at.
    const int seen = (negative ? -8 : 0) + static_cast<int>(below & 1) * 4 + (half ? 2 : 0) + (scaled.rest ? 1 : 0);
    const U up = rounds_up<std::int64_t>(seen, 2, T::rounding) ? 1 : 0;
    const U magnitude = negative ? below - up : below + up;
    const U wrapping = negative ? U(0) - magnitude : magnitude;
    if (T::overflow == overflow_mode::wrap) return wrapped(static_cast<R>(wrapping), T::width, T::is_signed);
    const R low = raw_lowest<R>(T::overflow, T::width, T::is_signed);
    const R high = raw_max<R>(T::width, T::is_signed);
    const U room = negative ? U(0) - static_cast<U>(low) : static_cast<U>(high);
    if (!scaled.beyond && magnitude <= room) return static_cast<R>(wrapping);
    return T::overflow == overflow_mode::saturate_zero ? R(0) : negative ? low : high;
}

}  // namespace detail

/// The value, every digit of it: -0.375, 12, 0.
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
std::string to_string(const basic_fixed<W, I, S, Q, O>& value) {
    using U = detail::unsigned_of<typename basic_fixed<W, I, S, Q, O>::integer_type>;
    const auto raw = value.raw();
    detail::decimal digits = detail::decimal::of(raw < 0 ? U(0) - static_cast<U>(raw) : static_cast<U>(raw));
    digits.scale(I - W);
    return (raw < 0 ? "-" : "") + digits.text();
}
/// As to_string, with the stream's width and fill.
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
std::ostream& operator<<(std::ostream& stream, const basic_fixed<W, I, S, Q, O>& value) {
    return stream << to_string(value);
}

/// The number that the text writes, rounded once and overflown as T says; never through floating point, however many digits.
/// Text: [+|-] digits [. digits] [e [+|-] digits], as of a double; with digits before or after the point, and nothing around it.
/// Throws error for any other.
template <class T>
T from_string(std::string_view text) {
    detail::decimal number;
    bool negative = false;
    if (!number.read(text, negative)) {
        throw error("fixed point: '" + std::string(text.substr(0, 40)) +
                    "' is no decimal number; write digits such as -12.375 or 1e-3");
    }
    number.scale(T::fraction);
    using U = detail::unsigned_of<typename T::integer_type>;
    return T::from_exact(detail::raw_of_scaled<T>(number.template whole<U>(), negative && !number.is_zero()));
}

/// Names of the modes, as C++ writes them.
/// @{
constexpr std::string_view name_of(rounding_mode q) {
    constexpr std::string_view names[] = {"truncate",   "truncate_zero",        "round",
                                          "round_zero", "round_min_inf",        "round_inf",
                                          "round_conv", "toward_plus_infinity", "away_from_zero"};
    return names[static_cast<int>(q)];
}
constexpr std::string_view name_of(overflow_mode o) {
    constexpr std::string_view names[] = {"wrap", "saturate", "saturate_zero", "saturate_symmetric"};
    return names[static_cast<int>(o)];
}
/// @}

/// The type as a manifest writes it, with the modes that are not the default ones: fixed<16,6>, ufixed<8,4,truncate,saturate>.
template <class T>
std::string type_name() {
    std::string name =
        std::string(T::is_signed ? "fixed<" : "ufixed<") + std::to_string(T::width) + ',' + std::to_string(T::integer);
    if (T::rounding != truncate || T::overflow != wrap) name.append(",").append(name_of(T::rounding));
    if (T::overflow != wrap) name.append(",").append(name_of(T::overflow));
    return name + '>';
}

}  // namespace kaon
