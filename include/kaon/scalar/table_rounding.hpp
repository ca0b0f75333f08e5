// table_rounding.hpp: what rounding must know of an exact value.
#pragma once

#include "table_functions.hpp"

#include <cstdint>

namespace kaon {
namespace detail {

/// A magnitude in quarters of a scalar's last bit; what lies below sets the lowest: all that rounding asks for.
struct quarters {
    bool negative;
    /// Whether the digits suffice to say.
    bool determined;
    std::uint64_t magnitude;
};

/// Quarters that every scalar of a table overflows by, whatever its mode.
inline constexpr std::uint64_t far_beyond = std::uint64_t{1} << 61;

/// 2^bits modulo 2^62 suffices where it wraps; `limit`: bits of the integer part from which on it saturates.
template <int N>
constexpr quarters quarters_of(const table_value<N>& v, int fraction, bool wraps, int limit) {
    const constant_real<N>& a = v.magnitude;
    if (a.is_zero()) return {v.negative, true, 0};
    if (!wraps && a.exponent > limit) return {v.negative, true, far_beyond | 1};
    const int below = 32 * N - (a.exponent + fraction + 2);  // bits of the digits that lie below a quarter
    const std::uint64_t whole = std::uint64_t{a.bits_from(below)} | std::uint64_t{a.bits_from(below + 32) & 0x3fffffff}
                                                                        << 32;
    if (v.exact) return {v.negative, true, whole | (a.bits_from(below - 32) != 0 || whole == 0 ? 1 : 0)};
    // The last 24 bits may err. A quarter is not reached, or passed, for certain where the 24 bits after it are neither all one nor
    // all zero; what is below the first quarter is above zero.
    const std::uint32_t next_24 = a.bits_from(below - 24) & 0xffffff;
    const bool enough = below >= 48 && next_24 != 0xffffff && (next_24 != 0 || a.exponent + fraction + 2 <= 0);
    return {v.negative, enough, whole | 1};
}

constexpr quarters quarters_of(const table_ratio& r, int fraction) {
    if (r.denominator == 0) return {r.negative, true, far_beyond};
    const std::uint64_t divisor = fraction + 2 < 0 ? r.denominator << -(fraction + 2) : r.denominator;
    std::uint64_t quotient = r.numerator / divisor;
    std::uint64_t rest = r.numerator % divisor;
    for (int bits = fraction + 2; bits > 0; --bits) {
        if (quotient >= far_beyond) return {r.negative, true, far_beyond | 1};
        rest *= 2;
        quotient = 2 * quotient + (rest >= divisor ? 1 : 0);
        if (rest >= divisor) rest -= divisor;
    }
    return {r.negative, true, quotient | (rest != 0 ? 1 : 0)};
}

/// Two bits of the ratio give one of its root: what is left of it stays below twice the root.
constexpr quarters quarters_of(const table_root& r, int fraction) {
    if (r.denominator == 0) return {false, true, far_beyond};
    std::uint64_t root = 0;
    std::uint64_t left = 0;
    const auto next_bit = [&](std::uint64_t two_bits) {
        left = left << 2 | two_bits;
        const std::uint64_t least = root << 2 | 1;
        const bool set = left >= least;
        if (set) left -= least;
        root = root << 1 | (set ? 1 : 0);
    };
    const std::uint64_t whole = r.numerator / r.denominator;
    std::uint64_t rest = r.numerator % r.denominator;
    int bits = 0;
    while (whole >> bits != 0) bits += 2;
    for (; bits > 0; bits -= 2) next_bit(whole >> (bits - 2) & 3);
    for (int more = fraction + 2; more > 0; --more) {
        if (root >= far_beyond >> 2) return {false, true, far_beyond | 1};
        rest *= 4;
        next_bit(rest / r.denominator);
        rest %= r.denominator;
    }
    bool below = left != 0 || rest != 0;
    for (int less = fraction + 2; less < 0; ++less) {
        below = below || (root & 1) != 0;
        root >>= 1;
    }
    return {false, true, root | (below ? 1 : 0)};
}

}  // namespace detail
}  // namespace kaon
