// operators.hpp: the operators of fixed beside those of a vendor's type: formats of results, and every bit.
#pragma once

#include "drawn_types.hpp"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

/// Vendor: template <class Fixed> using type = the same type of the vendor; template <class T> using format = that of one of the
/// vendor's types; and what the vendor has by another rule:
/// converts<From, To>, a conversion; orders<A, B>, < and >; divides(a, b), a quotient; divides_integers, quotients of integers;
/// as_in_c: integers are cut toward zero and ++ adds 1.0.
template <class Vendor>
class operators {
public:
    long long compared = 0;
    long long different = 0;

    /// All operators on `count` pairs of values of pairs of drawn types.
    template <std::size_t... Pair>
    void compare(int count, std::index_sequence<Pair...>) {
        (compare_pair<Pair>(count), ...);
    }

    /// All operators on two values.
    template <class A, class B>
    void compare(const A& a, const B& b) {
        const auto x = vendors(a);
        const auto y = vendors(b);
        same(a, x);
        same(-a, -x);
        if constexpr (fits<kaon::product_format<A, B>>) same(a * b, x * y);
        if constexpr (fits<kaon::sum_format<A, B>>) {
            same(a + b, x + y);
            same(a - b, x - y);
            same_order(a, x, b, y);
        }
        if constexpr (fits<kaon::quotient_format<A, B>>) {
            if (b != 0 && Vendor::divides(a, b)) same(a / b, x / y);
        }
        if constexpr (converts<A, B>) same(B(a), type<B>(x));
    }
    /// What takes one value and an integer, and what assigns.
    template <class A, class B, class Integer>
    void compare_more(const A& a, const B& b, Integer n) {
        const auto x = vendors(a);
        assignments(a, x, b, vendors(b));
        shifts(a, x);
        steps(a, x);
        with_integer(a, x, n);
    }

private:
    template <class Fixed>
    using type = typename Vendor::template type<Fixed>;

    template <class Format>
    static constexpr bool fits = Format::width <= (Format::is_signed ? 128 : 127);
    template <class From, class To>
    static constexpr bool converts = Vendor::template converts<From, To>;

    template <class Fixed>
    static bool bit(const Fixed& value, unsigned i) {
        return (kaon::detail::shifted_right(value.raw(), static_cast<int>(i)) & 1) != 0;
    }
    template <class Fixed>
    static type<Fixed> vendors(const Fixed& value) {
        type<Fixed> result = 0;
        for (unsigned i = 0; i < Fixed::width; ++i) result[i] = bit(value, i);
        return result;
    }

    template <std::size_t Pair>
    void compare_pair(int count) {
        using A = typename drawn_type<2 * Pair>::type;
        using B = typename drawn_type<2 * Pair + 1>::type;
        drawn_values values(Pair);
        for (int i = 0; i < count; ++i) compare(values.next<A>(), values.next<B>());
        // A vendor's operators take long to compile: these for fewer types.
        if constexpr (Pair % 4 == 0) {
            using integers = std::tuple<std::int16_t, std::int64_t, std::uint8_t, bool, std::int32_t, std::uint32_t>;
            using integer = std::tuple_element_t<Pair / 4 % std::tuple_size_v<integers>, integers>;
            using held = typename kaon::detail::operand_of<integer>::type;
            for (int i = 0; i < count; ++i) {
                const auto n = static_cast<integer>(values.next<held>().raw());
                compare_more(values.next<A>(), values.next<B>(), n);
            }
        }
    }

    void equal(bool is) {
        ++compared;
        different += !is;
    }

    /// Format and bits.
    template <class Fixed, class T>
    void same(const Fixed& expected, const T& value) {
        using format = typename Vendor::template format<T>;
        constexpr bool same_format =
            format::width == Fixed::width && format::integer == Fixed::integer && format::is_signed == Fixed::is_signed;
        bool same_bits = same_format;
        for (unsigned i = 0; same_bits && i < Fixed::width; ++i) same_bits = static_cast<bool>(value[i]) == bit(expected, i);
        equal(same_bits);
    }

