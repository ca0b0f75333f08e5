// wide_integer.hpp: the integer that a raw value of a given width is computed in.
#pragma once

#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

#if defined(__SIZEOF_INT128__)
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
#else
/// Fixed point beyond 64 bits (ufixed: 63) needs integers that this target lacks: declared, never defined, so that an error names
/// them.
struct integers_of_128_bits_that_this_target_lacks;
struct unsigned_integers_of_128_bits_that_this_target_lacks;
using int128 = integers_of_128_bits_that_this_target_lacks;
using uint128 = unsigned_integers_of_128_bits_that_this_target_lacks;
#endif

template <bool Narrow, class Wide>
struct native_or_wide {
    using type = Wide;
};
template <class Wide>
struct native_or_wide<true, Wide> {
    using type = std::conditional_t<std::is_same_v<Wide, int128>, std::int64_t, std::uint64_t>;
};

/// Holds every raw value of a format: 64 bits where they are enough.
template <int Width, bool Signed>
using calculation = typename native_or_wide<(Width + (Signed ? 0 : 1) <= 64), int128>::type;

/// The unsigned integer of the same size.
template <class R>
using unsigned_of = typename native_or_wide<std::is_same_v<R, std::int64_t>, uint128>::type;

template <class R>
inline constexpr int bits_of = static_cast<int>(8 * sizeof(R));

/// a 2^bits, modulo the integer's size: shifts of what is negative are undefined in C++17.
template <class R>
[[gnu::always_inline]] constexpr R shifted_left(R a, int bits) {
    return bits >= bits_of<R> ? R(0) : static_cast<R>(static_cast<unsigned_of<R>>(a) << bits);
}

/// The last of a 2^-bits, toward minus infinity.
template <class R>
[[gnu::always_inline]] constexpr R shifted_right(R a, int bits) {
    return a >> (bits >= bits_of<R> ? bits_of<R> - 1 : bits);
}

}  // namespace detail
}  // namespace kaon
