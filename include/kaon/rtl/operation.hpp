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
enum class operation { constant, input, multiply, add, subtract, maximum, minimum, quantize, less, select, look_up };

/// Its name in words.
constexpr const char* name_of(operation o) {
    constexpr const char* names[] = {"constant", "input",    "multiply", "add",    "subtract", "maximum",
                                     "minimum",  "quantize", "less",     "select", "look_up"};
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
/// maximum, minimum: of two values of the node's format. quantize: rounds, then overflows. less: of two values of one format, one bit.
/// select: second where first is one, else third. look_up: the entry of a table of the record at an address.
struct node {
    /// What it computes.
    operation kind;
    /// The format of its value.
    wire_format format;
    /// Its operands, as far as it has any.
    /// @{
    node_id first = 0;
    node_id second = 0;
    node_id third = 0;
    /// @}

    /// constant: the raw integer; input: its position among the inputs; look_up: the table's among the tables.
    std::int64_t value = 0;
    /// quantize: how.
    /// @{
    rounding_mode rounding = truncate;
    overflow_mode overflow = wrap;
    /// @}

    /// Whether equal in all.
    friend constexpr bool operator==(const node& a, const node& b) {
        return a.kind == b.kind && a.format == b.format && a.first == b.first && a.second == b.second &&
               a.third == b.third && a.value == b.value && a.rounding == b.rounding && a.overflow == b.overflow;
    }
};

namespace detail {

/// 2^exponent - 1.
constexpr std::uint64_t ones(int exponent) { return exponent == 0 ? 0 : ~std::uint64_t{0} >> (64 - exponent); }
constexpr std::int64_t largest(const wire_format& f) {
    return static_cast<std::int64_t>(ones(f.is_signed ? f.width - 1 : f.width));
}
constexpr std::int64_t smallest(const wire_format& f) { return f.is_signed ? -largest(f) - 1 : 0; }

/// Whether a format has every value of another.
constexpr bool holds_every_value(const wire_format& to, const wire_format& from) {
    return from.fraction() <= to.fraction() && (to.is_signed || !from.is_signed) &&
           from.integer + (to.is_signed && !from.is_signed ? 1 : 0) <= to.integer;
}

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

/// Whether raw * 2^-bits is rounded to the integer above the one below it; bits > 0. By the distance from there, in units of 2^bits.
constexpr bool rounds_up(std::int64_t raw, int bits, rounding_mode mode) {
    const bool negative = raw < 0;
    // Beyond 64 bits the number is nearly the integer below it, or nearly the one above.
    const std::uint64_t distance = bits > 64 ? 0 : static_cast<std::uint64_t>(raw) & ones(bits);
    const std::uint64_t half = bits > 64 ? 1 : std::uint64_t{1} << (bits - 1);
    const bool whole = bits > 64 ? raw == 0 : distance == 0;
    const bool nearer = bits > 64 ? negative : distance > half;
    const bool tie = distance == half;
    const bool odd = ((raw >> (bits > 63 ? 63 : bits)) & 1) != 0;
    if (mode == rounding_mode::truncate || whole) return false;
    if (mode == rounding_mode::toward_plus_infinity) return true;
    if (mode == rounding_mode::truncate_zero) return negative;
    if (mode == rounding_mode::away_from_zero) return !negative;
    if (!tie) return nearer;
    return mode == rounding_mode::round || (mode == rounding_mode::round_zero && negative) ||
           (mode == rounding_mode::round_inf && !negative) || (mode == rounding_mode::round_conv && odd);
}

/// raw * 2^-bits as an integer.
constexpr std::int64_t lowered(std::int64_t raw, int bits, rounding_mode mode) {
    if (bits == 0) return raw;
    return (raw >> (bits > 63 ? 63 : bits)) + (rounds_up(raw, bits, mode) ? 1 : 0);
}

/// The least value that is kept as it is.
constexpr std::int64_t smallest_kept(const node& n) {
    return n.overflow == overflow_mode::saturate_symmetric ? -largest(n.format) * (n.format.is_signed ? 1 : 0)
                                                           : smallest(n.format);
}

constexpr std::int64_t quantized(std::int64_t raw, const wire_format& from, const node& n) {
    const wire_format& to = n.format;
    const int dropped = from.fraction() - to.fraction();
    const std::int64_t kept = dropped >= 0 ? lowered(raw, dropped, n.rounding) : raw;
    if (n.overflow != wrap) {
        const int shift = dropped >= 0 ? 0 : dropped < -63 ? 63 : -dropped;
        const bool zero = n.overflow == overflow_mode::saturate_zero;
        if (kept > largest(to) >> shift) return zero ? 0 : largest(to);
        // Toward zero: the least multiple of 2^shift that is kept.
        const std::uint64_t magnitude = std::uint64_t{0} - static_cast<std::uint64_t>(smallest_kept(n));
        const std::uint64_t below = magnitude >> shift;
        if (kept < 0 && std::uint64_t{0} - static_cast<std::uint64_t>(kept) > below) return zero ? 0 : smallest_kept(n);
    }
    return low_bits(raised(kept, dropped < 0 ? -dropped : 0), to);
}

/// What a node reads: raw integers and their formats.
struct operand {
    std::int64_t raw;
    wire_format format;
};

/// The raw integer of a node from its operands'; not of look_up, which reads a table.
constexpr std::int64_t computed(const node& n, const operand& a, const operand& b, const operand& c) {
    const int fraction = n.format.fraction();
    switch (n.kind) {
    case operation::multiply:
        return low_bits(static_cast<std::uint64_t>(a.raw) * static_cast<std::uint64_t>(b.raw), n.format);
    case operation::add:
        return low_bits(raised(a.raw, fraction - a.format.fraction()) + raised(b.raw, fraction - b.format.fraction()),
                        n.format);
    case operation::subtract:
        return low_bits(raised(a.raw, fraction - a.format.fraction()) - raised(b.raw, fraction - b.format.fraction()),
                        n.format);
    case operation::maximum:
        return a.raw < b.raw ? b.raw : a.raw;
    case operation::minimum:
        return b.raw < a.raw ? b.raw : a.raw;
    case operation::quantize:
        return quantized(a.raw, a.format, n);
    case operation::less:
        return a.raw < b.raw ? 1 : 0;
    case operation::select:
        return a.raw != 0 ? b.raw : c.raw;
    default:
        return n.value;
    }
}

}  // namespace detail
}  // namespace rtl
}  // namespace kaon
