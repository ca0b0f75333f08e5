// rom_products.hpp: sums of products on wires, of parameters that lie in memory as plain integers: an HLS compiler takes no objects of
// a class for the contents of a ROM.
#pragma once

#include "arithmetic.hpp"

#include "../scalar/fixed.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// How a ROM keeps a number of fixed point.
template <class Number>
using rom_integer = typename Number::raw_type;

/// The number that such an integer stands for.
template <class Number>
[[gnu::always_inline]] constexpr Number from_rom(rom_integer<Number> raw) noexcept {
    return Number::from_exact(static_cast<typename Number::integer_type>(raw));
}

template <class Target, class X, class Weight, class Bias>
inline constexpr bool keeps_integers = Target::unrolled&& is_basic_fixed<X>&& is_basic_fixed<Weight>&& is_basic_fixed<Bias>;

}  // namespace detail

/// One by one, as for any scalar; parameters as a ROM keeps them.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs,
                std::enable_if_t<detail::keeps_integers<Target, X, typename Summation::weight, typename Summation::bias>>> {
    /// As of the primary template.
    /// @{
    static constexpr std::size_t lanes = 1;
    static constexpr std::size_t inputs = 1;
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 1;
    static constexpr bool splits = false;
    static constexpr int input_offset = 0;
    using weight = typename Summation::weight;
    using bias = typename Summation::bias;
    using stored_weight = detail::rom_integer<weight>;
    using stored_bias = detail::rom_integer<bias>;
    using value = typename Summation::sum;
    using operand = X;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const weight& w) {
        row[output][input] = static_cast<stored_weight>(w.raw());
    }
    static constexpr stored_bias keep_bias(const bias& b) { return static_cast<stored_bias>(b.raw()); }

    [[gnu::always_inline]] static constexpr value start(const stored_bias* b) noexcept {
        return value(detail::from_rom<bias>(*b));
    }
    [[gnu::always_inline]] static constexpr value zero() noexcept { return value(0); }
    template <std::size_t Count>
    [[gnu::always_inline]] static constexpr operand broadcast(const X* p) noexcept {
        return *p;
    }
    [[gnu::always_inline]] static constexpr value step(const value& sum, const stored_weight* w, const operand& x) noexcept {
        return multiply_add(detail::from_rom<weight>(*w), x, sum);
    }
    [[gnu::always_inline]] static constexpr value total(const value& sum) noexcept { return sum; }
    /// @}
};

}  // namespace kaon
