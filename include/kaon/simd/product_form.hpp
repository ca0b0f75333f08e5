// product_form.hpp: how a CPU's registers sum products of fixed point: by the types alone, and only where every bit is the one that
// they ask for.
#pragma once

#include "fixed_pack.hpp"
#include "integer_products.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

enum class product_form {
    scalar,         ///< one by one
    any,            ///< a product in a lane that holds it, rounded as the sum's type says
    halves,         ///< the same in 16-bit lanes
    high_products,  ///< 16-bit sums of products that do not fit 16 bits before they are rounded
    pairs,          ///< exact: two 16-bit products a 32-bit lane
    split_pairs,    ///< exact beyond 32 bits: pairs with the low bits of the weights, and with the high ones
    fours           ///< exact: four 8-bit products a 32-bit lane
};

/// Sums that wrap are right modulo 2^width: lanes of that width or more may overflow on the way.
template <class Target, class X, class Summation>
struct product_traits {
    using weight = typename Summation::weight;
    using sum = typename Summation::sum;
    using isa = typename Target::isa;

    static constexpr bool fixed() {
        return fits_signed<X, 64>() && fits_signed<weight, 64>() && fits_signed<sum, 64>() &&
               is_basic_fixed<typename Summation::bias> && register_size<isa> != 0;
    }
    /// Fraction bits that a product loses in the sum's type; negative: that it gains.
    static constexpr int dropped() { return X::fraction + weight::fraction - sum::fraction; }
    static constexpr bool exact() { return dropped() <= 0; }
    /// A product that gains bits has them from its weight.
    static constexpr int weight_shift() { return exact() ? -dropped() : 0; }
    /// As two's complement.
    /// @{
    static constexpr int weight_bits() { return weight::width + (weight::is_signed ? 0 : 1) + weight_shift(); }
    static constexpr int product_bits() { return X::width + weight::width + (X::is_signed || weight::is_signed ? 0 : 1); }
    /// @}

    /// Where weights are split so that both sums fit 32 bits. The exact sum's width says how many products it has, at most.
    static constexpr int low_bits() { return sum::width - 31; }
    static constexpr bool splits_weights() {
        constexpr int x_bits = X::width + (X::is_signed ? 0 : 1);
        constexpr int bits_for_many = sum::width - 1 - product_bits();
        return Summation::exact && sum::is_signed && fits_signed<X, 16>() && weight_bits() <= 16 && sum::width > 32 &&
               low_bits() < weight_bits() && x_bits - 1 + low_bits() + bits_for_many <= 31;
    }

    static constexpr product_form form() {
        if constexpr (!fixed()) {
            return product_form::scalar;
        } else if constexpr (exact()) {
            constexpr bool in_32_bits = sum::width <= 32;
            constexpr bool in_16_bits = fits_signed<X, 16>() && weight_bits() <= 16;
            return in_32_bits && has_dot_of_fours<isa> && X::width <= 8 && weight_bits() <= 8 ? product_form::fours
                   : in_32_bits && in_16_bits                                                 ? product_form::pairs
                   : splits_weights()                                                         ? product_form::split_pairs
                                                                                              : product_form::any;
        } else {
            constexpr bool in_16_bits = fits_signed<X, 16>() && fits_signed<weight, 16>() && sum::width <= 16;
            constexpr bool rounds = sum::rounding == kaon::round && has_rounded_high_product<isa> && dropped() <= 15;
            return in_16_bits && product_bits() <= 16                                         ? product_form::halves
                   : in_16_bits && (rounds || (sum::rounding == truncate && dropped() <= 16)) ? product_form::high_products
                   : product_bits() <= 64                                                     ? product_form::any
                                                                                              : product_form::scalar;
        }
    }
};

template <class Target, class X, class Summation, product_form Form>
using if_form = std::enable_if_t<product_traits<Target, X, Summation>::form() == Form>;

/// So many lanes of a size as fill a register; half of it where that is enough.
template <class Target, std::size_t Bytes, std::size_t Wanted>
constexpr std::size_t lanes_for() {
    constexpr std::size_t widest = std::size_t(register_size<typename Target::isa>) / Bytes;
    return Wanted <= widest / 2 && widest * Bytes > 16 ? widest / 2 : widest;
}

/// Lanes, modulo the size of one, as the sums that they stand for. Exact: no bit is above the sum's.
template <class Sum, bool Exact, class Target, class V>
[[gnu::always_inline]] inline auto as_sums(const V& s) noexcept {
    using result = pack<Sum, lane_count<V>, Target>;
    const auto raw = converted_lanes<typename Sum::raw_type>(same_lanes<std::make_signed_t<lane_type<V>>>(s));
    return result::from_raw(Exact ? raw : wrapped_lanes<Sum::width, Sum::is_signed>(raw));
}

/// The raw bias in the sum's format.
template <class Summation>
constexpr std::int64_t raw_bias(const typename Summation::bias& b) noexcept {
    return typename Summation::sum(b).raw();
}

/// What raw weights are multiplied by so that products have the sum's bits. (A number, for a compiler counts the steps of each
/// weight that it repacks.)
template <class Traits>
inline constexpr auto weight_factor = static_cast<std::uint64_t>(shifted_left(std::int64_t{1}, Traits::weight_shift()));

/// The next Count <= 2 inputs from p in every 32 bits of a register.
template <std::size_t L, std::size_t Count, class X>
[[gnu::always_inline]] inline lanes<std::int16_t, 2 * L> broadcast_pair(const X* p) noexcept {
    if constexpr (sizeof(X) == 1 && Count == 2 && L > 4) {
        // Widened in the register: one by one they would be loaded, shifted and joined before.
        std::uint16_t both;
        std::memcpy(&both, p, sizeof both);
        using bytes = typename X::raw_type;
        return widened_bytes<2 * L, bytes>(same_lanes<bytes>(splat<lanes<std::uint16_t, L>>(both)));
    } else {
        std::uint32_t both;
        if constexpr (sizeof(X) == 2 && Count == 2) {
            std::memcpy(&both, p, sizeof both);
        } else {
            const auto second = static_cast<std::uint16_t>(Count > 1 ? p[Count - 1].raw() : 0);
            both = static_cast<std::uint16_t>(p[0].raw()) | std::uint32_t{second} << 16;
        }
        return same_lanes<std::int16_t>(splat<lanes<std::uint32_t, L>>(both));
    }
}

}  // namespace detail
}  // namespace kaon
