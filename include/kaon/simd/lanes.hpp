// lanes.hpp: integers side by side in a register, as the compilers' own vectors: whatever the instruction set has, or several
// instructions, with the same bits.
#pragma once

#if defined(__AVX512BW__)
#include "xsimd.hpp"
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kaon {
namespace detail {

template <class R, std::size_t L>
struct lanes_of_integers {
    typedef R type __attribute__((vector_size(L * sizeof(R))));
};
/// L integers R.
template <class R, std::size_t L>
using lanes = typename lanes_of_integers<R, L>::type;

template <class V>
using lane_type = std::decay_t<decltype(std::declval<V&>()[0])>;
template <class V>
inline constexpr std::size_t lane_count = sizeof(V) / sizeof(lane_type<V>);

/// The signed integer of so many bytes, or the next larger one.
template <std::size_t Bytes>
using signed_bytes = std::conditional_t<
    (Bytes <= 1), std::int8_t,
    std::conditional_t<(Bytes <= 2), std::int16_t, std::conditional_t<(Bytes <= 4), std::int32_t, std::int64_t>>>;

/// Bytes of the least built-in integer of so many bits.
constexpr std::size_t bytes_for(int bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8; }

template <class V>
[[gnu::always_inline]] inline V load_lanes(const void* p) noexcept {
    V v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
/// The first n integers from p, the other lanes zero. Reads nothing beyond p[n - 1].
template <class V>
[[gnu::always_inline]] inline V load_first_lanes(const void* p, std::size_t n) noexcept {
    V v{};
    if (n >= lane_count<V>) return load_lanes<V>(p);
#if defined(__AVX512BW__)
    // Through memory, a load of the whole would wait until what was copied has left the store queue.
    if constexpr (sizeof(V) == 64) {
        if (n == lane_count<V> / 2) {
            return reinterpret_cast<V>(_mm512_zextsi256_si512(_mm256_loadu_si256(static_cast<const __m256i*>(p))));
        }
        const std::uint64_t bytes = (std::uint64_t{1} << n * sizeof(v[0])) - 1;
        return reinterpret_cast<V>(_mm512_maskz_loadu_epi8(bytes, p));
    }
#endif
    std::memcpy(&v, p, n * sizeof v[0]);
    return v;
}
template <class V, class R>
[[gnu::always_inline]] inline V splat(R value) noexcept {
    return V{} + static_cast<lane_type<V>>(value);
}
// AVX-512 has instructions that narrow as far as is asked for.
#if defined(__AVX512VL__)
static constexpr bool narrows_at_once = true;
#else
static constexpr bool narrows_at_once = false;
#endif

/// Each lane as another integer, modulo its size.
template <class To, class V>
[[gnu::always_inline]] inline auto converted_lanes(const V& v) noexcept {
    if constexpr (std::is_same_v<To, lane_type<V>>) {
        return v;
    } else if constexpr (sizeof(To) > 2 * sizeof(lane_type<V>)) {
        // g++ 12 widens and narrows twofold in registers, further one by one.
        using next = std::conditional_t<std::is_signed_v<lane_type<V>>, signed_bytes<2 * sizeof(lane_type<V>)>,
                                        std::make_unsigned_t<signed_bytes<2 * sizeof(lane_type<V>)>>>;
        return converted_lanes<To>(converted_lanes<next>(v));
    } else if constexpr (2 * sizeof(To) < sizeof(lane_type<V>) && !narrows_at_once) {
        return converted_lanes<To>(converted_lanes<signed_bytes<sizeof(lane_type<V>) / 2>>(v));
    } else {
        return __builtin_convertvector(v, lanes<To, lane_count<V>>);
    }
}
/// The same bits as integers of another size: more of them, or fewer.
template <class To, class V>
[[gnu::always_inline]] inline auto same_lanes(const V& v) noexcept {
    return reinterpret_cast<lanes<To, sizeof(V) / sizeof(To)>>(v);
}
/// @{
/// Modulo the integer's size: what is signed may not overflow.
template <class V>
[[gnu::always_inline]] inline V sum_lanes(const V& a, const V& b) noexcept {
    using U = std::make_unsigned_t<lane_type<V>>;
    return same_lanes<lane_type<V>>(same_lanes<U>(a) + same_lanes<U>(b));
}
template <class V>
[[gnu::always_inline]] inline V difference_lanes(const V& a, const V& b) noexcept {
    using U = std::make_unsigned_t<lane_type<V>>;
    return same_lanes<lane_type<V>>(same_lanes<U>(a) - same_lanes<U>(b));
}
template <class V>
[[gnu::always_inline]] inline V product_lanes(const V& a, const V& b) noexcept {
    using U = std::make_unsigned_t<lane_type<V>>;
    return same_lanes<lane_type<V>>(same_lanes<U>(a) * same_lanes<U>(b));
}
template <int Bits, class V>
[[gnu::always_inline]] inline V shifted_left_lanes(const V& a) noexcept {
    using U = std::make_unsigned_t<lane_type<V>>;
    if constexpr (Bits == 0) {
        return a;
    } else if constexpr (Bits >= 8 * static_cast<int>(sizeof(U))) {
        return V{};
    } else {
        return same_lanes<lane_type<V>>(same_lanes<U>(a) << Bits);
    }
}
/// @}

/// Toward minus infinity.
template <int Bits, class V>
[[gnu::always_inline]] inline V shifted_right_lanes(const V& a) noexcept {
    constexpr int bits = 8 * static_cast<int>(sizeof(lane_type<V>));
    if constexpr (Bits == 0) {
        return a;
    } else {
        return a >> (Bits >= bits ? bits - 1 : Bits);
    }
}
template <class V>
[[gnu::always_inline]] inline V least_lanes(const V& a, const V& b) noexcept {
    return a < b ? a : b;
}
template <class V>
[[gnu::always_inline]] inline V largest_lanes(const V& a, const V& b) noexcept {
    return a > b ? a : b;
}

/// What a comparison says of each lane chooses: a where it holds. Lanes of any integers of that size.
template <class Mask, class V>
[[gnu::always_inline]] inline V chosen_lanes(const Mask& mask, const V& a, const V& b) noexcept {
    return mask ? a : b;
}

/// The low Width bits, of two's complement or not.
template <int Width, bool Signed, class V>
[[gnu::always_inline]] inline V wrapped_lanes(const V& raw) noexcept {
    using R = lane_type<V>;
    constexpr int unused = 8 * static_cast<int>(sizeof(R)) - Width;
    if constexpr (unused <= 0) {
        return raw;
    } else if constexpr (Signed) {
        return shifted_right_lanes<unused>(shifted_left_lanes<unused>(raw));
    } else {
        using U = std::make_unsigned_t<R>;
        return same_lanes<R>(same_lanes<U>(raw) & splat<lanes<U, lane_count<V>>>(static_cast<U>(~U{0}) >> unused));
    }
}

}  // namespace detail
}  // namespace kaon
