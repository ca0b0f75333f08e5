// fixed_lane_sums.hpp: fixed-point numbers that comparisons choose lane by lane, and their exact or wrapping sum. A number is digits of
// a lane's size, chosen one by one, so that the truths of comparisons fit; what does not fit a lane is added to its neighbour.
#pragma once

#include "fixed_comparisons.hpp"
#include "lane_sums.hpp"

#include "../core/aggregate.hpp"
#include "../core/loop.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// Bits that a sum of `terms` numbers may have more than each.
constexpr int bits_more(std::size_t terms) {
    int bits = 0;
    while ((std::size_t{1} << bits) < terms) ++bits;
    return bits;
}

/// Sums of neighbours, in lanes of twice the size; Signed: as two's complement.
template <bool Signed, class V>
[[gnu::always_inline]] inline auto sums_of_pairs(const V& v) noexcept {
    constexpr int bits = 8 * static_cast<int>(sizeof(lane_type<V>));
    using wide = signed_bytes<2 * sizeof(lane_type<V>)>;
    using pairs = std::conditional_t<Signed, wide, std::make_unsigned_t<wide>>;
    const auto both = same_lanes<pairs>(v);
    const auto high = both >> bits;
    const auto low = shifted_left_lanes<bits>(both) >> bits;
    return same_lanes<std::make_unsigned_t<wide>>(low + high);
}
/// Until lanes have so many bytes.
template <bool Signed, std::size_t Bytes, class V>
[[gnu::always_inline]] inline auto sums_of_neighbours(const V& v) noexcept {
    if constexpr (sizeof(lane_type<V>) >= Bytes) {
        return v;
    } else {
        return sums_of_neighbours<Signed, Bytes>(sums_of_pairs<Signed>(v));
    }
}

template <std::size_t First, class V, std::size_t... I>
[[gnu::always_inline]] inline auto some_lanes(const V& v, std::index_sequence<I...>) noexcept {
    return lanes<lane_type<V>, sizeof...(I)>(__builtin_shufflevector(v, v, (First + I)...));
}
/// Over all lanes, modulo their size, which is unsigned.
template <class V>
[[gnu::always_inline]] inline lane_type<V> sum_of_all(const V& v) noexcept {
    constexpr std::size_t half = lane_count<V> / 2;
    if constexpr (half == 1) {
        return static_cast<lane_type<V>>(v[0] + v[1]);
    } else {
        using numbers = std::make_index_sequence<half>;
        return sum_of_all(some_lanes<0>(v, numbers{}) + some_lanes<half>(v, numbers{}));
    }
}

template <class V, class = void>
inline constexpr bool is_pack_of_fixed = false;
template <class V>
inline constexpr bool is_pack_of_fixed<V, std::enable_if_t<is_basic_fixed<typename V::value_type>>> = true;

template <class A, class Number, class Sum>
using if_sums_fit =
    std::enable_if_t<is_pack_of_fixed<typename A::value> && fits_signed<Number, 64>() && fits_signed<Sum, 64>()>;

}  // namespace detail

template <class A, class T, class Number, class Sum>
inline constexpr bool sums_in_lanes<A, T, Number, Sum, detail::if_sums_fit<A, Number, Sum>> = true;

template <class Target, class A, class T, class Number, class Sum, class Result, std::size_t Terms>
struct lane_sums<Target, A, T, Number, Sum, Result, Terms, detail::if_sums_fit<A, Number, Sum>> {
    static_assert(Number::fraction == Sum::fraction && Number::width <= Sum::width, "kaon: sums that lanes do not hold");

private:
    using digit = std::make_unsigned_t<typename T::raw_type>;
    using total_type = std::make_unsigned_t<detail::signed_bytes<(
        detail::bytes_for(Sum::width) > sizeof(digit) ? detail::bytes_for(Sum::width) : sizeof(digit))>>;
    static constexpr int digit_bits = 8 * static_cast<int>(sizeof(digit));
    static constexpr std::size_t digits = std::size_t((Number::width + digit_bits - 1) / digit_bits);

