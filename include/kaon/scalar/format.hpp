// format.hpp: fixed-point formats and what arithmetic on them gives, for any fixed-point type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {

/// Width in bits, integer bits (the sign's among them), sign.
template <int W, int I, bool S>
struct format {
    /// The arguments; fraction: bits after the binary point.
    /// @{
    static constexpr int width = W;
    static constexpr int integer = I;
    static constexpr int fraction = W - I;
    static constexpr bool is_signed = S;
    /// @}
};

/// The format of a fixed-point scalar. Specialised for each fixed-point type, a vendor's too, with
///
///     template <class Format> using with = the same kind of type in another format, truncating and wrapping;
///     template <class Other> using like = the type of this kind that holds values of the fixed-point type Other.
template <class T>
struct format_of {
    /// 0: no fixed point.
    static constexpr int width = 0;
};

/// Whether a scalar has a format.
template <class T>
inline constexpr bool is_fixed_point = format_of<T>::width > 0;

/// Whether sums in T are the same in any order: a saturating T's are not. Specialised beside format_of.
template <class T>
inline constexpr bool sums_in_any_order = true;

namespace detail {

constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int ceil_log2(std::size_t n) {
    int bits = 0;
    while ((std::size_t{1} << bits) < n) ++bits;
    return bits;
}

template <int I, int F, bool S>
using format_with_fraction = format<I + F, I, S>;

}  // namespace detail

/// Exact product, as in ap_fixed and ac_fixed.
template <class A, class B>
using product_format = format<A::width + B::width, A::integer + B::integer, A::is_signed || B::is_signed>;

/// Exact sum, as in ap_fixed and ac_fixed.
template <class A, class B>
using sum_format = detail::format_with_fraction<detail::larger(A::integer + (B::is_signed && !A::is_signed ? 1 : 0),
                                                               B::integer + (A::is_signed && !B::is_signed ? 1 : 0)) +
                                                    1,
                                                detail::larger(A::fraction, B::fraction), A::is_signed || B::is_signed>;

/// Exact sum of N values of format A and one of format B, in any order.
template <class A, std::size_t N, class B>
using accumulated_format =
    detail::format_with_fraction<detail::larger(A::integer + detail::ceil_log2(N) + (B::is_signed && !A::is_signed ? 1 : 0),
                                                B::integer + (A::is_signed && !B::is_signed ? 1 : 0)) +
                                     1,
                                 detail::larger(A::fraction, B::fraction), A::is_signed || B::is_signed>;

/// Quotient, cut toward zero, as in ap_fixed and ac_fixed.
template <class A, class B>
using quotient_format = format<A::width + detail::larger(B::fraction, 0) + (B::is_signed ? 1 : 0),
                               A::integer + B::fraction + (B::is_signed ? 1 : 0), A::is_signed || B::is_signed>;

namespace detail {

/// a = mantissa * 2^exponent.
struct decomposed {
    std::int64_t mantissa;
    int exponent;
};

[[gnu::always_inline]] constexpr double scaled(double a, int exponent) noexcept {
    for (; exponent > 0; --exponent) a *= 2;
    for (; exponent < 0; ++exponent) a /= 2;
    return a;
}

/// The exponent of an infinity.
inline constexpr int infinite = 1 << 20;

/// Exact; NaN is 0, an infinity is 2^infinite.
[[gnu::always_inline]] constexpr decomposed decompose(double a) noexcept {
    if (a != a || a == 0) return {0, 0};
    const bool negative = a < 0;
    if (negative) a = -a;
    if (a > 1.7976931348623157e308) return {negative ? -1 : 1, infinite};
    int exponent = 0;
    while (a >= 9007199254740992.0) {
        a /= 2;
        ++exponent;
    }
    while (a != static_cast<double>(static_cast<std::int64_t>(a))) {
        a *= 2;
        --exponent;
    }
    const auto mantissa = static_cast<std::int64_t>(a);
    return {negative ? -mantissa : mantissa, exponent};
}

}  // namespace detail
}  // namespace kaon
