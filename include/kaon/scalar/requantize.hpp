// requantize.hpp: raw integers of one fixed-point format into another.
#pragma once

#include "modes.hpp"
#include "wide_integer.hpp"

#include <cstdint>

namespace kaon {
namespace detail {

/// Bounds of the raw integers of a format.
/// @{
template <class R = std::int64_t>
constexpr R raw_max(int width, bool is_signed) {
    // In two steps: 2^width may be beyond R.
    const int bits = width - (is_signed ? 1 : 0);
    return bits == 0 ? R(0) : ((R(1) << (bits - 1)) - 1) * 2 + 1;
}
template <class R = std::int64_t>
constexpr R raw_min(int width, bool is_signed) {
    return is_signed ? -raw_max<R>(width, true) - 1 : R(0);
}
/// @}

// Inlined always: copies of one architecture's must not serve another's objects (docs/dispatch.md).

/// Keeps the low `width` bits of raw.
template <class R>
[[gnu::always_inline]] constexpr R wrapped(R raw, int width, bool is_signed) {
    using U = unsigned_of<R>;
    const int unused = bits_of<R> - width;
    const U bits = static_cast<U>(raw) << unused;
    return is_signed ? static_cast<R>(bits) >> unused : static_cast<R>(bits >> unused);
}

/// Whether one is added to raw 2^-dropped, toward minus infinity. The rule: Accellera's SystemC (IEEE 1666-2011, 7.10.9).
template <class R>
[[gnu::always_inline]] constexpr bool rounds_up(R raw, int dropped, rounding_mode q) {
    const bool negative = raw < 0;
    const bool half = (shifted_right(raw, dropped - 1) & 1) != 0;
    const bool rest = dropped > bits_of<R>
                          ? raw != 0
                          : (static_cast<unsigned_of<R>>(raw) & ((unsigned_of<R>(1) << (dropped - 1)) - 1)) != 0;
    switch (q) {
    case rounding_mode::truncate:
        return false;
    case rounding_mode::truncate_zero:
        return negative && (half || rest);
    case rounding_mode::round:
        return half;
    case rounding_mode::round_zero:
        return half && (negative || rest);
    case rounding_mode::round_min_inf:
        return half && rest;
    case rounding_mode::round_inf:
        return half && (!negative || rest);
    case rounding_mode::round_conv:
        return half && (rest || (shifted_right(raw, dropped) & 1) != 0);
    case rounding_mode::toward_plus_infinity:
        return half || rest;
    case rounding_mode::away_from_zero:
        return !negative && (half || rest);
    }
    return false;
}

/// The least number that a format's overflow leaves alone.
template <class R>
[[gnu::always_inline]] constexpr R raw_lowest(overflow_mode o, int width, bool is_signed) {
    return o == overflow_mode::saturate_symmetric && is_signed ? -raw_max<R>(width, true) : raw_min<R>(width, is_signed);
}

/// raw with a format's overflow.
template <class R>
[[gnu::always_inline]] constexpr R overflown(R raw, overflow_mode o, int width, bool is_signed) {
    if (o == overflow_mode::wrap) return wrapped(raw, width, is_signed);
    const R low = raw_lowest<R>(o, width, is_signed);
    const R high = raw_max<R>(width, is_signed);
    if (raw < low) return o == overflow_mode::saturate_zero ? R(0) : low;
    if (raw > high) return o == overflow_mode::saturate_zero ? R(0) : high;
    return raw;
}

/// The raw values whose products with 2^shift lie from low to high.
template <class R>
struct limits {
    R least;
    R most;
};
template <class R>
[[gnu::always_inline]] constexpr limits<R> limits_before_shift(R low, R high, int shift) {
    if (shift >= bits_of<R>) return {R(0), R(0)};
    const R least = shifted_right(low, shift);
    return {shifted_left(least, shift) == low ? least : least + 1, shifted_right(high, shift)};
}

/// The raw value of a number with `dropped` fewer fraction bits (more where negative) and a format's width. R: holds the raw
/// values of both.
template <class R>
[[gnu::always_inline]] constexpr R requantized(R raw, int dropped, rounding_mode q, overflow_mode o, int width,
                                               bool is_signed) {
    if (dropped > 0) {
        const R kept = shifted_right(raw, dropped);
        return overflown(rounds_up(raw, dropped, q) ? kept + 1 : kept, o, width, is_signed);
    }
    const int shift = -dropped;
    if (shift == 0 || o == overflow_mode::wrap || raw == 0) return overflown(shifted_left(raw, shift), o, width, is_signed);
    // The product with 2^shift may be beyond R: what fits is known before.
    const R high = raw_max<R>(width, is_signed);
    const R low = raw_lowest<R>(o, width, is_signed);
    const limits<R> bounds = limits_before_shift(low, high, shift);
    if (raw < bounds.least) return o == overflow_mode::saturate_zero ? R(0) : low;
    if (raw > bounds.most) return o == overflow_mode::saturate_zero ? R(0) : high;
    return shifted_left(raw, shift);
}

}  // namespace detail
}  // namespace kaon
