// lane_table.hpp: a few values, one of which is picked by number for each lane of a pack.
#pragma once

#include "arithmetic.hpp"
#include "pack.hpp"

#include "../core/shape.hpp"
#include "../core/store.hpp"
#include "../core/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// Bytes of the registers out of which an instruction picks a pack's lanes; 0: there is none.
template <class V, class = void>
inline constexpr std::size_t picking_register = 0;

/// Of a few registers, which hold numbered values, those with the numbers in the lanes.
template <std::size_t Registers, class Register, class Numbers>
Register pick_lanes(const Register*, const Numbers&) = delete;
/// Small numbers, a lane each, for registers of a type.
template <class Register>
Register lane_numbers(const std::uint8_t*, const Register&) = delete;

#if defined(__AVX2__)
template <class V>
inline constexpr std::size_t picking_register<
    V, std::enable_if_t<std::is_same_v<typename V::value_type, float> && sizeof(typename V::register_type) == 32>> = 32;
#endif
#if defined(__AVX512F__)
[[gnu::always_inline]] inline auto lane_numbers(const std::uint8_t* numbers, const __m512&) noexcept {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(numbers)));
}
template <class V>
inline constexpr std::size_t picking_register<
    V, std::enable_if_t<std::is_same_v<typename V::value_type, float> && sizeof(typename V::register_type) == 64>> = 64;

template <std::size_t Registers>
[[gnu::always_inline]] inline __m512 pick_lanes(const __m512* r, __m512i number) noexcept {
    if constexpr (Registers == 1) {
        return _mm512_permutexvar_ps(number, r[0]);
    } else if constexpr (Registers == 2) {
        return _mm512_permutex2var_ps(r[0], number, r[1]);
    } else {
        const __mmask16 above = _mm512_cmpgt_epi32_mask(number, _mm512_set1_epi32(31));
        return _mm512_mask_blend_ps(above, pick_lanes<2>(r, number), pick_lanes<Registers - 2>(r + 2, number));
    }
}
#endif
#if defined(__AVX2__)
[[gnu::always_inline]] inline __m256i lane_numbers(const std::uint8_t* numbers, const __m256&) noexcept {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(numbers)));
}
template <std::size_t Registers>
[[gnu::always_inline]] inline __m256 pick_lanes(const __m256* r, __m256i number) noexcept {
    __m256 picked = _mm256_permutevar8x32_ps(r[0], number);
    for (std::size_t i = 1; i < Registers; ++i) {
        const __m256i here = _mm256_cmpgt_epi32(number, _mm256_set1_epi32(static_cast<int>(8 * i - 1)));
        picked = _mm256_blendv_ps(picked, _mm256_permutevar8x32_ps(r[i], number), _mm256_castsi256_ps(here));
    }
    return picked;
}
#endif

}  // namespace detail

/// Whether `Count` values are picked out of registers, `lanes` at a time.
template <class A, std::size_t Count>
inline constexpr bool picks_in_registers = detail::picking_register<typename A::value> != 0 &&
                                           Count * sizeof(float) <= 4 * detail::picking_register<typename A::value>;

/// `Count` values of scalar T in packs of arithmetic A.
template <class A, class T, std::size_t Count>
class lane_table {
public:
    /// How many packs hold the values.
    static constexpr std::size_t packs = (Count + A::lanes - 1) / A::lanes;

    /// Pack number `pack` of the values.
    [[gnu::always_inline]] constexpr void set(std::size_t pack, const typename A::value& v) noexcept {
        store(values_ + pack * A::lanes, v);
    }
    /// In lane l value numbers[l].
    template <class Index>
    [[gnu::always_inline]] constexpr typename A::value pick(const Index* numbers) const noexcept {
        if constexpr (A::lanes == 1) {
            return values_[*numbers];
        } else if constexpr (picks_in_registers<A, Count>) {
            return in_registers(numbers);
        } else {
            T picked[A::lanes];
            for (std::size_t l = 0; l < A::lanes; ++l) picked[l] = values_[numbers[l]];
            return A::load(picked);
        }
    }

    /// Them all.
    [[gnu::always_inline]] constexpr const T* values() const noexcept { return values_; }

private:
    [[gnu::always_inline]] typename A::value in_registers(const std::uint8_t* numbers) const noexcept {
        using batch = typename A::value::register_type;
        using bits = typename batch::register_type;
        bits r[packs];
        for (std::size_t i = 0; i < packs; ++i) r[i] = batch::load_aligned(values_ + i * A::lanes);
        return typename A::value(batch(detail::pick_lanes<packs>(r, detail::lane_numbers(numbers, r[0]))));
    }

    alignas(register_bytes) T values_[packs * A::lanes];
};

}  // namespace kaon
