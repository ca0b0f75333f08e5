// exact_products.hpp: exact sums of small fixed-point products: several of them a 32-bit lane and step.
#pragma once

#include "product_form.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kaon {
namespace detail {

/// Sums in 32-bit lanes, modulo 2^32.
template <class Target, class X, class Summation, std::size_t Outputs>
struct exact_sums {
    using sum = typename Summation::sum;
    using traits = product_traits<Target, X, Summation>;
    static constexpr std::size_t lanes = lanes_for<Target, 4, Outputs>();
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 4;
    static constexpr bool splits = true;
    using stored_bias = std::int32_t;
    using value = detail::lanes<std::uint32_t, lanes>;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        row[output][input] = static_cast<std::decay_t<decltype(row[output][input])>>(static_cast<std::uint64_t>(w.raw()) *
                                                                                     weight_factor<traits>);
    }
    static constexpr stored_bias keep_bias(const typename Summation::bias& b) {
        return static_cast<stored_bias>(raw_bias<Summation>(b));
    }

    [[gnu::always_inline]] static value start(const stored_bias* b) noexcept { return load_lanes<value>(b); }
    [[gnu::always_inline]] static value zero() noexcept { return value{}; }
    [[gnu::always_inline]] static auto total(const value& s) noexcept { return as_sums<sum, Summation::exact, Target>(s); }
};

}  // namespace detail

/// Two at a time.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::pairs>>
    : detail::exact_sums<Target, X, Summation, Outputs> {
    using base = detail::exact_sums<Target, X, Summation, Outputs>;
    using typename base::value;
    static constexpr std::size_t inputs = 2;
    static constexpr int input_offset = 0;
    using stored_weight = std::int16_t;
    using operand = detail::lanes<std::int16_t, 2 * base::lanes>;

    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        return detail::broadcast_pair<base::lanes, Count>(p);
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        return s + detail::dot_of_pairs<2 * base::lanes>(detail::load_lanes<operand>(w), x);
    }
};

/// Two at a time, twice: the low bits of the weights, unsigned, and the high ones. The two sums are put together at the end.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::split_pairs>> {
    using sum = typename Summation::sum;
    using traits = detail::product_traits<Target, X, Summation>;
    static constexpr std::size_t lanes = detail::lanes_for<Target, 8, Outputs>();
    static constexpr std::size_t inputs = 2;
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 4;
    static constexpr int input_offset = 0;
    static constexpr bool splits = true;
    static constexpr int low_bits = traits::low_bits();
    /// Number 0: the low bits, number 1: the high ones, in neighbouring 32-bit lanes: of both inputs.
    struct stored_weight {
        std::int16_t number[2];
    };
    using stored_bias = std::int64_t;
    using value = detail::lanes<std::uint32_t, 2 * lanes>;
    using operand = detail::lanes<std::int16_t, 4 * lanes>;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        const auto raw = static_cast<std::int64_t>(static_cast<std::uint64_t>(w.raw()) * detail::weight_factor<traits>);
        const std::int64_t high = raw >> low_bits;
        row[output][0].number[input] = static_cast<std::int16_t>(raw - high * (std::int64_t{1} << low_bits));
        row[output][1].number[input] = static_cast<std::int16_t>(high);
    }
    /// As the two lanes lie in memory.
    static constexpr stored_bias keep_bias(const typename Summation::bias& b) {
        const std::int64_t raw = detail::raw_bias<Summation>(b);
        const std::int64_t high = raw >> low_bits;
        const auto low = static_cast<std::uint64_t>(raw - high * (std::int64_t{1} << low_bits));
        return static_cast<stored_bias>(static_cast<std::uint64_t>(high) << 32 | low);
    }
    [[gnu::always_inline]] static value start(const stored_bias* b) noexcept { return detail::load_lanes<value>(b); }
    [[gnu::always_inline]] static value zero() noexcept { return value{}; }
    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        return detail::broadcast_pair<2 * lanes, Count>(p);
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        return s + detail::dot_of_pairs<4 * lanes>(detail::load_lanes<operand>(w), x);
    }
    [[gnu::always_inline]] static auto total(const value& s) noexcept {
        const auto both = detail::same_lanes<std::int64_t>(s);
        const auto low = detail::shifted_right_lanes<32>(detail::shifted_left_lanes<32>(both));
        const auto high = detail::shifted_left_lanes<low_bits>(detail::shifted_right_lanes<32>(both));
        return detail::as_sums<sum, true, Target>(detail::sum_lanes(high, low));
    }
};

/// Four at a time, of unsigned inputs: to signed ones half their range is added, and what that adds to a sum is taken from its bias.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::fours>>
    : detail::exact_sums<Target, X, Summation, Outputs> {
    using base = detail::exact_sums<Target, X, Summation, Outputs>;
    using typename base::value;
    static constexpr std::size_t inputs = 4;
    static constexpr int input_offset = X::is_signed ? 128 : 0;
    using stored_weight = std::int8_t;
    using operand = detail::lanes<std::uint8_t, 4 * base::lanes>;

    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        std::uint32_t four = 0;
        std::memcpy(&four, p, Count);
        if constexpr (X::is_signed) four ^= 0x80808080u;  // where there are no inputs, weights are zero
        return detail::same_lanes<std::uint8_t>(detail::splat<detail::lanes<std::uint32_t, base::lanes>>(four));
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        return detail::dot_of_fours<base::lanes>(s, x, detail::load_lanes<detail::lanes<std::int8_t, 4 * base::lanes>>(w));
    }
};

}  // namespace kaon
