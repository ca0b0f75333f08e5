// table_address.hpp: from a value to an entry of a table, as hls4ml's firmware does it (nnet_activation.h of hls4ml 1.3).
#pragma once

#include "fixed.hpp"
#include "format.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon {
namespace detail {

/// Bits of a power of two.
constexpr int bits_of_size(std::size_t size) { return ceil_log2(size); }

}  // namespace detail

/// Entries of [-2^(Range - 1), 2^(Range - 1)) in ascending order: a value is cut toward zero to one of them, so that the one of zero
/// serves both sides; what lies beyond is the first or the last.
template <std::size_t Size, int Range>
struct centred_address {
    /// How many entries; the scalar whose raw integers stand for them.
    /// @{
    static constexpr std::size_t size = Size;
    using scalar = fixed<detail::bits_of_size(Size), Range, truncate_zero, saturate>;
    /// @}

    /// Where a raw integer's entry lies, and back.
    /// @{
    static constexpr std::int32_t index(std::int64_t raw) noexcept {
        return static_cast<std::int32_t>(raw) + static_cast<std::int32_t>(Size / 2);
    }
    static constexpr std::int64_t raw(std::int32_t index) noexcept { return index - static_cast<std::int32_t>(Size / 2); }
    /// @}
};

/// Entries of (-2^Range, 0] in descending order, cut toward zero; what lies below is the last.
template <std::size_t Size, int Range>
struct negative_address {
    /// As of centred_address.
    /// @{
    static constexpr std::size_t size = Size;
    using scalar = fixed<detail::bits_of_size(Size) + 1, Range + 1, truncate_zero, saturate_symmetric>;
    static constexpr std::int32_t index(std::int64_t raw) noexcept { return -static_cast<std::int32_t>(raw); }
    static constexpr std::int64_t raw(std::int32_t index) noexcept { return -index; }
    /// @}
};

/// Entries of [0, 2^Range) in ascending order, cut toward zero; beyond: the first or the last.
template <std::size_t Size, int Range>
struct positive_address {
    /// As of centred_address.
    /// @{
    static constexpr std::size_t size = Size;
    using scalar = ufixed<detail::bits_of_size(Size), Range, truncate_zero, saturate>;
    static constexpr std::int32_t index(std::int64_t raw) noexcept { return static_cast<std::int32_t>(raw); }
    static constexpr std::int64_t raw(std::int32_t index) noexcept { return index; }
    /// @}
};

/// The high bits of a Value, as an unsigned integer: negative values lie behind the others.
template <std::size_t Size, class Value>
struct high_bits_address {
    /// As of centred_address.
    /// @{
    static constexpr std::size_t size = Size;
    using scalar = basic_fixed<detail::bits_of_size(Size), format_of<Value>::integer, format_of<Value>::is_signed>;
    static constexpr std::int32_t index(std::int64_t raw) noexcept {
        return static_cast<std::int32_t>(raw) & static_cast<std::int32_t>(Size - 1);
    }
    static constexpr std::int64_t raw(std::int32_t index) noexcept { return scalar::from_raw(index).raw(); }
    /// @}
};

}  // namespace kaon
