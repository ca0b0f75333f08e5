// fixed_operators.hpp: arithmetic of fixed point, with itself and with integers. Included by fixed.hpp.
#pragma once

#include "fixed.hpp"

#include <type_traits>

namespace kaon {
namespace detail {

template <class T>
inline constexpr bool is_basic_fixed = false;
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
inline constexpr bool is_basic_fixed<basic_fixed<W, I, S, Q, O>> = true;

/// What a number counts as beside fixed point: an integer has all its bits before the binary point.
template <class T, class = void>
struct operand_of {};
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
struct operand_of<basic_fixed<W, I, S, Q, O>> {
    using type = basic_fixed<W, I, S, Q, O>;
};
template <class T>
struct operand_of<T, std::enable_if_t<std::is_integral_v<T>>> {
    static constexpr int bits = std::is_same_v<T, bool> ? 1 : static_cast<int>(8 * sizeof(T));
    using type = basic_fixed<bits, bits, std::is_signed_v<T>>;
};

/// One is fixed point, the other fixed point or an integer.
template <class A, class B>
using if_operands = std::enable_if_t<(is_basic_fixed<A> && (is_basic_fixed<B> || std::is_integral_v<B>)) ||
                                     (is_basic_fixed<B> && std::is_integral_v<A>)>;
template <class A, class B>
using if_floating_point = std::enable_if_t<(is_basic_fixed<A> && std::is_floating_point_v<B>) ||
                                           (is_basic_fixed<B> && std::is_floating_point_v<A>)>;

template <class Format>
using exact_fixed = basic_fixed<Format::width, Format::integer, Format::is_signed>;

/// Raw value of a in Format, which has no fewer fraction bits than a.
template <class Format, class A>
[[gnu::always_inline]] constexpr auto aligned(const A& a) noexcept {
    // As a product: hardware has no shifts of what is negative.
    using R = calculation<Format::width, Format::is_signed>;
    constexpr int shift = Format::fraction - A::fraction;
    if constexpr (shift < bits_of<R> - 1) {
        return static_cast<R>(a.raw()) * (R(1) << shift);
    } else {
        return shifted_left(static_cast<R>(a.raw()), shift);
    }
}

template <template <class, class> class Result, class A, class B>
using result_format = Result<format_of<typename operand_of<A>::type>, format_of<typename operand_of<B>::type>>;

}  // namespace detail

/// Exact: the result has the format that every result fits.
/// @{
template <class A, class B, class = detail::if_operands<A, B>>
[[gnu::always_inline]] constexpr auto operator*(const A& a, const B& b) noexcept {
    using exact = detail::result_format<product_format, A, B>;
    using R = detail::calculation<exact::width, exact::is_signed>;
    const typename detail::operand_of<A>::type x(a);
    const typename detail::operand_of<B>::type y(b);
    return detail::exact_fixed<exact>::from_exact(static_cast<R>(x.raw()) * static_cast<R>(y.raw()));
}
template <class A, class B, class = detail::if_operands<A, B>>
[[gnu::always_inline]] constexpr auto operator+(const A& a, const B& b) noexcept {
    using exact = detail::result_format<sum_format, A, B>;
    const typename detail::operand_of<A>::type x(a);
    const typename detail::operand_of<B>::type y(b);
    return detail::exact_fixed<exact>::from_exact(detail::aligned<exact>(x) + detail::aligned<exact>(y));
}
template <class A, class B, class = detail::if_operands<A, B>>
[[gnu::always_inline]] constexpr auto operator-(const A& a, const B& b) noexcept {
    using sum = detail::result_format<sum_format, A, B>;
    using exact = format<sum::width, sum::integer, true>;
    const typename detail::operand_of<A>::type x(a);
    const typename detail::operand_of<B>::type y(b);
    return detail::exact_fixed<exact>::from_exact(detail::aligned<exact>(x) - detail::aligned<exact>(y));
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr auto operator-(const basic_fixed<W, I, S, Q, O>& a) noexcept {
    using negated = basic_fixed<W + 1, I + 1, true>;
    return negated::from_exact(-static_cast<typename negated::integer_type>(a.raw()));
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr auto operator+(const basic_fixed<W, I, S, Q, O>& a) noexcept {
    return a;
}
/// @}

/// Cut toward zero, after as many fraction bits as a has and b's format adds (docs/fixed-point.md). b: not zero, as for integers.
template <class A, class B, class = detail::if_operands<A, B>>
[[gnu::always_inline]] constexpr auto operator/(const A& a, const B& b) noexcept {
    using quotient = detail::result_format<quotient_format, A, B>;
    using divisor = typename detail::operand_of<B>::type;
    const typename detail::operand_of<A>::type x(a);
    const divisor y(b);
    constexpr int shift = detail::larger(divisor::fraction, 0);
    using R = std::conditional_t<(sizeof(y.raw()) > 8), decltype(y.raw()),
                                 detail::calculation<quotient::width + (quotient::is_signed ? 0 : 1), true>>;
    return detail::exact_fixed<quotient>::from_exact(static_cast<typename detail::exact_fixed<quotient>::integer_type>(
        detail::shifted_left(static_cast<R>(x.raw()), shift) / static_cast<R>(y.raw())));
}

/// Format kept: bits fall off on both sides. A negative number of bits shifts the other way.
/// @{
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr basic_fixed<W, I, S, Q, O> operator>>(const basic_fixed<W, I, S, Q, O>& a,
                                                                       int bits) noexcept {
    using type = basic_fixed<W, I, S, Q, O>;
    // No number of bits that an int has not the negative of.
    const int count = bits < -128 ? -128 : bits > 128 ? 128 : bits;
    return count < 0 ? type::from_raw(detail::shifted_left(a.raw(), -count))
                     : type::from_exact(detail::shifted_right(a.raw(), count));
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr basic_fixed<W, I, S, Q, O> operator<<(const basic_fixed<W, I, S, Q, O>& a,
                                                                       int bits) noexcept {
    return a >> (bits < -128 ? 128 : bits > 128 ? -128 : -bits);
}
/// @}

/// Floating point has no format to compute in: convert it to one first.
/// @{
template <class A, class B, class = detail::if_floating_point<A, B>>
void operator+(const A&, const B&) = delete;
template <class A, class B, class = detail::if_floating_point<A, B>>
void operator-(const A&, const B&) = delete;
template <class A, class B, class = detail::if_floating_point<A, B>>
void operator*(const A&, const B&) = delete;
template <class A, class B, class = detail::if_floating_point<A, B>>
void operator/(const A&, const B&) = delete;
/// @}

/// The greater, the lesser of two values of one type.
/// @{
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr basic_fixed<W, I, S, Q, O> maximum(const basic_fixed<W, I, S, Q, O>& a,
                                                                    const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return a.raw() < b.raw() ? b : a;
}
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr basic_fixed<W, I, S, Q, O> minimum(const basic_fixed<W, I, S, Q, O>& a,
                                                                    const basic_fixed<W, I, S, Q, O>& b) noexcept {
    return b.raw() < a.raw() ? b : a;
}
/// @}

/// sum + w * x: the product is cast to the sum's type first, then the sum wraps: the same bits in any order.
template <int W1, int I1, bool S1, rounding_mode Q1, overflow_mode O1, int W2, int I2, bool S2, rounding_mode Q2,
          overflow_mode O2, int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr basic_fixed<W, I, S, Q, O> multiply_add(const basic_fixed<W1, I1, S1, Q1, O1>& w,
                                                                         const basic_fixed<W2, I2, S2, Q2, O2>& x,
                                                                         const basic_fixed<W, I, S, Q, O>& sum) noexcept {
    static_assert(O == overflow_mode::wrap, "kaon: a saturating accumulator depends on the order of its sums");
    using type = basic_fixed<W, I, S, Q, O>;
    using R = typename type::integer_type;
    using U = detail::unsigned_of<R>;
    return type::from_raw(static_cast<R>(static_cast<U>(sum.raw()) + static_cast<U>(type(w * x).raw())));
}

}  // namespace kaon

#include "fixed_comparison.hpp"
