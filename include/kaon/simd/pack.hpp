// pack.hpp: L scalars that move together; the arithmetic a layer may use on them.
#pragma once

#include "extremes.hpp"
#include "opaque.hpp"
#include "partial_load.hpp"
#include "repeated_load.hpp"
#include "scalar.hpp"
#include "target.hpp"
#include "xsimd.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

#if XSIMD_VERSION_MAJOR < 9
template <class To, class Batch>
[[gnu::always_inline]] inline auto reinterpret_lanes(const Batch& from) noexcept {
    return xsimd::bitwise_cast<xsimd::batch<To, typename Batch::arch_type>>(from);
}
#else
template <class To, class Batch>
[[gnu::always_inline]] inline auto reinterpret_lanes(const Batch& from) noexcept {
    return xsimd::bitwise_cast<To>(from);
}
#endif

template <class Batch>
[[gnu::always_inline]] inline Batch fused_multiply_add(const Batch& a, const Batch& b, const Batch& c) noexcept {
#if XSIMD_VERSION_MAJOR < 9 && defined(__AVX512F__)
    // Here xsimd 8 multiplies and adds, and clang++ leaves it at that.
    if constexpr (sizeof(Batch) == 64 && std::is_same_v<typename Batch::value_type, float>) {
        return Batch(_mm512_fmadd_ps(a, b, c));
    } else if constexpr (sizeof(Batch) == 64) {
        return Batch(_mm512_fmadd_pd(a, b, c));
    } else
#endif
        return xsimd::fma(a, b, c);
}

template <class Batch>
[[gnu::always_inline]] inline Batch exact_square_root(const Batch& a) noexcept {
#if defined(__aarch64__)
    // xsimd's is an approximation for floats here.
    if constexpr (std::is_same_v<typename Batch::value_type, float>) return Batch(vsqrtq_f32(a));
#endif
#if defined(__AVX512F__)
    if constexpr (sizeof(Batch) == 64) return root_of_whole(a);
#endif
    return xsimd::sqrt(a);
}

/// The register that holds L floating-point values on an instruction set, or void.
template <class T, std::size_t L, class Isa, class = void>
struct register_of {
    using type = void;
};
template <class T, std::size_t L, class Isa>
struct register_of<
    T, L, Isa,
    std::enable_if_t<std::is_floating_point_v<T> && (L > 1 && L * sizeof(T) <= std::size_t(register_size<Isa>))>> {
    using type = xsimd::make_sized_batch_t<T, L>;
};

}  // namespace detail

/// L scalars in one register of a target; a scalar itself, so a network may be instantiated on packs of events.
template <class T, std::size_t L, class Target = native, class = void>
class pack {
public:
    /// A lane's type.
    using value_type = T;
    /// Packs of events share one parameter.
    using parameter_type = T;
    /// How many.
    static constexpr std::size_t lanes = L;
    /// A truth a lane.
    struct mask {
        /// By lane.
        bool lane[L];
    };

    pack() = default;
    /// value in every lane.
    [[gnu::always_inline]] pack(T value) noexcept {
        for (std::size_t l = 0; l < L; ++l) lane[l] = value;
    }

