// fixed_comparison.hpp: comparisons of fixed point with itself, with integers and with floating point: of the values, exactly.
// Included by fixed.hpp.
#pragma once

#include "fixed_operators.hpp"

#include <type_traits>

namespace kaon {
namespace detail {

/// Whether a < b, and whether a == b.
struct order {
    bool less;
    bool equal;
};

/// b as a format's raw value: the whole part, and the sign of what is below it. NaN is neither less nor equal.
template <class A>
[[gnu::always_inline]] constexpr order compared_with_double(const A& a, double b) noexcept {
    using R = typename A::integer_type;
    if (!(b == b)) return {false, false};
    // What no raw value reaches is known before it is scaled: a constant expression has no infinities.
    constexpr int top = bits_of<R> - 1 - A::fraction;
    constexpr bool bounded = top > -1000 && top < 1000;
    constexpr double beyond = power_of_two(bounded ? top : 0);
    if (bounded && b >= beyond) return {true, false};
    if (bounded && b < -beyond) return {false, false};
    const double scaled_b = scaled(b, A::fraction);
    constexpr double limit = power_of_two(bits_of<R> - 1);
    if (scaled_b >= limit) return {true, false};
    if (scaled_b < -limit) return {false, false};
    const R whole = static_cast<R>(scaled_b);
    double rest = scaled_b - static_cast<double>(whole);
    if (scaled_b == 0) rest = b;
    return {a.raw() < whole || (a.raw() == whole && rest > 0), a.raw() == whole && rest == 0};
}

/// The finer one's whole steps of the other, and the sign of what is below them: no format is needed that holds both.
template <class A, class B>
[[gnu::always_inline]] constexpr order compared_fixed(const A& a, const B& b) noexcept {
    if constexpr (A::fraction < B::fraction) {
        const order opposite = compared_fixed(b, a);
        return {!opposite.less && !opposite.equal, opposite.equal};
    } else {
        using R =
            std::conditional_t<(sizeof(a.raw()) > sizeof(b.raw())), typename A::integer_type, typename B::integer_type>;
        constexpr int finer = A::fraction - B::fraction;
        const R first = static_cast<R>(shifted_right(a.raw(), finer));
        const R second = static_cast<R>(b.raw());
        return {first < second, first == second && shifted_left(shifted_right(a.raw(), finer), finer) == a.raw()};
    }
}

template <class A, class B>
[[gnu::always_inline]] constexpr order compared(const A& a, const B& b) noexcept {
    if constexpr (std::is_floating_point_v<B>) {
        return compared_with_double(a, static_cast<double>(b));
    } else if constexpr (std::is_floating_point_v<A>) {
        const order opposite = compared(b, a);
        return {!opposite.less && !opposite.equal && a == a, opposite.equal};
    } else {
        return compared_fixed<typename operand_of<A>::type, typename operand_of<B>::type>(a, b);
    }
}

/// long double is left out: what a double does not hold of it would be lost.
template <class T>
inline constexpr bool is_comparable = std::is_arithmetic_v<T> && !std::is_same_v<T, long double>;
template <class A, class B>
using if_comparable = std::enable_if_t<(is_basic_fixed<A> && (is_basic_fixed<B> || is_comparable<B>)) ||
                                       (is_basic_fixed<B> && is_comparable<A>)>;

}  // namespace detail

/// Of the values, exactly, whatever the formats. NaN: as for floating point.
/// @{
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator==(const A& a, const B& b) noexcept {
    return detail::compared(a, b).equal;
}
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator!=(const A& a, const B& b) noexcept {
    return !(a == b);
}
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator<(const A& a, const B& b) noexcept {
    return detail::compared(a, b).less;
}
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator>(const A& a, const B& b) noexcept {
    return b < a;
}
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator<=(const A& a, const B& b) noexcept {
    const detail::order order = detail::compared(a, b);
    return order.less || order.equal;
}
template <class A, class B, class = detail::if_comparable<A, B>>
[[gnu::always_inline]] constexpr bool operator>=(const A& a, const B& b) noexcept {
    return b <= a;
}
/// @}

}  // namespace kaon
