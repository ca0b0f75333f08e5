// constant_scalar.hpp: numbers that are a part of a type, in fixed point.
#pragma once

#include "fixed.hpp"
#include "precision.hpp"

#include "../core/number.hpp"

#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// 16 bits of a number from its first on, to nearest, less those at the end that are zero.
struct leading_bits {
    int width;
    int integer;
};

constexpr leading_bits leading_bits_of(double value) {
    if (value < 0) value = -value;
    if (!(value > 0)) return {1, 1};
    int integer = 0;
    for (; value >= 1; value /= 2) ++integer;
    for (; value < 0.5; value *= 2) --integer;
    auto bits = static_cast<std::uint32_t>(value * 65536 + 0.5);
    int width = 16;
    if (bits == 65536) {  // rounded up to the next power of two
        bits /= 2;
        ++integer;
    }
    for (; bits % 2 == 0; bits /= 2) --width;
    return {width, integer};
}

template <class Number>
struct constant_format {
    static constexpr double value = number<Number, double>;
    static constexpr bool negative = value < 0;
    static constexpr leading_bits bits = leading_bits_of(value);
    using type = basic_fixed<bits.width + (negative ? 1 : 0), bits.integer + (negative ? 1 : 0), negative, round, saturate>;
};

/// kaon's own scalar of a value's format; of packs, of their lanes.
template <class V, class = void>
struct plain_scalar_of {
    using type = basic_fixed<format_of<V>::width, format_of<V>::integer, format_of<V>::is_signed>;
};
template <class V>
struct plain_scalar_of<V, std::void_t<typename V::value_type>> : plain_scalar_of<typename V::value_type> {};
template <class V>
using plain_scalar = typename plain_scalar_of<V>::type;

/// The nearest that T has.
template <class T>
constexpr T nearest(double value) {
    using nearest_of_format = basic_fixed<T::width, T::integer, T::is_signed, round, saturate>;
    return T::from_raw(nearest_of_format(value).raw());
}

}  // namespace detail

/// The scalar of a number (core/number.hpp) where an option names none: unsigned unless the number is negative, with as many bits as
/// it has, up to 16.
template <class Number>
using constant_scalar = typename detail::constant_format<Number>::type;

/// Values of scalar T where others are V: a pack of them beside packs, a wire beside wires.
template <class T, class V>
using alike = typename detail::like<V, T>::type;

/// value in every lane of a V.
template <class V, class T>
[[gnu::always_inline]] constexpr V constant_as(const T& value) noexcept {
    if constexpr (std::is_constructible_v<V, T>) {
        return V(value);
    } else {
        return V(static_cast<double>(value));  // a vendor's type
    }
}
/// value as an `alike<T, V>`.
template <class V, class T>
[[gnu::always_inline]] constexpr alike<T, V> constant_like(const T& value) noexcept {
    return constant_as<alike<T, V>>(value);
}

}  // namespace kaon
