// lane_picks.hpp: the instructions that pick lanes by number out of registers (lane_table.hpp): AVX2, AVX-512.
#pragma once

#include "lane_table.hpp"
#include "pack.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

#if defined(__AVX2__)
/// Packs of floats that fill a register of so many bytes.
template <class V, std::size_t Bytes>
using if_floats =
    std::enable_if_t<std::is_same_v<typename V::value_type, float> && sizeof(typename V::register_type) == Bytes>;

template <class V>
struct lane_picks<V, if_floats<V, 32>> {
    static constexpr std::size_t most = 32, per_register = 8;
    using register_type = __m256;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m256 load(const float* p) noexcept { return _mm256_load_ps(p); }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m256* r, const std::uint8_t* numbers) noexcept {
        const __m256i number = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(numbers)));
        __m256 picked = _mm256_permutevar8x32_ps(r[0], number);
        for (std::size_t i = 1; i < Registers; ++i) {
            const __m256i here = _mm256_cmpgt_epi32(number, _mm256_set1_epi32(static_cast<int>(8 * i - 1)));
            picked = _mm256_blendv_ps(picked, _mm256_permutevar8x32_ps(r[i], number), _mm256_castsi256_ps(here));
        }
        return V(typename V::register_type(picked));
    }
};
#endif
#if defined(__AVX512F__)
template <class V>
struct lane_picks<V, if_floats<V, 64>> {
    static constexpr std::size_t most = 64, per_register = 16;
    using register_type = __m512;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m512 load(const float* p) noexcept { return _mm512_load_ps(p); }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m512* r, const std::uint8_t* numbers) noexcept {
        return V(typename V::register_type(
            of<Registers>(r, _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers))))));
    }

private:
    template <std::size_t Registers>
    [[gnu::always_inline]] static __m512 of(const __m512* r, __m512i number) noexcept {
        if constexpr (Registers == 1) {
            return _mm512_permutexvar_ps(number, r[0]);
        } else if constexpr (Registers == 2) {
            return _mm512_permutex2var_ps(r[0], number, r[1]);
        } else {
            const __mmask16 above = _mm512_cmpgt_epi32_mask(number, _mm512_set1_epi32(31));
            return _mm512_mask_blend_ps(above, of<2>(r, number), of<Registers - 2>(r + 2, number));
        }
    }
};
#endif

}  // namespace detail
}  // namespace kaon
