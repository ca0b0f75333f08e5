// constant_array.hpp: arrays that take the compiler more steps than it allows one constant.
#pragma once

#include <cstddef>

namespace kaon {
namespace detail {

/// So many entries are computed at once: compilers limit the steps of one constant.
inline constexpr std::size_t part_of_table = 128;

template <class Computed, std::size_t First, std::size_t Count>
struct computed_part {
    typename Computed::value_type values[Count];

    constexpr computed_part() : values() {
        for (std::size_t i = 0; i < Count; ++i) values[i] = Computed::at(First + i);
    }
};
template <class Computed, std::size_t First, std::size_t Count>
inline constexpr computed_part<Computed, First, Count> part_of{};

/// Computed::at(i) of i = 0, ..., Size - 1.
template <class Computed, std::size_t Size>
struct computed_array {
    typename Computed::value_type values[Size];

    constexpr computed_array() : values() { fill<0, Size>(); }

private:
    /// By halves down to what is computed at once.
    template <std::size_t First, std::size_t Count>
    constexpr void fill() {
        if constexpr (Count > part_of_table) {
            fill<First, Count / 2>();
            fill<First + Count / 2, Count - Count / 2>();
        } else {
            for (std::size_t i = 0; i < Count; ++i) values[First + i] = part_of<Computed, First, Count>.values[i];
        }
    }
};
template <class Computed, std::size_t Size>
inline constexpr computed_array<Computed, Size> array_of{};

}  // namespace detail
}  // namespace kaon
