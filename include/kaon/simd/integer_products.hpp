// integer_products.hpp: products that an instruction set has and the compilers' vectors have no operator for.
#pragma once

#include "lanes.hpp"
#include "target.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// Whether an instruction set has them in whole registers; the functions below have the same bits without.
/// @{
template <class Isa>
inline constexpr bool has_dot_of_fours = false;
template <>
inline constexpr bool has_dot_of_fours<avx512_vnni> = true;
template <class Isa>
inline constexpr bool has_rounded_high_product = true;
template <>
inline constexpr bool has_rounded_high_product<sse2> = false;
/// @}

/// a[2l] b[2l] + a[2l + 1] b[2l + 1] of 16-bit integers, in 32-bit lanes l, modulo 2^32.
template <std::size_t L>
[[gnu::always_inline]] inline lanes<std::uint32_t, L / 2> dot_of_pairs(const lanes<std::int16_t, L>& a,
                                                                       const lanes<std::int16_t, L>& b) noexcept {
    using result = lanes<std::uint32_t, L / 2>;
#if defined(__SSE2__)
    if constexpr (L == 8) return reinterpret_cast<result>(_mm_madd_epi16((__m128i)a, (__m128i)b));
#if defined(__AVX2__)
    if constexpr (L == 16) return reinterpret_cast<result>(_mm256_madd_epi16((__m256i)a, (__m256i)b));
#endif
#if defined(__AVX512BW__)
    if constexpr (L == 32) return reinterpret_cast<result>(_mm512_madd_epi16((__m512i)a, (__m512i)b));
#endif
#elif defined(__aarch64__)
    const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    return reinterpret_cast<result>(vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y)));
#endif
}

/// sum + the dot product of four 8-bit integers a lane: unsigned a with signed b.
template <std::size_t L>
[[gnu::always_inline]] inline lanes<std::uint32_t, L> dot_of_fours(const lanes<std::uint32_t, L>& sum,
                                                                   const lanes<std::uint8_t, 4 * L>& a,
                                                                   const lanes<std::int8_t, 4 * L>& b) noexcept {
    using result = lanes<std::uint32_t, L>;
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
    if constexpr (L == 4) return reinterpret_cast<result>(_mm_dpbusd_epi32((__m128i)sum, (__m128i)a, (__m128i)b));
    if constexpr (L == 8) return reinterpret_cast<result>(_mm256_dpbusd_epi32((__m256i)sum, (__m256i)a, (__m256i)b));
    if constexpr (L == 16) return reinterpret_cast<result>(_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b));
#else
    result total = sum;
    for (std::size_t i = 0; i < 4 * L; ++i) total[i / 4] += static_cast<std::uint32_t>(std::int32_t{a[i]} * b[i]);
    return total;
#endif
}

/// a b 2^-16 of 16-bit integers, toward minus infinity.
template <std::size_t L>
[[gnu::always_inline]] inline lanes<std::int16_t, L> high_product(const lanes<std::int16_t, L>& a,
                                                                  const lanes<std::int16_t, L>& b) noexcept {
    using result = lanes<std::int16_t, L>;
#if defined(__SSE2__)
    if constexpr (L == 8) return reinterpret_cast<result>(_mm_mulhi_epi16((__m128i)a, (__m128i)b));
#if defined(__AVX2__)
    if constexpr (L == 16) return reinterpret_cast<result>(_mm256_mulhi_epi16((__m256i)a, (__m256i)b));
#endif
#if defined(__AVX512BW__)
    if constexpr (L == 32) return reinterpret_cast<result>(_mm512_mulhi_epi16((__m512i)a, (__m512i)b));
#endif
#elif defined(__aarch64__)
    const int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y)), high = vmull_high_s16(x, y);
    return reinterpret_cast<result>(vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high)));
#endif
}

/// (a b 2^-14 + 1) 2^-1 of 16-bit integers, toward minus infinity: a b 2^-15 to nearest, halves toward plus infinity. Not both
/// -2^15.
template <std::size_t L>
[[gnu::always_inline]] inline lanes<std::int16_t, L> rounded_high_product(const lanes<std::int16_t, L>& a,
                                                                          const lanes<std::int16_t, L>& b) noexcept {
    using result = lanes<std::int16_t, L>;
#if defined(__SSSE3__)
    if constexpr (L == 8) return reinterpret_cast<result>(_mm_mulhrs_epi16((__m128i)a, (__m128i)b));
#if defined(__AVX2__)
    if constexpr (L == 16) return reinterpret_cast<result>(_mm256_mulhrs_epi16((__m256i)a, (__m256i)b));
#endif
#if defined(__AVX512BW__)
    if constexpr (L == 32) return reinterpret_cast<result>(_mm512_mulhrs_epi16((__m512i)a, (__m512i)b));
#endif
#elif defined(__aarch64__)
    return reinterpret_cast<result>(vqrdmulhq_s16((int16x8_t)a, (int16x8_t)b));
#else
    static_assert(L == 0, "kaon: this instruction set has no rounded high products");
    return result(a * b);
#endif
}

/// 8-bit integers, signed or not, in 16-bit lanes. (g++ 12 makes four instructions of what is one.)
template <std::size_t L, class Byte>
[[gnu::always_inline]] inline lanes<std::int16_t, L> widened_bytes(const lanes<Byte, L>& a) noexcept {
    using result [[maybe_unused]] = lanes<std::int16_t, L>;
    [[maybe_unused]] constexpr bool is_signed = std::is_signed_v<Byte>;
#if defined(__AVX2__)
    if constexpr (L == 16) {
        return reinterpret_cast<result>(is_signed ? _mm256_cvtepi8_epi16((__m128i)a) : _mm256_cvtepu8_epi16((__m128i)a));
    }
#endif
#if defined(__AVX512BW__)
    if constexpr (L == 32) {
        return reinterpret_cast<result>(is_signed ? _mm512_cvtepi8_epi16((__m256i)a) : _mm512_cvtepu8_epi16((__m256i)a));
    }
#endif
    return converted_lanes<std::int16_t>(a);
}

/// a b of 64-bit lanes that hold 32-bit integers.
template <std::size_t L>
[[gnu::always_inline]] inline lanes<std::int64_t, L> product_of_halves(const lanes<std::int64_t, L>& a,
                                                                       const lanes<std::int64_t, L>& b) noexcept {
    using result [[maybe_unused]] = lanes<std::int64_t, L>;
#if defined(__AVX512F__)
    if constexpr (L == 8) return reinterpret_cast<result>(_mm512_mul_epi32((__m512i)a, (__m512i)b));
#endif
#if defined(__AVX2__)
    if constexpr (L == 4) return reinterpret_cast<result>(_mm256_mul_epi32((__m256i)a, (__m256i)b));
#endif
#if defined(__SSE4_1__)
    if constexpr (L == 2) return reinterpret_cast<result>(_mm_mul_epi32((__m128i)a, (__m128i)b));
#elif defined(__aarch64__)
    if constexpr (L == 2) return reinterpret_cast<result>(vmull_s32(vmovn_s64((int64x2_t)a), vmovn_s64((int64x2_t)b)));
#endif
    return product_lanes(a, b);
}

}  // namespace detail
}  // namespace kaon