    /// `lanes` values from p.
    [[gnu::always_inline]] static pack load(const T* p) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = p[l];
        return result;
    }
    /// The first n values from p; the other lanes are `other`. Reads nothing beyond p[n - 1].
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n, T other) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = l < n ? p[l] : other;
        return result;
    }
    /// The first Count lanes, then those of `other`.
    template <std::size_t Count>
    [[gnu::always_inline]] pack keep_first(const pack& other) const noexcept {
        pack result = other;
        for (std::size_t l = 0; l < Count; ++l) result.lane[l] = lane[l];
        return result;
    }
    /// Into p[0] to p[lanes - 1].
    [[gnu::always_inline]] void store(T* p) const noexcept {
        for (std::size_t l = 0; l < L; ++l) p[l] = lane[l];
    }

    /// Lane by lane: what docs/layer-contract.md calls the closed arithmetic.
    /// @{
    [[gnu::always_inline]] friend pack operator+(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x + y; });
    }
    [[gnu::always_inline]] friend pack operator-(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x - y; });
    }
    [[gnu::always_inline]] friend pack operator*(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return product(x, y); });
    }
    [[gnu::always_inline]] friend pack operator/(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x / y; });
    }
    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return y < x ? x : y; });
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x < y ? x : y; });
    }
    [[gnu::always_inline]] friend pack multiply_add(const pack& a, const pack& b, const pack& c) noexcept {
        return a * b + c;
    }
    [[gnu::always_inline]] friend pack square_root(const pack& a) noexcept {
        return map(a, a, [](T x, T) { return std::sqrt(x); });
    }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept {
        mask result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = a.lane[l] < b.lane[l];
        return result;
    }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = m.lane[l] ? a.lane[l] : b.lane[l];
        return result;
    }
    [[gnu::always_inline]] friend pack multiply_add(const T& a, const pack& b, const pack& c) noexcept {
        return multiply_add(pack(a), b, c);
    }
    [[gnu::always_inline]] friend pack exponent_from_low_bits(const pack& a) noexcept {
        return map(a, a, [](T x, T) { return kaon::exponent_from_low_bits(x); });
    }
    [[gnu::always_inline]] friend pack exponent_field(const pack& a) noexcept {
        return map(a, a, [](T x, T) { return kaon::exponent_field(x); });
    }
    [[gnu::always_inline]] friend pack significand(const pack& a) noexcept {
        return map(a, a, [](T x, T) { return kaon::significand(x); });
    }
    /// @}

    /// Floating point is not rounded to a type.
    template <class To>
    [[gnu::always_inline]] pack quantized() const noexcept {
        static_assert(std::is_same_v<To, T>, "kaon: a result type for floating point is not supported");
        return *this;
    }
    /// In every lane the largest of all lanes.
    [[gnu::always_inline]] pack largest_lane() const noexcept {
        return reduce(*this, [](T x, T y) { return y < x ? x : y; });
    }
    /// In every lane the sum of all lanes.
    [[gnu::always_inline]] pack sum_of_lanes() const noexcept {
        return reduce(*this, [](T x, T y) { return x + y; });
    }
    /// Lane l.
    [[gnu::always_inline]] T operator[](std::size_t l) const noexcept { return lane[l]; }

private:
    template <class F>
    [[gnu::always_inline]] static pack map(const pack& a, const pack& b, F f) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = f(a.lane[l], b.lane[l]);
        return result;
    }
    template <class F>
    [[gnu::always_inline]] static pack reduce(const pack& a, F f) noexcept {
        // By halves, as in registers.
        T values[L];
        for (std::size_t l = 0; l < L; ++l) values[l] = a.lane[l];
        for (std::size_t rest = L; rest > 1; rest = (rest + 1) / 2) {
            for (std::size_t l = 0; l < rest / 2; ++l) values[l] = f(values[l], values[l + (rest + 1) / 2]);
        }
        return pack(values[0]);
    }
    [[gnu::always_inline]] static T product(T x, T y) noexcept {
        T result = x * y;
        if constexpr (detail::is_reproducible<Target>) detail::make_opaque(result);
        return result;
    }
    T lane[L];
};

template <class T, std::size_t L, class Target>
class pack<T, L, Target, std::enable_if_t<!std::is_void_v<typename detail::register_of<T, L, typename Target::isa>::type>>> {
public:
    using value_type = T;
    /// Packs of events share one parameter.
    using parameter_type = T;
    using register_type = typename detail::register_of<T, L, typename Target::isa>::type;
    using mask = typename register_type::batch_bool_type;
    static constexpr std::size_t lanes = L;

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept : lanes_(value) {}
    [[gnu::always_inline]] explicit pack(register_type value) noexcept : lanes_(value) {}

    [[gnu::always_inline]] static pack load(const T* p) noexcept { return pack(register_type::load_unaligned(p)); }
    /// The first n values from p; the other lanes are `other`. Reads nothing beyond p[n - 1].
    [[gnu::always_inline]] static pack load_first(const T* p, std::size_t n, T other) noexcept {
        if (n >= L) return load(p);
        return pack(register_type(detail::load_first(p, n, pack(other).bits())));
    }
    [[gnu::always_inline]] void store(T* p) const noexcept { lanes_.store_unaligned(p); }
    /// Lane l is p[l % 4].
    [[gnu::always_inline]] static pack load_four(const T* p) noexcept {
        bits_type four = detail::load_four<register_type>(p);
        detail::make_opaque(four);  // else a compiler may turn one load into four
        return pack(register_type(four));
    }
    /// The first Count lanes, then those of `other`.
    template <std::size_t Count>
    [[gnu::always_inline]] pack keep_first(const pack& other) const noexcept {
        return keep_first<Count>(bits(), other.bits(), std::make_index_sequence<L>{});
    }
    /// Each lane is the I-th of its four.
    template <std::size_t I>
    [[gnu::always_inline]] pack one_of_four() const noexcept {
        return one_of_four<I>(bits(), std::make_index_sequence<L>{});
    }

