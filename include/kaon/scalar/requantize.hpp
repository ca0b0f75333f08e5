// requantize.hpp: raw integers of one fixed-point format into another.
#pragma once

#include "modes.hpp"

#include <cstdint>

namespace kaon {
namespace detail {

/// Bounds of the raw integers of a format.
constexpr std::int64_t raw_min(int width, bool is_signed) { return is_signed ? -(std::int64_t{1} << (width - 2)) * 2 : 0; }
constexpr std::int64_t raw_max(int width, bool is_signed) {
    return is_signed ? ((std::int64_t{1} << (width - 2)) - 1) * 2 + 1 : ((std::int64_t{1} << (width - 1)) - 1) * 2 + 1;
}

/// Keeps the low `width` bits of raw.
constexpr std::int64_t wrapped(std::int64_t raw, int width, bool is_signed) {
    const int unused = 64 - width;
    const std::uint64_t bits = static_cast<std::uint64_t>(raw) << unused;
    return is_signed ? static_cast<std::int64_t>(bits) >> unused : static_cast<std::int64_t>(bits >> unused);
}

constexpr std::int64_t clamped(std::int64_t raw, std::int64_t low, std::int64_t high) {
    return raw < low ? low : raw > high ? high : raw;
}

/// The raw value of a number with `dropped` fewer fraction bits (more where negative) and a format's width.
constexpr std::int64_t requantized(std::int64_t raw, int dropped, rounding_mode q, overflow_mode o, int width,
                                   bool is_signed) {
    if (dropped >= 0) {
        const int shift = dropped > 63 ? 63 : dropped;
        std::int64_t kept = raw >> shift;
        if (q == rounding_mode::round && dropped > 0) {
            // Beyond 64 dropped bits the first of them is a copy of the sign.
            const int first = dropped > 64 ? 63 : dropped - 1;
            kept += (raw >> first) & 1;
        }
        return o == overflow_mode::wrap ? wrapped(kept, width, is_signed)
                                        : clamped(kept, raw_min(width, is_signed), raw_max(width, is_signed));
    }
    const int shift = -dropped;
    if (o == overflow_mode::wrap) {
        return shift > 63 ? 0
                          : wrapped(static_cast<std::int64_t>(static_cast<std::uint64_t>(raw) << shift), width, is_signed);
    }
    const std::int64_t low = raw_min(width, is_signed);
    const std::int64_t high = raw_max(width, is_signed);
    if (raw == 0) return 0;
    if (shift > 62) return raw < 0 ? low : high;
    if (raw > (high >> shift)) return high;
    if (raw < -((-(low + 1)) >> shift) - 1) return low;
    const std::int64_t scaled = raw * (std::int64_t{1} << shift);
    return scaled < low ? low : scaled;
}

}  // namespace detail
}  // namespace kaon
