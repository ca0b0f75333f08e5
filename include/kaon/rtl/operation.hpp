// operation.hpp: one recorded operation and what it does to raw integers. Written apart from basic_fixed, whose arithmetic
// it checks.
#pragma once

#include "../scalar/modes.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon {
/// A network as a record of its operations, and as Verilog.
namespace rtl {

/// What a node computes.
enum class operation { constant, input, multiply, add, subtract, maximum, minimum, quantize };

/// Its name in words.
constexpr const char* name_of(operation o) {
    constexpr const char* names[] = {"constant", "input", "multiply", "add", "subtract", "maximum", "minimum", "quantize"};
    return names[static_cast<std::size_t>(o)];
}

/// Format of a wire: value = raw * 2^-(width - integer). Signed: up to 64 bits, unsigned: up to 63.
struct wire_format {
    /// Bits in all, bits before the binary point (a sign among them), two's complement or not.
    /// @{
    int width;
    int integer;
    bool is_signed;
    /// @}

    /// Bits after the binary point; may be negative.
    constexpr int fraction() const { return width - integer; }
    /// Whether equal in all.
    friend constexpr bool operator==(const wire_format& a, const wire_format& b) {
        return a.width == b.width && a.integer == b.integer && a.is_signed == b.is_signed;
    }
};

/// The format of a fixed-point type.
template <class T>
inline constexpr wire_format wire_format_of{T::width, T::integer, T::is_signed};

/// Position of a node in its record.
using node_id = std::uint32_t;

/// multiply, add, subtract: exact, of which the format's low bits are kept; its fraction bits are those of the exact result.
/// maximum, minimum: of two values of the node's format. quantize: rounds, then overflows.
struct node {
    /// What it computes.
    operation kind;
    /// The format of its value.
    wire_format format;
    /// Its operands, as far as it has any.
    /// @{
    node_id first = 0;
    node_id second = 0;
    /// @}

    /// constant: the raw integer; input: its position among the inputs.
    std::int64_t value = 0;
    /// quantize: how.
    /// @{
    rounding_mode rounding = truncate;
    overflow_mode overflow = wrap;
    /// @}

    /// Whether equal in all.
    friend constexpr bool operator==(const node& a, const node& b) {
        return a.kind == b.kind && a.format == b.format && a.first == b.first && a.second == b.second &&
               a.value == b.value && a.rounding == b.rounding && a.overflow == b.overflow;
    }
};

namespace detail {

/// 2^exponent - 1.
constexpr std::uint64_t ones(int exponent) { return exponent == 0 ? 0 : ~std::uint64_t{0} >> (64 - exponent); }
constexpr std::int64_t largest(const wire_format& f) {
    return static_cast<std::int64_t>(ones(f.is_signed ? f.width - 1 : f.width));
}
constexpr std::int64_t smallest(const wire_format& f) { return f.is_signed ? -largest(f) - 1 : 0; }

/// The low bits of a number modulo 2^64, as the format reads them.
constexpr std::int64_t low_bits(std::uint64_t raw, const wire_format& f) {
    const std::uint64_t kept = raw & ones(f.width);
    if (!f.is_signed || kept <= ones(f.width - 1)) return static_cast<std::int64_t>(kept);
    return -static_cast<std::int64_t>(ones(f.width) - kept) - 1;
}

/// raw * 2^bits modulo 2^64.
constexpr std::uint64_t raised(std::int64_t raw, int bits) {
    return bits > 63 ? 0 : static_cast<std::uint64_t>(raw) << bits;
}

/// raw * 2^-bits to the nearest integer, halves up, or toward minus infinity.
constexpr std::int64_t lowered(std::int64_t raw, int bits, rounding_mode mode) {
    if (bits == 0) return raw;
    if (mode == truncate) return raw >> (bits > 63 ? 63 : bits);
    if (bits > 64) return 0;  // less than half of the last bit
    const std::int64_t halves = raw >> (bits - 1);
    return (halves >> 1) + (halves & 1);
}

constexpr std::int64_t quantized(std::int64_t raw, const wire_format& from, const node& n) {
    const wire_format& to = n.format;
    const int dropped = from.fraction() - to.fraction();
    if (dropped >= 0) {
        const std::int64_t kept = lowered(raw, dropped, n.rounding);
        if (n.overflow == wrap) return low_bits(static_cast<std::uint64_t>(kept), to);
        return kept > largest(to) ? largest(to) : kept < smallest(to) ? smallest(to) : kept;
    }
    const int added = -dropped;
    if (n.overflow == saturate) {
        const int shift = added > 63 ? 63 : added;
        if (raw > largest(to) >> shift) return largest(to);
        // 2^(width - 1) >> shift, the magnitude of the smallest value, without its overflow at 64 bits.
        const int magnitude_bits = to.width - 1 - shift;
        const std::int64_t lowest =
            !to.is_signed || magnitude_bits < 0 ? 0 : -static_cast<std::int64_t>(ones(magnitude_bits)) - 1;
        if (raw < lowest) return smallest(to);
    }
    return low_bits(raised(raw, added), to);
}

/// The raw integer of a node from its operands' and their formats.
constexpr std::int64_t computed(const node& n, std::int64_t a, const wire_format& fa, std::int64_t b,
                                const wire_format& fb) {
    const int fraction = n.format.fraction();
    switch (n.kind) {
    case operation::multiply:
        return low_bits(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b), n.format);
    case operation::add:
        return low_bits(raised(a, fraction - fa.fraction()) + raised(b, fraction - fb.fraction()), n.format);
    case operation::subtract:
        return low_bits(raised(a, fraction - fa.fraction()) - raised(b, fraction - fb.fraction()), n.format);
    case operation::maximum:
        return a < b ? b : a;
    case operation::minimum:
        return b < a ? b : a;
    case operation::quantize:
        return quantized(a, fa, n);
    default:
        return n.value;
    }
}

}  // namespace detail
}  // namespace rtl
}  // namespace kaon