    [[gnu::always_inline]] friend pack operator+(const pack& a, const pack& b) noexcept { return pack(a.lanes_ + b.lanes_); }
    [[gnu::always_inline]] friend pack operator-(const pack& a, const pack& b) noexcept { return pack(a.lanes_ - b.lanes_); }
    [[gnu::always_inline]] friend pack operator*(const pack& a, const pack& b) noexcept {
        if constexpr (detail::is_reproducible<Target>) {
            bits_type product = a.lanes_ * b.lanes_;
            detail::make_opaque(product);
            return pack(register_type(product));
        } else {
            return pack(a.lanes_ * b.lanes_);
        }
    }
    [[gnu::always_inline]] friend pack operator/(const pack& a, const pack& b) noexcept {
        return pack(register_type(bits_type(a.bits() / b.bits())));  // xsimd's is no division on every architecture
    }
    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return pack(detail::larger(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return pack(detail::smaller(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack multiply_add(const pack& a, const pack& b, const pack& c) noexcept {
        if constexpr (detail::is_reproducible<Target>) {
            return a * b + c;
        } else {
            return pack(detail::fused_multiply_add(a.lanes_, b.lanes_, c.lanes_));
        }
    }
    [[gnu::always_inline]] friend pack square_root(const pack& a) noexcept {
        return pack(detail::exact_square_root(a.lanes_));
    }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept { return a.lanes_ < b.lanes_; }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        return pack(xsimd::select(m, a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack multiply_add(const T& a, const pack& b, const pack& c) noexcept {
        return multiply_add(pack(a), b, c);
    }
    [[gnu::always_inline]] friend pack exponent_from_low_bits(const pack& a) noexcept {
        return pack(detail::reinterpret_lanes<T>(detail::reinterpret_lanes<lane_bits>(a.lanes_) << binary::mantissa));
    }
    [[gnu::always_inline]] friend pack exponent_field(const pack& a) noexcept {
        const auto field = detail::reinterpret_lanes<lane_bits>(a.lanes_) >> binary::mantissa;
        return pack(detail::reinterpret_lanes<T>(field | decltype(field)(binary::whole)));
    }
    [[gnu::always_inline]] friend pack significand(const pack& a) noexcept {
        const auto bits = detail::reinterpret_lanes<lane_bits>(a.lanes_);
        using batch = std::decay_t<decltype(bits)>;
        constexpr lane_bits mask = (lane_bits(1) << binary::mantissa) - 1;
        return pack(detail::reinterpret_lanes<T>((bits & batch(mask)) | batch(binary::one)));
    }
    /// Floating point is not rounded to a type.
    template <class To>
    [[gnu::always_inline]] pack quantized() const noexcept {
        static_assert(std::is_same_v<To, T>, "kaon: a result type for floating point is not supported");
        return *this;
    }
    /// In every lane the largest of all lanes.
    [[gnu::always_inline]] pack largest_lane() const noexcept {
        return reduce<L / 2>(
            *this, [](const pack& x, const pack& y) __attribute__((always_inline)) { return maximum(x, y); });
    }
    /// In every lane the sum of all lanes.
    [[gnu::always_inline]] pack sum_of_lanes() const noexcept {
        return reduce<L / 2>(
            *this, [](const pack& x, const pack& y) __attribute__((always_inline)) { return x + y; });
    }
    [[gnu::always_inline]] T operator[](std::size_t l) const noexcept { return lanes_.get(l); }

private:
    using binary = detail::binary<T>;
    using lane_bits = typename binary::bits;
    using bits_type = typename register_type::register_type;
    [[gnu::always_inline]] bits_type bits() const noexcept { return lanes_; }

    // Every lane with the one `Distance` away, then nearer ones: nothing leaves the register.
    template <std::size_t Distance, class F>
    [[gnu::always_inline]] static pack reduce(const pack& a, F f) noexcept {
        const pack b = f(a, exchange<Distance>(a.bits(), std::make_index_sequence<L>{}));
        if constexpr (Distance == 1) {
            return b;
        } else {
            return reduce<Distance / 2>(b, f);
        }
    }
    template <std::size_t Wanted, std::size_t... I>
    [[gnu::always_inline]] static pack one_of_four(bits_type a, std::index_sequence<I...>) noexcept {
        return pack(register_type(bits_type(__builtin_shufflevector(a, a, (I / 4 * 4 + Wanted)...))));
    }
    template <std::size_t Count, std::size_t... I>
    [[gnu::always_inline]] static pack keep_first(bits_type a, bits_type b, std::index_sequence<I...>) noexcept {
        return pack(register_type(bits_type(__builtin_shufflevector(a, b, (I < Count ? I : L + I)...))));
    }
    template <std::size_t Distance, std::size_t... I>
    [[gnu::always_inline]] static pack exchange(bits_type a, std::index_sequence<I...>) noexcept {
        return pack(register_type(bits_type(__builtin_shufflevector(a, a, (I ^ Distance)...))));
    }

    register_type lanes_;
};

}  // namespace kaon

#include "wide_pack.hpp"
