// wide_pack.hpp: packs of more lanes than a register has, as two halves.
#pragma once

#include "pack.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

template <class T, std::size_t L, class Isa>
inline constexpr bool is_wide = std::is_floating_point_v<T>&& register_size<Isa> != 0 && L % 2 == 0 &&
                                L * sizeof(T) > std::size_t(register_size<Isa>);

}  // namespace detail

template <class T, std::size_t L, class Target>
class pack<T, L, Target, std::enable_if_t<detail::is_wide<T, L, typename Target::isa>>> {
    using half = pack<T, L / 2, Target>;

public:
    using value_type = T;
    /// Packs of events share one parameter.
    using parameter_type = T;
    static constexpr std::size_t lanes = L;
    struct mask {
        typename half::mask low, high;
    };

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept : low_(value), high_(value) {}

    [[gnu::always_inline]] static pack load(const T* p) noexcept { return {half::load(p), half::load(p + L / 2)}; }
    /// The first n values from p; the other lanes are `other`. Reads nothing beyond p[n - 1].
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n, T other) noexcept {
        return n > L / 2 ? pack(half::load(p), half::load_first(p + L / 2, n - L / 2, other))
                         : pack(half::load_first(p, n, other), half(other));
    }
    [[gnu::always_inline]] void store(T* p) const noexcept {
        low_.store(p);
        high_.store(p + L / 2);
    }
    /// The first Count lanes, then those of `other`.
    template <std::size_t Count>
    [[gnu::always_inline]] pack keep_first(const pack& other) const noexcept {
        if constexpr (Count >= L / 2) {
            return {low_, high_.template keep_first<Count - L / 2>(other.high_)};
        } else {
            return {low_.template keep_first<Count>(other.low_), other.high_};
        }
    }

    [[gnu::always_inline]] friend pack operator+(const pack& a, const pack& b) noexcept {
        return {a.low_ + b.low_, a.high_ + b.high_};
    }
    [[gnu::always_inline]] friend pack operator-(const pack& a, const pack& b) noexcept {
        return {a.low_ - b.low_, a.high_ - b.high_};
    }
    [[gnu::always_inline]] friend pack operator*(const pack& a, const pack& b) noexcept {
        return {a.low_ * b.low_, a.high_ * b.high_};
    }
    [[gnu::always_inline]] friend pack operator/(const pack& a, const pack& b) noexcept {
        return {a.low_ / b.low_, a.high_ / b.high_};
    }
    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return {maximum(a.low_, b.low_), maximum(a.high_, b.high_)};
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return {minimum(a.low_, b.low_), minimum(a.high_, b.high_)};
    }
    [[gnu::always_inline]] friend pack multiply_add(const pack& a, const pack& b, const pack& c) noexcept {
        return {multiply_add(a.low_, b.low_, c.low_), multiply_add(a.high_, b.high_, c.high_)};
    }
    [[gnu::always_inline]] friend pack multiply_add(const T& a, const pack& b, const pack& c) noexcept {
        return multiply_add(pack(a), b, c);
    }
    [[gnu::always_inline]] friend pack square_root(const pack& a) noexcept {
        return {square_root(a.low_), square_root(a.high_)};
    }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept {
        return {less(a.low_, b.low_), less(a.high_, b.high_)};
    }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        return {select(m.low, a.low_, b.low_), select(m.high, a.high_, b.high_)};
    }
    [[gnu::always_inline]] friend pack exponent_from_low_bits(const pack& a) noexcept {
        return {exponent_from_low_bits(a.low_), exponent_from_low_bits(a.high_)};
    }
    [[gnu::always_inline]] friend pack exponent_field(const pack& a) noexcept {
        return {exponent_field(a.low_), exponent_field(a.high_)};
    }
    [[gnu::always_inline]] friend pack significand(const pack& a) noexcept {
        return {significand(a.low_), significand(a.high_)};
    }
    /// Floating point is not rounded to a type.
    template <class To>
    [[gnu::always_inline]] pack quantized() const noexcept {
        static_assert(std::is_same_v<To, T>, "kaon: a result type for floating point is not supported");
        return *this;
    }
    /// In every lane the largest of all lanes.
    [[gnu::always_inline]] pack largest_lane() const noexcept {
        const half largest = maximum(low_, high_).largest_lane();
        return {largest, largest};
    }
    /// In every lane the sum of all lanes.
    [[gnu::always_inline]] pack sum_of_lanes() const noexcept {
        const half sum = (low_ + high_).sum_of_lanes();
        return {sum, sum};
    }
    [[gnu::always_inline]] T operator[](std::size_t l) const noexcept { return l < L / 2 ? low_[l] : high_[l - L / 2]; }

private:
    [[gnu::always_inline]] pack(const half& low, const half& high) noexcept : low_(low), high_(high) {}
    half low_, high_;
};

}  // namespace kaon
