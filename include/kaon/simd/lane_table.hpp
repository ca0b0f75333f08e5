// lane_table.hpp: a few values, one of which is picked by number for each lane of a pack. Out of registers: lane_picks.hpp.
#pragma once

#include "arithmetic.hpp"

#include "../core/store.hpp"
#include "../core/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// How values V are picked by number out of registers, where instructions for that exist: register_type load(const T*), and
/// V pick<Registers>(const register_type*, const uint8_t* numbers) out of as many.
template <class V, class = void>
struct lane_picks {
    static constexpr bool exist = false;
};

}  // namespace detail

/// Whether `Count` values are picked out of registers, `lanes` at a time.
template <class A, std::size_t Count>
inline constexpr bool picks_in_registers = detail::lane_picks<typename A::value>::exist&& Count <= 4 * A::lanes;

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
    /// Value number `number` alone.
    [[gnu::always_inline]] constexpr void set_one(std::size_t number, const T& v) noexcept { values_[number] = v; }
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
        using picks = detail::lane_picks<typename A::value>;
        typename picks::register_type r[packs];
        for (std::size_t i = 0; i < packs; ++i) r[i] = picks::load(values_ + i * A::lanes);
        return picks::template pick<packs>(r, numbers);
    }

    alignas(register_bytes) T values_[packs * A::lanes];
};

}  // namespace kaon
