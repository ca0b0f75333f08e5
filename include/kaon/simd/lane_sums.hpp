// lane_sums.hpp: numbers that comparisons choose lane by lane, and their sum over all lanes. In fixed point: fixed_lane_sums.hpp.
#pragma once

#include "comparisons.hpp"
#include "scalar.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Whether registers sum fixed-point numbers that comparisons A of scalars T choose.
template <class A, class T, class Number, class Sum, class = void>
inline constexpr bool sums_in_lanes = false;

/// A: of the comparisons of scalars T; up to `Terms` numbers a lane, of type Number, are added, into a Sum; Result: what that becomes.
template <class Target, class A, class T, class Number, class Sum, class Result, std::size_t Terms, class = void>
struct lane_sums {
    /// A number a lane as they are kept, as they are chosen, and their sums.
    /// @{
    using row = lane_of<T>[A::lanes];
    using value = typename A::value;
    using sums = value;
    /// @}
    /// Events whose sums grow together: they share what is loaded.
    static constexpr std::size_t events_at_once = 1;

    /// Into a lane of what is kept: a number, or that of the same lane elsewhere.
    /// @{
    static constexpr void keep(row& kept, std::size_t lane, const lane_of<T>& number) { kept[lane] = number; }
    static constexpr void copy_lane(row& to, const row& from, std::size_t lane) { to[lane] = from[lane]; }
    /// @}
    /// What is kept, a number a lane.
    [[gnu::always_inline]] static value load(const row& kept) noexcept {
        if constexpr (std::is_same_v<lane_of<T>, T>) {
            return A::load(kept);
        } else {
            return value(kept[0]);  // packs of events share it
        }
    }
    /// a where the mask holds, else b.
    template <class Mask>
    [[gnu::always_inline]] static value choose(const Mask& mask, const value& a, const value& b) noexcept {
        return select(mask, a, b);
    }
    /// The sums of nothing, and with one more number a lane.
    /// @{
    [[gnu::always_inline]] static sums zero() noexcept { return value(lane_of<T>(0)); }
    [[gnu::always_inline]] static sums add(const sums& s, const value& v) noexcept { return s + v; }
    /// @}
    /// Over all lanes, with a base: in every lane, or alone.
    /// @{
    [[gnu::always_inline]] static value total(const sums& s, const lane_of<T>& base) noexcept {
        return A::sum_of_lanes(s) + value(base);
    }
    [[gnu::always_inline]] static T single_total(const sums& s, const lane_of<T>& base) noexcept {
        return A::sum_of_lanes(s)[0] + base;
    }
    /// @}
};

}  // namespace kaon
