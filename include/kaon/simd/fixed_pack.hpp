// fixed_pack.hpp: fixed point in a CPU's registers: L scalars as they lie in memory, in lanes of 8, 16, 32 or 64 bits.
#pragma once

#include "arithmetic.hpp"
#include "lanes.hpp"
#include "pack.hpp"
#include "requantize_lanes.hpp"

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
    fits_signed<T, 64>() && L > 1 && L * sizeof(T) <= std::size_t(register_size<typename Target::isa>);

/// Those that do not: one after the other.
template <class T, std::size_t L, class Target>
inline constexpr bool beyond_lanes =
    is_basic_fixed<T>&& L > 1 && register_size<typename Target::isa> != 0 && !fits_lanes<T, L, Target>;

/// Lane by lane, where they are beyond a register.
template <class To, class T, std::size_t L, class Target>
[[gnu::always_inline]] inline pack<To, L, Target> converted_one_by_one(const pack<T, L, Target>& a) noexcept {
    T values[L];
    To results[L];
    a.store(values);
    for (std::size_t l = 0; l < L; ++l) results[l] = To(values[l]);
    return pack<To, L, Target>::load(results);
}

}  // namespace detail

/// L fixed-point values in one register. The same operators and the same bits as the scalars have.
template <class T, std::size_t L, class Target>
class pack<T, L, Target, std::enable_if_t<detail::fits_lanes<T, L, Target>>> {
public:
    using value_type = T;
    using raw_type = typename T::raw_type;
    using register_type = detail::lanes<raw_type, L>;
    /// All bits of a lane set, or none.
    using mask = decltype(register_type{} < register_type{});
    static constexpr std::size_t lanes = L;
    static constexpr bool in_register = true;

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept
        : lanes_(detail::splat<register_type>(static_cast<raw_type>(value.raw()))) {}
    [[gnu::always_inline]] static pack from_raw(const register_type& raw) noexcept {
        pack result;
        result.lanes_ = raw;
        return result;
    }

    [[gnu::always_inline]] static pack load(const T* p) noexcept { return from_raw(detail::load_lanes<register_type>(p)); }
    /// The first n values from p; the other lanes are zero. Reads nothing beyond p[n - 1].
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n) noexcept {
        return from_raw(detail::load_first_lanes<register_type>(p, n));
    }
    [[gnu::always_inline]] void store(T* p) const noexcept { std::memcpy(static_cast<void*>(p), &lanes_, sizeof lanes_); }
    [[gnu::always_inline]] const register_type& raw() const noexcept { return lanes_; }

    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return from_raw(detail::largest_lanes(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return from_raw(detail::least_lanes(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept { return a.lanes_ < b.lanes_; }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        return from_raw(m ? a.lanes_ : b.lanes_);
    }

    template <class To>
    [[gnu::always_inline]] pack<To, L, Target> quantized() const noexcept {
        // Not in more than one register: vectors of that size are no type that functions may give on every target.
        constexpr bool fits =
            pack<To, L, Target>::in_register &&
            L * detail::requantizing_bytes<T, To>() <= std::size_t(detail::register_size<typename Target::isa>);
        if constexpr (fits) {
            return pack<To, L, Target>::from_raw(detail::requantized_lanes<T, To>(lanes_));
        } else {
            return detail::converted_one_by_one<To>(*this);
        }
    }

private:
    register_type lanes_;
};

/// More bits than a register has: one value after the other.
template <class T, std::size_t L, class Target>
class pack<T, L, Target, std::enable_if_t<detail::beyond_lanes<T, L, Target>>> {
public:
    using value_type = T;
    struct mask {
        bool lane[L];
    };
    static constexpr std::size_t lanes = L;
    static constexpr bool in_register = false;

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept {
        for (T& v : values_) v = value;
    }
    [[gnu::always_inline]] static pack load(const T* p) noexcept { return load_first(p, L); }
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.values_[l] = l < n ? p[l] : T(0);
        return result;
    }
    [[gnu::always_inline]] void store(T* p) const noexcept {
        for (std::size_t l = 0; l < L; ++l) p[l] = values_[l];
    }

    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept { return select(less(b, a), a, b); }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept { return select(less(a, b), a, b); }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept {
        mask result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = a.values_[l].raw() < b.values_[l].raw();
        return result;
    }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.values_[l] = m.lane[l] ? a.values_[l] : b.values_[l];
        return result;
    }
    template <class To>
    [[gnu::always_inline]] pack<To, L, Target> quantized() const noexcept {
        return detail::converted_one_by_one<To>(*this);
    }

private:
    T values_[L];
};

