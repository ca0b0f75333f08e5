// requantize_lanes.hpp: raw integers of one fixed-point format into another, lane by lane: scalar/requantize.hpp's rules.
#pragma once

#include "lanes.hpp"

#include "../scalar/requantize.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon {
namespace detail {

/// What rounding adds to raw 2^-Dropped, toward minus infinity: 1 or 0 a lane. Dropped: 1 or more.
template <rounding_mode Q, int Dropped, class V>
[[gnu::always_inline]] inline V rounding_lanes(const V& raw) noexcept {
    using R = lane_type<V>;
    constexpr int bits = 8 * static_cast<int>(sizeof(R));
    const V one = splat<V>(1);
    const V negative = same_lanes<R>(raw < V{}) & one;
    const V half = shifted_right_lanes<Dropped - 1>(raw) & one;
    const V rest = [&]() __attribute__((always_inline))->V {
        if constexpr (Dropped == 1) {
            return V{};
        } else if constexpr (Dropped > bits) {
            return same_lanes<R>(raw != V{}) & one;
        } else {
            constexpr auto mask = static_cast<R>((std::uint64_t{1} << (Dropped - 1)) - 1);
            return same_lanes<R>((raw & splat<V>(mask)) != V{}) & one;
        }
    }
    ();
    if constexpr (Q == rounding_mode::truncate_zero) {
        return negative & (half | rest);
    } else if constexpr (Q == rounding_mode::round) {
        return half;
    } else if constexpr (Q == rounding_mode::round_zero) {
        return half & (negative | rest);
    } else if constexpr (Q == rounding_mode::round_min_inf) {
        return half & rest;
    } else if constexpr (Q == rounding_mode::round_inf) {
        return half & ((negative ^ one) | rest);
    } else if constexpr (Q == rounding_mode::round_conv) {
        return half & (rest | shifted_right_lanes<Dropped>(raw));
    } else if constexpr (Q == rounding_mode::toward_plus_infinity) {
        return half | rest;
    } else {
        static_assert(Q == rounding_mode::away_from_zero, "kaon: a rounding mode that lanes do not have");
        return (negative ^ one) & (half | rest);
    }
}

/// raw 2^-Dropped, rounded: no bit is cut.
template <rounding_mode Q, int Dropped, class V>
[[gnu::always_inline]] inline V rounded_lanes(const V& raw) noexcept {
    if constexpr (Dropped <= 0) {
        return raw;
    } else if constexpr (Q == rounding_mode::truncate) {
        return shifted_right_lanes<Dropped>(raw);
    } else {
        return shifted_right_lanes<Dropped>(raw) + rounding_lanes<Q, Dropped>(raw);
    }
}

/// From least to most: raw; beyond: low or high, or zero.
template <overflow_mode O, class V, class R>
[[gnu::always_inline]] inline V clamped_lanes(const V& raw, R least, R most) noexcept {
    if constexpr (O == overflow_mode::saturate_zero) {
        return ((raw < splat<V>(least)) | (raw > splat<V>(most))) ? V{} : raw;
    } else {
        return least_lanes(largest_lanes(raw, splat<V>(least)), splat<V>(most));
    }
}

/// Bytes of the widest lane that a conversion takes.
template <class From, class To>
constexpr std::size_t requantizing_bytes() {
    constexpr std::size_t both = sizeof(From) > sizeof(To) ? sizeof(From) : sizeof(To);
    constexpr std::size_t from = bytes_for(From::width + (From::is_signed ? 0 : 1));
    constexpr std::size_t to = bytes_for(To::width + (To::is_signed ? 0 : 1));
    constexpr std::size_t lane = from > to ? from : to;
    return lane > both ? lane : both;
}

/// Raw lanes of From's format as To's raw_type: rounded, then overflown. From and To: basic_fixed of up to 63 bits (unsigned: 62),
/// or 64 where nothing saturates.
template <class From, class To, class V>
[[gnu::always_inline]] inline auto requantized_lanes(const V& raw) noexcept {
    constexpr int dropped = From::fraction - To::fraction;
    constexpr int from_bits = From::width + (From::is_signed ? 0 : 1);
    constexpr int to_bits = To::width + (To::is_signed ? 0 : 1);
    // Bits after rounding: where all of them fit, nothing overflows. What is dropped whole leaves -1, 0, or 1 where it is rounded up.
    constexpr bool rounds = dropped > 0 && To::rounding != truncate;
    constexpr int left = from_bits - dropped + (rounds ? 1 : 0);
    constexpr int kept = left < (rounds ? 2 : 1) ? (rounds ? 2 : 1) : left;
    constexpr bool below_zero = From::is_signed && !To::is_signed;
    constexpr bool lowest_in = To::overflow != saturate_symmetric || kept < to_bits;
    constexpr bool fits = kept <= to_bits && !below_zero && lowest_in;
    using result = typename To::raw_type;
    if constexpr (fits || To::overflow == wrap) {
        using R = signed_bytes<(dropped > 0 ? bytes_for(from_bits) : bytes_for(to_bits))>;
        const auto scaled =
            shifted_left_lanes<(dropped < 0 ? -dropped : 0)>(rounded_lanes<To::rounding, dropped>(converted_lanes<R>(raw)));
        if constexpr (fits) {
            return converted_lanes<result>(scaled);
        } else {
            return wrapped_lanes<To::width, To::is_signed>(converted_lanes<result>(scaled));
        }
    } else {
        using R = signed_bytes<bytes_for(from_bits > to_bits ? from_bits : to_bits)>;
        constexpr auto low = raw_lowest<std::int64_t>(To::overflow, To::width, To::is_signed);
        constexpr auto high = raw_max<std::int64_t>(To::width, To::is_signed);
        const auto lanes_in = converted_lanes<R>(raw);
        if constexpr (dropped >= 0) {
            const auto clamped = clamped_lanes<To::overflow>(rounded_lanes<To::rounding, dropped>(lanes_in),
                                                             static_cast<R>(low), static_cast<R>(high));
            return converted_lanes<result>(clamped);
        } else {
            // The product with a power of two may be beyond the lane: what fits is known before.
            constexpr int shift = -dropped;
            constexpr auto limits = limits_before_shift(low, high, shift);
            auto scaled = shifted_left_lanes<shift>(lanes_in);
            constexpr auto below = static_cast<R>(To::overflow == saturate_zero ? 0 : low);
            constexpr auto above = static_cast<R>(To::overflow == saturate_zero ? 0 : high);
            using V2 = decltype(scaled);
            scaled = lanes_in < splat<V2>(static_cast<R>(limits.least)) ? splat<V2>(below) : scaled;
            scaled = lanes_in > splat<V2>(static_cast<R>(limits.most)) ? splat<V2>(above) : scaled;
            return converted_lanes<result>(scaled);
        }
    }
}

}  // namespace detail
}  // namespace kaon