    template <class A, class X, class B, class Y>
    void same_order(const A& a, const X& x, const B& b, const Y& y) {
        equal((a == b) == (x == y) && (a != b) == (x != y));
        if constexpr (Vendor::template orders<typename kaon::detail::operand_of<A>::type,
                                              typename kaon::detail::operand_of<B>::type>) {
            equal((a < b) == (x < y) && (a > b) == (x > y));
            equal((a <= b) == (x <= y) && (a >= b) == (x >= y));
        }
    }

    /// Results converted to the type of the first operand.
    template <class A, class X, class B, class Y>
    void assignments(A a, X x, const B& b, const Y& y) {
        if constexpr (fits<kaon::sum_format<A, B>> && converts<kaon::sum_format<A, B>, A>) {
            same(a += b, x += y);
            same(a -= b, x -= y);
            same(a, x);
        }
        if constexpr (fits<kaon::product_format<A, B>> && converts<kaon::product_format<A, B>, A>) {
            same(a *= b, x *= y);
            same(a, x);
        }
        if constexpr (fits<kaon::quotient_format<A, B>> && converts<kaon::quotient_format<A, B>, A>) {
            if (b != 0 && Vendor::divides(a, b)) same(a /= b, x /= y);
        }
    }

    template <class A, class X>
    void shifts(const A& a, const X& x) {
        for (const int bits : {0, 1, 3, A::width - 1}) {
            same(a << bits, x << bits);
            same(a >> bits, x >> bits);
            if (bits != 0) {
                same(a << -bits, x << -bits);
                same(a >> -bits, x >> -bits);
            }
        }
    }

    /// ++ and --, and conversions to integers.
    template <class A, class X>
    void steps(const A& a, const X& x) {
        A b = a;
        X y = x;
        // Where 1 is below the step the vendor's ++ does not compile; its integers are undefined where there are no integer bits.
        if constexpr (Vendor::as_in_c && A::fraction >= 0 && converts<kaon::sum_format<A, kaon::ufixed<1, 1>>, A>) {
            same(++b, ++y);
            same(b++, y++);
            same(--b, --y);
            same(b--, y--);
            same(b, y);
        }
        if constexpr (Vendor::as_in_c && A::integer >= 0) {
            equal(static_cast<std::int32_t>(a) == x.to_int() && static_cast<std::uint32_t>(a) == x.to_uint());
            equal(static_cast<std::int64_t>(a) == static_cast<std::int64_t>(x.to_int64()));
        }
        if constexpr (!Vendor::as_in_c) {
            // Toward minus infinity, where the vendor's type is.
            using whole = kaon::fixed<64, 64>;
            equal(whole(a).raw() == static_cast<std::int64_t>(x.to_int64()));
            if constexpr (converts<A, A>) same(A(a + step<A>()), ++y);
        }
    }
    template <class A>
    static constexpr auto step() {
        return kaon::basic_fixed<2, 2 - A::fraction, true>::from_raw(1);
    }

    template <class A, class X, class Integer>
    void with_integer(const A& a, const X& x, Integer n) {
        using whole = typename kaon::detail::operand_of<Integer>::type;
        if constexpr (fits<kaon::product_format<A, whole>>) {
            same(a * n, x * n);
            same(n * a, n * x);
        }
        if constexpr (fits<kaon::sum_format<A, whole>>) {
            same(a + n, x + n);
            same(n - a, n - x);
            same_order(a, x, n, n);
        }
        if constexpr (fits<kaon::quotient_format<A, whole>>) {
            if (n != 0 && Vendor::divides(a, whole(n))) same(a / n, x / n);
        }
        if constexpr (fits<kaon::quotient_format<whole, A>> && Vendor::divides_integers) {
            if (a != 0) same(n / a, n / x);
        }
    }
};
