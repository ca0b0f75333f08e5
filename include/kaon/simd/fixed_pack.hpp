// fixed_pack.hpp: fixed point in a CPU's registers: values in 32-bit lanes, products of 16-bit pairs.
#pragma once

#include "arithmetic.hpp"
#include "multiply_pairs.hpp"
#include "pack.hpp"

#include "../scalar/fixed.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kaon {
namespace detail {

/// Whether every raw value of T is one of a signed integer of `Bits` bits.
template <class T, int Bits>
constexpr bool fits_signed() {
    if constexpr (is_basic_fixed<T>) {
        return T::width + (T::is_signed ? 0 : 1) <= Bits;
    } else {
        return false;
    }
}

template <class T, std::size_t L, class Target>
inline constexpr bool fits_lanes =
    fits_signed<T, 32>() && L > 1 && L * 4 <= std::size_t(register_size<typename Target::isa>);

}  // namespace detail

namespace detail {

/// The low To::width bits of each lane.
template <class To, class Register>
[[gnu::always_inline]] inline Register wrapped_lanes(const Register& raw) noexcept {
    constexpr int unused = 32 - To::width;
    if constexpr (unused == 0) {
        return raw;
    } else if constexpr (To::is_signed) {
        return (raw << unused) >> unused;
    } else {
        return raw & Register(static_cast<std::int32_t>((std::uint32_t{1} << To::width) - 1));
    }
}

/// Raw lanes of values of type From, in a format with as many fraction bits or more.
template <class From, class To, class Register>
[[gnu::always_inline]] inline Register aligned_lanes(const Register& raw) noexcept {
    constexpr int shift = To::fraction - From::fraction;
    if constexpr (shift == 0) {
        return raw;
    } else {
        return raw << shift;
    }
}

}  // namespace detail

/// L fixed-point values, raw in 32-bit lanes. The same operators and the same bits as the scalars have.
template <class T, std::size_t L, class Target>
class pack<T, L, Target, std::enable_if_t<detail::fits_lanes<T, L, Target>>> {
public:
    using value_type = T;
    using register_type = xsimd::make_sized_batch_t<std::int32_t, L>;
    using mask = typename register_type::batch_bool_type;
    static constexpr std::size_t lanes = L;

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept : lanes_(static_cast<std::int32_t>(value.raw())) {}
    [[gnu::always_inline]] static pack from_raw(const register_type& raw) noexcept {
        pack result;
        result.lanes_ = raw;
        return result;
    }

    [[gnu::always_inline]] static pack load(const T* p) noexcept { return load_first(p, L); }
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n) noexcept {
        std::int32_t raw[L] = {};
        for (std::size_t l = 0; l < n && l < L; ++l) raw[l] = static_cast<std::int32_t>(p[l].raw());
        return from_raw(register_type::load_unaligned(raw));
    }
    [[gnu::always_inline]] void store(T* p) const noexcept {
        std::int32_t raw[L];
        lanes_.store_unaligned(raw);
        for (std::size_t l = 0; l < L; ++l) p[l] = T::from_raw(raw[l]);
    }
    [[gnu::always_inline]] const register_type& raw() const noexcept { return lanes_; }

    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return from_raw(xsimd::max(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return from_raw(xsimd::min(a.lanes_, b.lanes_));
    }

    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept { return a.lanes_ < b.lanes_; }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        return from_raw(xsimd::select(m, a.lanes_, b.lanes_));
    }

    template <class To>
    [[gnu::always_inline]] pack<To, L, Target> quantized() const noexcept {
        using result = pack<To, L, Target>;
        constexpr int dropped = T::fraction - To::fraction;
        constexpr bool plain =
            (To::rounding == truncate || To::rounding == round) && (To::overflow == wrap || To::overflow == saturate);
        if constexpr (plain && dropped >= 0 && dropped < 32) {
            register_type kept = lanes_;
            if constexpr (dropped > 0) kept = lanes_ >> dropped;
            if constexpr (dropped > 0 && To::rounding == rounding_mode::round) {
                kept += (lanes_ >> (dropped - 1)) & register_type(1);
            }
            if constexpr (To::overflow == overflow_mode::saturate) {
                constexpr auto low = detail::raw_min(To::width, To::is_signed);
                constexpr auto high = detail::raw_max(To::width, To::is_signed);
                kept = xsimd::min(xsimd::max(kept, register_type(static_cast<std::int32_t>(low))),
                                  register_type(static_cast<std::int32_t>(high)));
                return result::from_raw(kept);
            } else {
                return result::from_raw(detail::wrapped_lanes<To>(kept));
            }
        } else {
            T values[L];
            store(values);
            To converted[L];
            for (std::size_t l = 0; l < L; ++l) converted[l] = To(values[l]);
            return result::load(converted);
        }
    }

private:
    register_type lanes_;
};

