// wired_comparison.hpp: comparisons with constants in pieces that a look-up table of an FPGA holds each, and that comparisons of one
// feature share.
#pragma once

#include "../scalar/fixed.hpp"
#include "../scalar/precision.hpp"
#include "../simd/scalar.hpp"

#include <type_traits>

namespace kaon::detail {

/// Inputs of a look-up table.
inline constexpr int table_inputs = 6;

/// 0 or 1, as a wire of T's kind.
template <class T>
using wired_bit = typename like<T, basic_fixed<1, 1, false>>::type;

/// The condition as a bit, and the bit as a condition.
/// @{
template <class T, class Condition>
[[gnu::always_inline]] constexpr wired_bit<T> bit_of(const Condition& condition) noexcept {
    return select(condition, wired_bit<T>(1), wired_bit<T>(0));
}
template <class Bit>
[[gnu::always_inline]] constexpr auto is_set(const Bit& bit) noexcept {
    return less(Bit(0), bit);
}
/// @}

/// Whether limit < x, of one format. The bits are cut into pieces: a piece is above the limit's, or not below it and the rest is above
/// the limit's rest. Both questions of a piece are whether it is above a constant, and there are few of these.
template <int Width, int Integer, bool Signed, class Limit, class X>
[[gnu::always_inline]] constexpr wired_bit<X> is_above(const Limit& limit, const X& x) noexcept {
    constexpr int pieces = (Width + table_inputs - 1) / table_inputs;
    constexpr int top = (Width + pieces - 1) / pieces, rest = Width - top;
    using high = basic_fixed<top, Integer, Signed>;
    const high limit_high = high(limit);
    const auto x_high = quantized<high>(x);
    const wired_bit<X> is_beyond = bit_of<X>(less(decltype(x_high)(limit_high), x_high));
    if constexpr (rest == 0) {
        return is_beyond;
    } else {
        using low = basic_fixed<rest, Integer - top, false>;
        const wired_bit<X> rest_is_above = is_above<rest, Integer - top, false>(low(limit), quantized<low>(x));
        constexpr auto least = Signed ? -(typename high::integer_type{1} << (top - 1)) : 0;
        const bool all_reach = limit_high.raw() == least;
        const high before = high::from_raw(limit_high.raw() - 1);
        const wired_bit<X> reaches = select(all_reach, wired_bit<X>(1), bit_of<X>(less(decltype(x_high)(before), x_high)));
        return select(is_set(is_beyond), wired_bit<X>(1), select(is_set(reaches), rest_is_above, wired_bit<X>(0)));
    }
}

}  // namespace kaon::detail
