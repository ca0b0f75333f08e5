// rounded_products.hpp: sums whose products are rounded to the sum's type one by one, and exact sums beyond 32 bits.
#pragma once

#include "product_form.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// 16-bit sums, two a 32-bit lane: one of the even inputs, one of the odd ones; modulo 2^16.
template <class Target, class X, class Summation, std::size_t Outputs>
struct half_sums {
    using sum = typename Summation::sum;
    using traits = product_traits<Target, X, Summation>;
    static constexpr std::size_t lanes = lanes_for<Target, 4, Outputs>();
    static constexpr std::size_t inputs = 2;
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 4;
    static constexpr int input_offset = 0;
    static constexpr bool splits = true;
    static constexpr std::size_t terms = 2 * lanes;
    using stored_bias = std::int16_t;
    using value = detail::lanes<std::uint16_t, terms>;
    using operand = detail::lanes<std::int16_t, terms>;

    static constexpr stored_bias keep_bias(const typename Summation::bias& b) {
        return static_cast<stored_bias>(raw_bias<Summation>(b));
    }
    [[gnu::always_inline]] static value start(const stored_bias* b) noexcept {
        const auto biases = load_lanes<detail::lanes<std::uint16_t, lanes>>(b);
        return same_lanes<std::uint16_t>(converted_lanes<std::uint32_t>(biases));  // zero in the second sums
    }
    [[gnu::always_inline]] static value zero() noexcept { return value{}; }
    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        return broadcast_pair<lanes, Count>(p);
    }
    [[gnu::always_inline]] static auto total(const value& s) noexcept {
        const auto both = same_lanes<std::uint32_t>(s);
        return as_sums<sum, false, Target>(converted_lanes<std::uint16_t>(both + (both >> 16)));
    }
};

}  // namespace detail

/// Products that fit 16 bits.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::halves>>
    : detail::half_sums<Target, X, Summation, Outputs> {
    using base = detail::half_sums<Target, X, Summation, Outputs>;
    using typename base::operand;
    using typename base::value;
    using stored_weight = std::int16_t;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        row[output][input] = static_cast<stored_weight>(w.raw());
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        const operand product = detail::product_lanes(detail::load_lanes<operand>(w), x);
        return s + detail::same_lanes<std::uint16_t>(
                       detail::rounded_lanes<base::sum::rounding, base::traits::dropped()>(product));
    }
};

/// Products that do not, truncated or rounded to nearest. With d bits dropped a weight is whole 2^d + part, part from -2^(d - 1) to
/// 2^(d - 1) - 1: whole x is an integer, of which 16 bits are enough, and what is left of part x is the high half of a product
/// with part shifted to the top of its 16 bits.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::high_products>>
    : detail::half_sums<Target, X, Summation, Outputs> {
    using base = detail::half_sums<Target, X, Summation, Outputs>;
    using typename base::operand;
    using typename base::value;
    /// Of the weights of one pack all parts come first, then all wholes: in any other way each would need a shuffle.
    struct stored_weight {
        std::int16_t number[2];
    };
    static constexpr int dropped = base::traits::dropped();
    static constexpr bool rounds = base::sum::rounding == kaon::round;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        constexpr std::int64_t unit = std::int64_t{1} << dropped;
        constexpr std::int64_t to_top = std::int64_t{1} << ((rounds ? 15 : 16) - dropped);
        const std::int64_t part = ((w.raw() + unit / 2) & (unit - 1)) - unit / 2;
        const std::size_t first = output / base::lanes * base::terms * 2 + output % base::lanes * base::inputs + input;
        // Written out: a compiler counts the statements of each weight that it repacks.
        row[first / 4][first / 2 % 2].number[first % 2] = static_cast<std::int16_t>(part * to_top);
        row[(first + base::terms) / 4][first / 2 % 2].number[first % 2] = static_cast<std::int16_t>((w.raw() - part) / unit);
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        const auto* numbers = reinterpret_cast<const unsigned char*>(w);
        const operand part = detail::load_lanes<operand>(numbers);
        const operand whole = detail::load_lanes<operand>(numbers + sizeof(operand));
        const operand rounded = [&]() __attribute__((always_inline)) {
            if constexpr (rounds) {
                return detail::rounded_high_product<base::terms>(part, x);
            } else {
                return detail::high_product<base::terms>(part, x);
            }
        }
        ();
        return s + (detail::same_lanes<std::uint16_t>(rounded) +
                    detail::same_lanes<std::uint16_t>(detail::product_lanes(whole, x)));
    }
};

/// Any other: one product a lane of 32 or 64 bits.
template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, detail::if_form<Target, X, Summation, detail::product_form::any>> {
    using sum = typename Summation::sum;
    using traits = detail::product_traits<Target, X, Summation>;
    static constexpr bool wide = sum::width > 32 || (!traits::exact() && traits::product_bits() > 32);
    using lane = std::conditional_t<wide, std::int64_t, std::int32_t>;
    static constexpr std::size_t lanes = detail::lanes_for<Target, sizeof(lane), Outputs>();
    static constexpr std::size_t inputs = 1;
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 4;
    static constexpr int input_offset = 0;
    static constexpr bool splits = true;
    using stored_weight = lane;
    using stored_bias = lane;
    using value = detail::lanes<std::make_unsigned_t<lane>, lanes>;
    using operand = detail::lanes<lane, lanes>;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        row[output][input] = static_cast<lane>(static_cast<std::uint64_t>(w.raw()) * detail::weight_factor<traits>);
    }
    static constexpr lane keep_bias(const typename Summation::bias& b) {
        return static_cast<lane>(detail::raw_bias<Summation>(b));
    }

    [[gnu::always_inline]] static value start(const stored_bias* b) noexcept { return detail::load_lanes<value>(b); }
    [[gnu::always_inline]] static value zero() noexcept { return value{}; }
    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        return detail::splat<operand>(static_cast<lane>(p->raw()));
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        const operand product = times(detail::load_lanes<operand>(w), x);
        return s + detail::same_lanes<std::make_unsigned_t<lane>>(
                       detail::rounded_lanes<sum::rounding, traits::dropped()>(product));
    }
    [[gnu::always_inline]] static auto total(const value& s) noexcept {
        return detail::as_sums<sum, Summation::exact, Target>(s);
    }

private:
    [[gnu::always_inline]] static operand times(const operand& w, const operand& x) noexcept {
        if constexpr (wide && detail::fits_signed<X, 32>() && traits::weight_bits() <= 32) {
            return detail::product_of_halves<lanes>(w, x);
        } else {
            return detail::product_lanes(w, x);
        }
    }
};

}  // namespace kaon
