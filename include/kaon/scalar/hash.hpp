// hash.hpp: std::hash of fixed point: its values as keys of unordered containers. Opt-in.
#pragma once

#include "fixed.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace kaon {
namespace detail {

/// Every bit of the argument reaches every bit of the result: SplitMix64's finaliser (Steele et al., OOPSLA 2014).
constexpr std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

/// A number for each type, so that equal raw values of two types are two keys.
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
inline constexpr std::uint64_t type_hash =
    mixed((static_cast<std::uint64_t>(static_cast<std::uint32_t>(I)) << 32) +
          static_cast<std::uint64_t>(((W * 2 + (S ? 1 : 0)) * 16 + static_cast<int>(Q)) * 4 + static_cast<int>(O)));

}  // namespace detail
}  // namespace kaon

namespace std {

/// Of the value and its type: equal values of one type hash equal; those of two types are different keys.
template <int W, int I, bool S, kaon::rounding_mode Q, kaon::overflow_mode O>
struct hash<kaon::basic_fixed<W, I, S, Q, O>> {
    /// All bits of it depend on all bits of the value.
    constexpr size_t operator()(const kaon::basic_fixed<W, I, S, Q, O>& value) const noexcept {
        const auto raw = value.raw();
        uint64_t bits = kaon::detail::type_hash<W, I, S, Q, O> + static_cast<uint64_t>(raw);
        if constexpr (sizeof raw > sizeof bits) {
            bits = kaon::detail::mixed(bits) + static_cast<uint64_t>(kaon::detail::shifted_right(raw, 64));
        }
        return static_cast<size_t>(kaon::detail::mixed(bits));
    }
};

}  // namespace std
