// partial_load.hpp: the first values of a register from memory that may end after them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace kaon::detail {

/// The lanes of `other`, the first n < lanes of them replaced from p. Reads nothing beyond p[n - 1].
template <class T, class Register>
[[gnu::always_inline]] inline Register load_first(const T* p, std::size_t n, Register other) noexcept {
    T values[sizeof(Register) / sizeof(T)];
    std::memcpy(values, &other, sizeof other);
    for (std::size_t i = 0; i < n; ++i) values[i] = p[i];
    std::memcpy(&other, values, sizeof other);
    return other;
}

// Through memory, a load of the whole would wait until the single values have left the store queue.
#if defined(__AVX512F__) && defined(__AVX512VL__)
[[gnu::always_inline]] inline unsigned first_bits(std::size_t n) noexcept { return (1u << n) - 1u; }
[[gnu::always_inline]] inline __m512 load_first(const float* p, std::size_t n, __m512 other) noexcept {
    return _mm512_mask_loadu_ps(other, static_cast<__mmask16>(first_bits(n)), p);
}
[[gnu::always_inline]] inline __m256 load_first(const float* p, std::size_t n, __m256 other) noexcept {
    return _mm256_mask_loadu_ps(other, static_cast<__mmask8>(first_bits(n)), p);
}
[[gnu::always_inline]] inline __m512d load_first(const double* p, std::size_t n, __m512d other) noexcept {
    return _mm512_mask_loadu_pd(other, static_cast<__mmask8>(first_bits(n)), p);
}
[[gnu::always_inline]] inline __m256d load_first(const double* p, std::size_t n, __m256d other) noexcept {
    return _mm256_mask_loadu_pd(other, static_cast<__mmask8>(first_bits(n)), p);
}
#elif defined(__AVX2__)
inline constexpr std::int32_t first_lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
inline constexpr std::int64_t first_wide_lanes[8] = {-1, -1, -1, -1};
[[gnu::always_inline]] inline __m256 load_first(const float* p, std::size_t n, __m256 other) noexcept {
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first_lanes + 8 - n));
    return _mm256_blendv_ps(other, _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}
[[gnu::always_inline]] inline __m256d load_first(const double* p, std::size_t n, __m256d other) noexcept {
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first_wide_lanes + 4 - n));
    return _mm256_blendv_pd(other, _mm256_maskload_pd(p, mask), _mm256_castsi256_pd(mask));
}
#endif

}  // namespace kaon::detail
