// scalar.hpp: the arithmetic of pack, on one scalar.
#pragma once

#include "../scalar/precision.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kaon {

/// Float or double: a lane of V, or V itself.
template <class V>
using lane_of = parameter_scalar_t<V>;

/// A float or double, or packs of them, which share one as parameter.
template <class T>
inline constexpr bool is_floating = std::is_floating_point_v<lane_of<T>>;

/// The larger one; b where one of them is NaN, as in registers.
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] constexpr T maximum(T a, T b) noexcept {
    return b < a ? a : b;
}

/// The smaller one; b where one of them is NaN.
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] constexpr T minimum(T a, T b) noexcept {
    return a < b ? a : b;
}

/// a b + c; fused or not as the compiler is told.
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] constexpr T multiply_add(T a, T b, T c) noexcept {
    return a * b + c;
}

/// Any scalar: whether a < b, for select.
template <class T>
[[gnu::always_inline]] constexpr auto less(const T& a, const T& b) noexcept -> decltype(a < b) {
    return a < b;
}

/// a where the condition holds, else b.
template <class V>
[[gnu::always_inline]] constexpr V select(bool condition, const V& a, const V& b) noexcept {
    return condition ? a : b;
}

namespace detail {

/// The parts of a binary floating-point number (IEEE 754).
template <class T>
struct binary;
template <>
struct binary<float> {
    using bits = std::uint32_t;
    static constexpr int mantissa = 23;
    static constexpr bits one = 0x3f800000;
    /// 2^mantissa: with a whole number below that in the low bits, 2^mantissa more than it.
    static constexpr bits whole = 0x4b000000;
};
template <>
struct binary<double> {
    using bits = std::uint64_t;
    static constexpr int mantissa = 52;
    static constexpr bits one = 0x3ff0000000000000;
    static constexpr bits whole = 0x4330000000000000;
};

template <class To, class From>
[[gnu::always_inline]] inline To same_bits(const From& from) noexcept {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}

}  // namespace detail

/// The number whose exponent field is the lowest bits of a's mantissa.
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] inline T exponent_from_low_bits(T a) noexcept {
    using binary = detail::binary<T>;
    return detail::same_bits<T>(detail::same_bits<typename binary::bits>(a) << binary::mantissa);
}

/// The exponent field of a positive number, as a number: 2^mantissa more than it.
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] inline T exponent_field(T a) noexcept {
    using binary = detail::binary<T>;
    return detail::same_bits<T>(detail::same_bits<typename binary::bits>(a) >> binary::mantissa | binary::whole);
}

/// A positive number times the power of two that brings it into [1, 2).
template <class T, class = std::enable_if_t<std::is_floating_point_v<T>>>
[[gnu::always_inline]] inline T significand(T a) noexcept {
    using binary = detail::binary<T>;
    constexpr auto mask = (typename binary::bits(1) << binary::mantissa) - 1;
    return detail::same_bits<T>((detail::same_bits<typename binary::bits>(a) & mask) | binary::one);
}

}  // namespace kaon
