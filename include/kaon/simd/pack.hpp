// pack.hpp: L scalars that move together; the arithmetic a layer may use on them.
#pragma once

#include "target.hpp"

// g++ 12 takes the undefined source operand of its own AVX-512 intrinsics for a use of an uninitialised value.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <cstddef>
#include <cstdint>
#include <type_traits>

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

/// The register that holds L floating-point values on an instruction set, or void.
template <class T, std::size_t L, class Isa, class = void>
struct register_of {
    using type = void;
};
template <class T, std::size_t L, class Isa>
struct register_of<T, L, Isa,
                   std::enable_if_t<std::is_floating_point_v<T> && (L > 1 && L * sizeof(T) <= std::size_t(register_size<Isa>))>> {
    using type = xsimd::make_sized_batch_t<T, L>;
};

}  // namespace detail

/// L scalars in one register of a target; a scalar itself, so a network may be instantiated on packs of events.
template <class T, std::size_t L, class Target = native, class = void>
class pack {
public:
    using value_type = T;
    /// Packs of events share one parameter.
    using parameter_type = T;
    static constexpr std::size_t lanes = L;
    struct mask {
        bool lane[L];
    };

    pack() = default;
    [[gnu::always_inline]] pack(T value) noexcept {
        for (std::size_t l = 0; l < L; ++l) lane[l] = value;
    }

    [[gnu::always_inline]] static pack load(const T* p) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = p[l];
        return result;
    }
    [[gnu::always_inline]] void store(T* p) const noexcept {
        for (std::size_t l = 0; l < L; ++l) p[l] = lane[l];
    }

    [[gnu::always_inline]] friend pack operator+(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x + y; });
    }
    [[gnu::always_inline]] friend pack operator-(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x - y; });
    }
    [[gnu::always_inline]] friend pack operator*(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x * y; });
    }
    [[gnu::always_inline]] friend pack operator/(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return x / y; });
    }
    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return y < x ? x : y; });
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return map(a, b, [](T x, T y) { return y < x ? y : x; });
    }
    [[gnu::always_inline]] friend pack multiply_add(const pack& a, const pack& b, const pack& c) noexcept {
        return a * b + c;
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
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = exponent_from_low_bits(a.lane[l]);
        return result;
    }
    /// Floating point is not rounded to a type.
    template <class To>
    [[gnu::always_inline]] pack quantized() const noexcept {
        static_assert(std::is_same_v<To, T>, "kaon: a result type for floating point is not supported");
        return *this;
    }
    [[gnu::always_inline]] T operator[](std::size_t l) const noexcept { return lane[l]; }

private:
    template <class F>
    [[gnu::always_inline]] static pack map(const pack& a, const pack& b, F f) noexcept {
        pack result;
        for (std::size_t l = 0; l < L; ++l) result.lane[l] = f(a.lane[l], b.lane[l]);
        return result;
    }
    T lane[L];
};

template <class T, std::size_t L, class Target>
class pack<T, L, Target,
           std::enable_if_t<!std::is_void_v<typename detail::register_of<T, L, typename Target::isa>::type>>> {
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
    [[gnu::always_inline]] void store(T* p) const noexcept { lanes_.store_unaligned(p); }

    [[gnu::always_inline]] friend pack operator+(const pack& a, const pack& b) noexcept {
        return pack(a.lanes_ + b.lanes_);
    }
    [[gnu::always_inline]] friend pack operator-(const pack& a, const pack& b) noexcept {
        return pack(a.lanes_ - b.lanes_);
    }
    [[gnu::always_inline]] friend pack operator*(const pack& a, const pack& b) noexcept {
        return pack(a.lanes_ * b.lanes_);
    }
    [[gnu::always_inline]] friend pack operator/(const pack& a, const pack& b) noexcept {
        return pack(a.lanes_ / b.lanes_);
    }
    [[gnu::always_inline]] friend pack maximum(const pack& a, const pack& b) noexcept {
        return pack(xsimd::max(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack minimum(const pack& a, const pack& b) noexcept {
        return pack(xsimd::min(a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack multiply_add(const pack& a, const pack& b, const pack& c) noexcept {
        return pack(xsimd::fma(a.lanes_, b.lanes_, c.lanes_));
    }
    [[gnu::always_inline]] friend mask less(const pack& a, const pack& b) noexcept { return a.lanes_ < b.lanes_; }
    [[gnu::always_inline]] friend pack select(const mask& m, const pack& a, const pack& b) noexcept {
        return pack(xsimd::select(m, a.lanes_, b.lanes_));
    }
    [[gnu::always_inline]] friend pack multiply_add(const T& a, const pack& b, const pack& c) noexcept {
        return multiply_add(pack(a), b, c);
    }
    [[gnu::always_inline]] friend pack exponent_from_low_bits(const pack& a) noexcept {
        static_assert(std::is_same_v<T, float>, "kaon: exp has float lanes");
        return pack(detail::reinterpret_lanes<float>(detail::reinterpret_lanes<std::int32_t>(a.lanes_) << 23));
    }
    /// Floating point is not rounded to a type.
    template <class To>
    [[gnu::always_inline]] pack quantized() const noexcept {
        static_assert(std::is_same_v<To, T>, "kaon: a result type for floating point is not supported");
        return *this;
    }
    [[gnu::always_inline]] T operator[](std::size_t l) const noexcept { return lanes_.get(l); }

private:
    register_type lanes_;
};

}  // namespace kaon
