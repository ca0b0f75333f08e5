// lane_table.hpp: a few values, one of which is picked by number for each lane of a pack. Out of registers: lane_picks.hpp,
// fixed_comparisons.hpp.
#pragma once

#include "arithmetic.hpp"

#include "../core/store.hpp"
#include "../core/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// How values V are picked by number out of registers, where instructions for that exist: up to `most` of them, `per_register` in a
/// register_type load(const T*); a number as these instructions take it is a place_type place(number), and
/// V pick<Registers>(const register_type*, const place_type*) picks out of as many registers.
template <class V, class = void>
struct lane_picks {
    static constexpr std::size_t most = 0;
};

template <std::size_t Count, class V, bool InRegisters>
struct place_of {
    // Small, for the constants of a forest soon exceed the nearest cache.
    using type = std::conditional_t<Count <= 256, std::uint8_t, std::int32_t>;
    static constexpr type of(std::size_t number) { return static_cast<type>(number); }
};
template <std::size_t Count, class V>
struct place_of<Count, V, true> {
    using type = typename lane_picks<V>::place_type;
    static constexpr type of(std::size_t number) { return lane_picks<V>::place(number); }
};

}  // namespace detail

/// Whether `Count` values are picked out of registers, `lanes` at a time.
template <class A, std::size_t Count>
inline constexpr bool picks_in_registers = Count <= detail::lane_picks<typename A::value>::most;

/// `Count` values of scalar T in packs of arithmetic A.
template <class A, class T, std::size_t Count>
class lane_table {
public:
    /// How many packs hold the values.
    static constexpr std::size_t packs = (Count + A::lanes - 1) / A::lanes;
    /// A number as pick() takes it.
    /// @{
    using places = detail::place_of<Count, typename A::value, picks_in_registers<A, Count>>;
    using place = typename places::type;
    static constexpr place place_of(std::size_t number) { return places::of(number); }
    /// @}

    /// Pack number `pack` of the values.
    [[gnu::always_inline]] constexpr void set(std::size_t pack, const typename A::value& v) noexcept {
        store(values_ + pack * A::lanes, v);
    }
    /// Value number `number` alone.
    [[gnu::always_inline]] constexpr void set_one(std::size_t number, const T& v) noexcept { values_[number] = v; }
    /// In lane l the value at places[l].
    [[gnu::always_inline]] constexpr typename A::value pick(const place* places) const noexcept {
        if constexpr (A::lanes == 1) {
            return values_[*places];
        } else if constexpr (picks_in_registers<A, Count>) {
            return in_registers(places);
        } else {
            T picked[A::lanes];
            for (std::size_t l = 0; l < A::lanes; ++l) picked[l] = values_[places[l]];
            return A::load(picked);
        }
    }

    /// Them all.
    [[gnu::always_inline]] constexpr const T* values() const noexcept { return values_; }

private:
    [[gnu::always_inline]] typename A::value in_registers(const place* places) const noexcept {
        using picks = detail::lane_picks<typename A::value>;
        constexpr std::size_t registers = (Count + picks::per_register - 1) / picks::per_register;
        typename picks::register_type r[registers];
        for (std::size_t i = 0; i < registers; ++i) r[i] = picks::load(values_ + i * picks::per_register);
        return picks::template pick<registers>(r, places);
    }

    alignas(register_bytes) T values_[packs * A::lanes];
};

}  // namespace kaon
