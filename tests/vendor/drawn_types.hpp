// drawn_types.hpp: fixed-point types and raw values at random, drawn by a number.
#pragma once

#include <kaon/scalar/fixed.hpp>

#include <cstddef>
#include <cstdint>
#include <random>

/// A whole number of [low, high], from a seed.
constexpr int pick(std::size_t seed, int low, int high) {
    std::uint64_t s = (seed + 1) * 0x9E3779B97F4A7C15u;
    s = (s ^ (s >> 30)) * 0xBF58476D1CE4E5B9u;
    s = (s ^ (s >> 27)) * 0x94D049BB133111EBu;
    return low + static_cast<int>((s >> 33) % static_cast<std::uint64_t>(high - low + 1));
}

/// The N-th type: of up to 24 bits, one in four of up to 64; in the first `Modes` rounding modes and all overflow modes.
template <std::size_t N, int Modes = 7>
struct drawn_type {
    static constexpr int width = pick(5 * N, 1, pick(7 * N + 3, 0, 3) == 0 ? 64 : 24);
    static constexpr int integer = pick(5 * N + 1, -6, width + 6);
    using type = kaon::basic_fixed<width, integer, (width == 64 || pick(5 * N + 2, 0, 2) != 0),
                                   static_cast<kaon::rounding_mode>(pick(5 * N + 3, 0, Modes - 1)),
                                   static_cast<kaon::overflow_mode>(pick(5 * N + 4, 0, 3))>;
};

template <class T>
inline constexpr bool one_symmetric_bit = T::width == 1 && T::is_signed&& T::overflow == kaon::saturate_symmetric;

/// Values of any type, one in eight an extreme, one in eight small.
class drawn_values {
public:
    explicit drawn_values(std::uint64_t seed) : random_(seed) {}

    template <class T>
    T next() {
        using R = typename T::integer_type;
        const auto bits = static_cast<std::int64_t>(random_());
        switch (bits & 15) {
        case 0:
            return T::from_exact(kaon::detail::raw_min<R>(T::width, T::is_signed));
        case 1:
            return T::from_exact(kaon::detail::raw_max<R>(T::width, T::is_signed));
        case 2:
        case 3:
            return T::from_raw(bits >> 60);
        default:
            return T::from_raw(static_cast<R>(bits >> 4));
        }
    }

private:
    std::mt19937_64 random_;
};
