// scalar.hpp: the arithmetic of pack, on one scalar.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kaon {

/// A float, or packs of floats, which share a float as parameter: what exp is written for.
template <class T, class = void>
inline constexpr bool is_float = std::is_same_v<T, float>;
template <class T>
inline constexpr bool is_float<T, std::void_t<typename T::parameter_type>> =
    std::is_same_v<typename T::parameter_type, float>;

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

/// The float whose exponent field is the lowest eight bits of a's mantissa.
[[gnu::always_inline]] inline float exponent_from_low_bits(float a) noexcept {
    std::uint32_t bits;
    std::memcpy(&bits, &a, sizeof bits);
    bits <<= 23;
    std::memcpy(&a, &bits, sizeof a);
    return a;
}

}  // namespace kaon