/// Lane by lane, exact, as for basic_fixed.
/// @{
template <class A, class B, std::size_t L, class Target,
          class = std::enable_if_t<detail::is_basic_fixed<A> && detail::is_basic_fixed<B>>>
[[gnu::always_inline]] inline auto operator+(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    using sum = decltype(A{} + B{});
    return pack<sum, L, Target>::from_raw(detail::aligned_lanes<A, sum>(a.raw()) + detail::aligned_lanes<B, sum>(b.raw()));
}
template <class A, class B, std::size_t L, class Target,
          class = std::enable_if_t<detail::is_basic_fixed<A> && detail::is_basic_fixed<B>>>
[[gnu::always_inline]] inline auto operator-(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    using difference = decltype(A{} - B{});
    return pack<difference, L, Target>::from_raw(detail::aligned_lanes<A, difference>(a.raw()) -
                                                 detail::aligned_lanes<B, difference>(b.raw()));
}
template <class A, class B, std::size_t L, class Target,
          class = std::enable_if_t<detail::is_basic_fixed<A> && detail::is_basic_fixed<B>>>
[[gnu::always_inline]] inline auto operator*(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    return pack<decltype(A{} * B{}), L, Target>::from_raw(a.raw() * b.raw());
}
/// @}

template <class Target, class T, std::size_t Wanted>
struct arithmetic<Target, T, Wanted,
                  std::enable_if_t<detail::fits_signed<T, 32>() && (detail::register_size<typename Target::isa> > 0)>> {
    static constexpr std::size_t widest = std::size_t(detail::register_size<typename Target::isa>) / 4;
    static constexpr std::size_t lanes = Wanted <= widest / 2 && widest > 4 ? widest / 2 : widest;
    using value = pack<T, lanes, Target>;

    [[gnu::always_inline]] static value load(const T* p) noexcept { return value::load(p); }
    template <class U>
    [[gnu::always_inline]] static pack<U, lanes, Target> load_first(const U* p, std::size_t n) noexcept {
        return pack<U, lanes, Target>::load_first(p, n);
    }
    [[gnu::always_inline]] static value broadcast(const T& x) noexcept { return value(x); }
};

namespace detail {

/// Whether pairs of 16-bit products summed in 32-bit lanes give the bits that the types ask for: sums modulo 2^32 are enough
/// for any wrapping sum of up to 32 bits whose products are not rounded.
template <class Target, class X, class Summation>
constexpr bool sums_pairs() {
    if constexpr (fits_signed<X, 16>() && fits_signed<typename Summation::weight, 16>() &&
                  fits_signed<typename Summation::sum, 32>() && is_basic_fixed<typename Summation::bias>) {
        return register_size<typename Target::isa> > 0 &&
               Summation::sum::fraction == X::fraction + Summation::weight::fraction &&
               Summation::sum::overflow == overflow_mode::wrap;
    } else {
        return false;
    }
}

}  // namespace detail

template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, std::enable_if_t<detail::sums_pairs<Target, X, Summation>()>> {
    using sum = typename Summation::sum;
    static constexpr std::size_t lanes = arithmetic<Target, sum, Outputs>::lanes;
    static constexpr std::size_t inputs = 2;
    static constexpr std::size_t steps_a_load = 1;
    static constexpr std::size_t sums_in_flight = 4;
    static constexpr bool splits = true;
    using stored_weight = std::int16_t;
    using stored_bias = std::int32_t;
    /// Sums modulo 2^32.
    using value = xsimd::make_sized_batch_t<std::int32_t, lanes>;
    using operand = value;

    static constexpr stored_weight keep_weight(const typename Summation::weight& w) {
        return static_cast<stored_weight>(w.raw());
    }
    static constexpr stored_bias keep_bias(const typename Summation::bias& b) {
        return static_cast<stored_bias>(sum(b).raw());
    }

    [[gnu::always_inline]] static value start(const stored_bias* b) noexcept { return value::load_unaligned(b); }
    [[gnu::always_inline]] static value zero() noexcept { return value(0); }
    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        const auto low = static_cast<std::uint16_t>(p[0].raw());
        const auto high = static_cast<std::uint16_t>(Count > 1 ? p[Count - 1].raw() : 0);
        return value(static_cast<std::int32_t>(std::uint32_t{low} | std::uint32_t{high} << 16));
    }
    [[gnu::always_inline]] static value step(const value& s, const stored_weight* w, const operand& x) noexcept {
        return s + detail::multiply_pairs(value::load_unaligned(reinterpret_cast<const std::int32_t*>(w)), x);
    }
    [[gnu::always_inline]] static pack<sum, lanes, Target> total(const value& s) noexcept {
        return pack<sum, lanes, Target>::from_raw(Summation::exact ? s : detail::wrapped_lanes<sum>(s));
    }
};

}  // namespace kaon
