// fixed_comparisons.hpp: fixed point of up to 32 bits compared in whole registers, and the instructions that pick its lanes of one and two
// bytes by number: AVX2, AVX-512.
#pragma once

#include "comparisons.hpp"
#include "fixed_pack.hpp"
#include "lane_picks.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {

template <class Target, class T, std::size_t Wanted>
struct comparisons<Target, T, Wanted,
                   std::enable_if_t<detail::fits_signed<T, 33>() && (detail::register_size<typename Target::isa> >= 32)>> {
    static constexpr std::size_t lanes = std::size_t(detail::register_size<typename Target::isa>) / sizeof(T);
    using value = pack<T, lanes, Target>;

    [[gnu::always_inline]] static value load(const T* p) noexcept { return value::load(p); }
    [[gnu::always_inline]] static value load_first(const T* p, std::size_t n) noexcept { return value::load_first(p, n); }
};

namespace detail {

#if defined(__AVX2__)
/// Bytes out of registers that hold 16 in each half.
template <class V>
struct byte_picks {
    using register_type = __m256i;

    [[gnu::always_inline]] static __m256i load(const void* p) noexcept {
        return _mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(p)));
    }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m256i* r, const void* places) noexcept {
        const __m256i place = _mm256_loadu_si256(static_cast<const __m256i*>(places));
        __m256i picked = _mm256_shuffle_epi8(r[0], place);
        for (std::size_t i = 1; i < Registers; ++i) {
            const __m256i here = _mm256_cmpgt_epi8(place, _mm256_set1_epi8(static_cast<char>(16 * i - 1)));
            picked = _mm256_blendv_epi8(picked, _mm256_shuffle_epi8(r[i], place), here);
        }
        return pack_of<V>(picked);
    }
};
template <class V>
struct lane_picks<V, if_lanes<V, 32, 1>> : byte_picks<V> {
    static constexpr std::size_t most = 64, per_register = 16;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }
};
template <class V>
struct lane_picks<V, if_lanes<V, 32, 2>> : byte_picks<V> {
    static constexpr std::size_t most = 64, per_register = 8;
    /// Of both bytes.
    using place_type = std::uint16_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number * 0x0202 + 0x0100); }
};
#endif
#if defined(__AVX512F__) && defined(__AVX512BW__)
/// Out of registers that hold 16 bytes in each quarter.
template <class V>
struct lane_picks<V, if_lanes<V, 64, 1>> {
    static constexpr std::size_t most = 64, per_register = 16;
    using register_type = __m512i;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m512i load(const void* p) noexcept {
        return _mm512_broadcast_i32x4(_mm_loadu_si128(static_cast<const __m128i*>(p)));
    }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m512i* r, const std::uint8_t* places) noexcept {
        const __m512i place = _mm512_loadu_si512(places);
        __m512i picked = _mm512_shuffle_epi8(r[0], place);
        for (std::size_t i = 1; i < Registers; ++i) {
            const __mmask64 here = _mm512_cmpgt_epi8_mask(place, _mm512_set1_epi8(static_cast<char>(16 * i - 1)));
            picked = _mm512_mask_shuffle_epi8(picked, here, r[i], place);
        }
        return pack_of<V>(picked);
    }
};
template <class V>
struct lane_picks<V, if_lanes<V, 64, 2>> {
    static constexpr std::size_t most = 128, per_register = 32;
    using register_type = __m512i;
    using place_type = std::uint8_t;
    static constexpr place_type place(std::size_t number) { return static_cast<place_type>(number); }

    [[gnu::always_inline]] static __m512i load(const void* p) noexcept { return _mm512_loadu_si512(p); }
    template <std::size_t Registers>
    [[gnu::always_inline]] static V pick(const __m512i* r, const std::uint8_t* places) noexcept {
        return pack_of<V>(
            of<Registers>(r, _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(places)))));
    }

private:
    template <std::size_t Registers>
    [[gnu::always_inline]] static __m512i of(const __m512i* r, __m512i place) noexcept {
        if constexpr (Registers == 1) {
            return _mm512_permutexvar_epi16(place, r[0]);
        } else if constexpr (Registers == 2) {
            return _mm512_permutex2var_epi16(r[0], place, r[1]);
        } else {
            const __mmask32 above = _mm512_cmpgt_epi16_mask(place, _mm512_set1_epi16(63));
            return _mm512_mask_blend_epi16(above, of<2>(r, place), of<Registers - 2>(r + 2, place));
        }
    }
};
#endif

}  // namespace detail
}  // namespace kaon