    template <std::size_t D>
    static constexpr bool is_signed = D + 1 == digits&& Number::is_signed;
    /// Bytes of the lanes in which digit D is summed: that hold the sum, or of the total, modulo which all is.
    template <std::size_t D>
    static constexpr std::size_t bytes() {
        constexpr int bits = D + 1 == digits ? Number::width - digit_bits * static_cast<int>(digits - 1) : digit_bits;
        std::size_t bytes = sizeof(digit);
        while (bytes < sizeof(total_type) &&
               bits + detail::bits_more(Terms * (bytes / sizeof(digit))) > 8 * static_cast<int>(bytes)) {
            bytes *= 2;
        }
        return bytes;
    }
    using lanes = detail::lanes<digit, A::lanes>;
    template <std::size_t D>
    using sum_lanes = detail::lanes<std::make_unsigned_t<detail::signed_bytes<bytes<D>()>>, sizeof(lanes) / bytes<D>()>;
    template <class Digits>
    struct sums_of;
    template <std::size_t... D>
    struct sums_of<std::index_sequence<D...>> {
        aggregate<sum_lanes<D>...> of;
    };

public:
    using row = digit[digits][A::lanes];
    struct value {
        lanes of[digits];
    };
    using sums = sums_of<std::make_index_sequence<digits>>;
    static constexpr std::size_t events_at_once = sizeof(lanes) == register_bytes ? 4 : 2;

    static constexpr void keep(row& kept, std::size_t lane, const Number& number) {
        for (std::size_t d = 0; d < digits; ++d) {
            kept[d][lane] = static_cast<digit>(number.raw() >> (d * std::size_t(digit_bits)));
        }
    }
    static constexpr void copy_lane(row& to, const row& from, std::size_t lane) {
        for (std::size_t d = 0; d < digits; ++d) to[d][lane] = from[d][lane];
    }
    [[gnu::always_inline]] static value load(const row& kept) noexcept {
        value v;
        for_each<digits>([&](auto d) __attribute__((always_inline)) { v.of[d] = detail::load_lanes<lanes>(kept[d]); });
        return v;
    }
    template <class Mask>
    [[gnu::always_inline]] static value choose(const Mask& mask, const value& a, const value& b) noexcept {
        value v;
        for_each<digits>([&](auto d)
                             __attribute__((always_inline)) { v.of[d] = detail::chosen_lanes(mask, a.of[d], b.of[d]); });
        return v;
    }
    [[gnu::always_inline]] static sums zero() noexcept { return sums{}; }
    [[gnu::always_inline]] static sums add(const sums& s, const value& v) noexcept {
        sums result;
        for_each<digits>([&](auto d) __attribute__((always_inline)) {
            constexpr std::size_t D = decltype(d)::value;
            get<D>(result.of) = get<D>(s.of) + detail::sums_of_neighbours<is_signed<D>, bytes<D>()>(v.of[D]);
        });
        return result;
    }
    /// In every lane of a register, for a value that is stored alone is not soon loaded with its neighbours.
    [[gnu::always_inline]] static auto total(const sums& s, const Number& base) noexcept {
        return arithmetic<Target, Result, 1>::broadcast(single_total(s, base));
    }
    [[gnu::always_inline]] static Result single_total(const sums& s, const Number& base) noexcept {
        auto raw = static_cast<total_type>(base.raw());
        for_each<digits>([&](auto d) __attribute__((always_inline)) {
            constexpr std::size_t D = decltype(d)::value;
            const total_type sum =
                detail::sum_of_all(detail::sums_of_neighbours<is_signed<D>, sizeof(total_type)>(get<D>(s.of)));
            raw = static_cast<total_type>(raw + (sum << (D * std::size_t(digit_bits))));
        });
        return quantized<Result>(Sum::from_raw(static_cast<typename Sum::integer_type>(raw)));
    }
};

}  // namespace kaon