namespace detail {

/// Raw lanes of values of format A in the format of Result, which has as many fraction bits or more.
template <class A, class Result, class V>
[[gnu::always_inline]] inline auto aligned_lanes(const V& raw) noexcept {
    return shifted_left_lanes<Result::fraction - A::fraction>(converted_lanes<typename Result::raw_type>(raw));
}

template <class A, class B, std::size_t L, class Target, class Result>
inline constexpr bool in_registers = fits_lanes<A, L, Target>&& fits_lanes<B, L, Target>&& fits_lanes<Result, L, Target>;

template <class A, class B>
using if_both_fixed = std::enable_if_t<is_basic_fixed<A> && is_basic_fixed<B>>;

/// f of each pair of lanes where they are beyond a register.
template <class A, class B, std::size_t L, class Target, class F>
[[gnu::always_inline]] inline auto each_lane(const pack<A, L, Target>& a, const pack<B, L, Target>& b, F f) noexcept {
    using result_type = decltype(f(A{}, B{}));
    A first[L];
    B second[L];
    result_type result[L];
    a.store(first);
    b.store(second);
    for (std::size_t l = 0; l < L; ++l) result[l] = f(first[l], second[l]);
    return pack<result_type, L, Target>::load(result);
}

}  // namespace detail

/// Lane by lane, exact, as for basic_fixed.
/// @{
template <class A, class B, std::size_t L, class Target, class = detail::if_both_fixed<A, B>>
[[gnu::always_inline]] inline auto operator+(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    using sum = decltype(A{} + B{});
    if constexpr (detail::in_registers<A, B, L, Target, sum>) {
        return pack<sum, L, Target>::from_raw(
            detail::sum_lanes(detail::aligned_lanes<A, sum>(a.raw()), detail::aligned_lanes<B, sum>(b.raw())));
    } else {
        return detail::each_lane(a, b, [](const A& x, const B& y) { return x + y; });
    }
}
template <class A, class B, std::size_t L, class Target, class = detail::if_both_fixed<A, B>>
[[gnu::always_inline]] inline auto operator-(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    using difference = decltype(A{} - B{});
    if constexpr (detail::in_registers<A, B, L, Target, difference>) {
        return pack<difference, L, Target>::from_raw(detail::difference_lanes(
            detail::aligned_lanes<A, difference>(a.raw()), detail::aligned_lanes<B, difference>(b.raw())));
    } else {
        return detail::each_lane(a, b, [](const A& x, const B& y) { return x - y; });
    }
}
template <class A, class B, std::size_t L, class Target, class = detail::if_both_fixed<A, B>>
[[gnu::always_inline]] inline auto operator*(const pack<A, L, Target>& a, const pack<B, L, Target>& b) noexcept {
    using product = decltype(A{} * B{});
    if constexpr (detail::in_registers<A, B, L, Target, product>) {
        using R = typename product::raw_type;
        return pack<product, L, Target>::from_raw(
            detail::product_lanes(detail::converted_lanes<R>(a.raw()), detail::converted_lanes<R>(b.raw())));
    } else {
        return detail::each_lane(a, b, [](const A& x, const B& y) { return x * y; });
    }
}
/// @}

/// Lanes for fixed point: so many that the results of one operation, twice as wide, fill a register.
template <class Target, class T, std::size_t Wanted>
struct arithmetic<Target, T, Wanted,
                  std::enable_if_t<detail::fits_signed<T, 64>() && (detail::register_size<typename Target::isa> > 0)>> {
    static constexpr std::size_t widest =
        std::size_t(detail::register_size<typename Target::isa>) / (sizeof(T) > 4 ? sizeof(T) : 4);
    static constexpr std::size_t lanes = Wanted <= widest / 2 && widest > 4 ? widest / 2 : widest;
    using value = pack<T, lanes, Target>;

    [[gnu::always_inline]] static value load(const T* p) noexcept { return value::load(p); }
    template <class U>
    [[gnu::always_inline]] static pack<U, lanes, Target> load_first(const U* p, std::size_t n) noexcept {
        return pack<U, lanes, Target>::load_first(p, n);
    }
    [[gnu::always_inline]] static value broadcast(const T& x) noexcept { return value(x); }
};

}  // namespace kaon
