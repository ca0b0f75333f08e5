// lane_picks.hpp: the instructions that pick lanes by number out of registers (lane_table.hpp): AVX2, AVX-512. Lanes of four bytes,
// which are floats or fixed point; of one and two: fixed_comparisons.hpp.
#pragma once

#include "lane_table.hpp"
#include "pack.hpp"

#include "../scalar/fixed_operators.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

#if defined(__AVX2__)
/// Packs of floats or fixed point that fill a register of so many bytes, in lanes of so many.
template <class V, std::size_t Bytes, std::size_t Lane>
using if_lanes = std::enable_if_t<(std::is_same_v<typename V::value_type, float> ||
                                   is_basic_fixed<typename V::value_type>)&&sizeof(typename V::value_type) == Lane &&
                                  sizeof(typename V::register_type) == Bytes>;

/// A register's bits as a pack.
/// @{
template <class V>
[[gnu::always_inline]] inline V pack_of(__m256i r) noexcept {
    if constexpr (std::is_same_v<typename V::value_type, float>) {
        return V(typename V::register_type(_mm256_castsi256_ps(r)));
    } else {
        return V::from_raw(reinterpret_cast<typename V::register_type>(r));
    }
}
#if defined(__AVX512F__)
template <class V>
[[gnu::always_inline]] inline V pack_of(__m512i r) noexcept {
    if constexpr (std::is_same_v<typename V::value_type, float>) {
        return V(typename V::register_type(_mm512_castsi512_ps(r)));
    } else {
        return V::from_raw(reinterpret_cast<typename V::register_type>(r));
    }
}
#endif
/// @}

template <class V>
struct lane_picks<V, if_lanes<V, 32, 4>> {
    static constexpr std::size_t most = 32, per_register = 8;
    using register_type = __m256i;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m256i load(const void* p) noexcept {
        return _mm256_loadu_si256(static_cast<const __m256i*>(p));
    }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m256i* r, const std::uint8_t* places) noexcept {
        const __m256i place = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(places)));
        __m256i picked = _mm256_permutevar8x32_epi32(r[0], place);
        for (std::size_t i = 1; i < Registers; ++i) {
            const __m256i here = _mm256_cmpgt_epi32(place, _mm256_set1_epi32(static_cast<int>(8 * i - 1)));
            picked = blended(picked, _mm256_permutevar8x32_epi32(r[i], place), here);
        }
        return pack_of<V>(picked);
    }

private:
    /// b where the mask says so, lane by lane: a float's instruction takes less than that of bytes.
    [[gnu::always_inline]] static __m256i blended(__m256i a, __m256i b, __m256i mask) noexcept {
        return _mm256_castps_si256(
            _mm256_blendv_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), _mm256_castsi256_ps(mask)));
    }
};
#endif
#if defined(__AVX512F__)
template <class V>
struct lane_picks<V, if_lanes<V, 64, 4>> {
    static constexpr std::size_t most = 64, per_register = 16;
    using register_type = __m512i;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m512i load(const void* p) noexcept { return _mm512_loadu_si512(p); }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m512i* r, const std::uint8_t* places) noexcept {
        return pack_of<V>(of<Registers>(r, _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(places)))));
    }

private:
    template <std::size_t Registers>
    [[gnu::always_inline]] static __m512i of(const __m512i* r, __m512i place) noexcept {
        if constexpr (Registers == 1) {
            return _mm512_permutexvar_epi32(place, r[0]);
        } else if constexpr (Registers == 2) {
            return _mm512_permutex2var_epi32(r[0], place, r[1]);
        } else {
            const __mmask16 above = _mm512_cmpgt_epi32_mask(place, _mm512_set1_epi32(31));
            return _mm512_mask_blend_epi32(above, of<2>(r, place), of<Registers - 2>(r + 2, place));
        }
    }
};
#endif

}  // namespace detail
}  // namespace kaon
