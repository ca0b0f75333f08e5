// rom_products.hpp: sums of products on wires, of parameters that lie in memory as plain integers: an HLS compiler takes no objects of
// a class for the contents of a ROM.
#pragma once

#include "arithmetic.hpp"

#include "../scalar/fixed.hpp"

#include <cstddef>
#include <cstdint>
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

/// Exact sums that a word of 32 bits holds are such words: tools narrow them to the bits that vary, of longer ones they keep too many.
template <class Summation, bool Word>
struct rom_sums {
    using value = typename Summation::sum;
    template <class Number>
    [[gnu::always_inline]] static constexpr value of(const Number& number) noexcept {
        return value(number);
    }
    template <class Weight, class X>
    [[gnu::always_inline]] static constexpr value add_product(const value& sum, const Weight& w, const X& x) noexcept {
        return multiply_add(w, x, sum);
    }
    [[gnu::always_inline]] static constexpr const value& total(const value& sum) noexcept { return sum; }
};
template <class Summation>
struct rom_sums<Summation, true> {
    using sum = typename Summation::sum;
    using value = std::int32_t;
    template <class Number>
    [[gnu::always_inline]] static constexpr value of(const Number& number) noexcept {
        return static_cast<value>(number.raw()) * (value(1) << (sum::fraction - Number::fraction));
    }
    template <class Weight, class X>
    [[gnu::always_inline]] static constexpr value add_product(value so_far, const Weight& w, const X& x) noexcept {
        constexpr value unit = value(1) << (sum::fraction - Weight::fraction - X::fraction);
        return so_far + static_cast<value>(w.raw()) * static_cast<value>(x.raw()) * unit;
    }
    [[gnu::always_inline]] static constexpr sum total(value so_far) noexcept { return sum::from_exact(so_far); }
};
template <class Summation>
inline constexpr bool sums_in_words = Summation::exact&& Summation::sum::width - (Summation::sum::is_signed ? 1 : 0) <= 31;

template <class Target, class X, class Weight, class Bias>
inline constexpr bool keeps_integers = Target::unrolled&& is_basic_fixed<X>&& is_basic_fixed<Weight>&& is_basic_fixed<Bias>;

/// Scalars of parameters as a target keeps them: a layer's own, or a ROM's.
template <class Target, class X, class Types,
          bool Rom = keeps_integers<Target, X, typename Types::weight, typename Types::bias>>
struct kept_numbers {
    static constexpr bool rom = Rom;
    using weight = typename Types::weight;
    using bias = typename Types::bias;
    template <class Number>
    static constexpr const Number& keep(const Number& number) {
        return number;
    }
};
template <class Target, class X, class Types>
struct kept_numbers<Target, X, Types, true> {
    static constexpr bool rom = true;
    using weight = rom_integer<typename Types::weight>;
    using bias = rom_integer<typename Types::bias>;
    template <class Number>
    static constexpr rom_integer<Number> keep(const Number& number) {
        return static_cast<rom_integer<Number>>(number.raw());
    }
};

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
    using sums = detail::rom_sums<Summation, detail::sums_in_words<Summation>>;
    static constexpr int input_offset = 0;
    using weight = typename Summation::weight;
    using bias = typename Summation::bias;
    using stored_weight = detail::rom_integer<weight>;
    using stored_bias = detail::rom_integer<bias>;
    using value = typename sums::value;
    using operand = X;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const weight& w) {
        row[output][input] = static_cast<stored_weight>(w.raw());
    }
    static constexpr stored_bias keep_bias(const bias& b) { return static_cast<stored_bias>(b.raw()); }

    [[gnu::always_inline]] static constexpr value start(const stored_bias* b) noexcept {
        return sums::of(detail::from_rom<bias>(*b));
    }
    [[gnu::always_inline]] static constexpr value zero() noexcept { return value(0); }
    template <std::size_t Count>
    [[gnu::always_inline]] static constexpr operand broadcast(const X* p) noexcept {
        return *p;
    }
    [[gnu::always_inline]] static constexpr value step(const value& sum, const stored_weight* w, const operand& x) noexcept {
        return sums::add_product(sum, detail::from_rom<weight>(*w), x);
    }
    [[gnu::always_inline]] static constexpr typename Summation::sum total(const value& sum) noexcept {
        return sums::total(sum);
    }
    /// @}
};

}  // namespace kaon
