// table.hpp: functions of one variable as tables of raw integers, computed by the compiler, every entry correctly rounded: the exact
// value, rounded and overflown as the table's scalar says. The same bits from every compiler, and no floating point.
#pragma once

#include "table_address.hpp"
#include "table_entries.hpp"
#include "table_functions.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon {

/// Function, of scalar/table_functions.hpp, for each entry of Address (scalar/table_address.hpp), in Scalar.
template <class Function, class Address, class Scalar>
struct exact_table {
    /// What is looked up, and what is found.
    /// @{
    using address = Address;
    using scalar = Scalar;
    static constexpr std::size_t size = Address::size;
    /// @}

    /// The raw integer of an entry.
    [[gnu::always_inline]] static constexpr typename Scalar::raw_type raw(std::int32_t index) noexcept {
        return entries.values[index];
    }

private:
    static constexpr auto& entries = detail::correctly_rounded<Function, Address, Scalar>();
    static_assert(entries.determined,
                  "kaon: an entry of a table lies too close to a rounding boundary: choose another scalar, or table_values");
};

/// Entries that somebody else computed: an array of `Address::size` raw integers of Scalar, in the order of the address.
template <const auto& Raw, class Address, class Scalar>
struct literal_table {
    /// As of exact_table.
    /// @{
    using address = Address;
    using scalar = Scalar;
    static constexpr std::size_t size = Address::size;
    [[gnu::always_inline]] static constexpr typename Scalar::raw_type raw(std::int32_t index) noexcept {
        return static_cast<typename Scalar::raw_type>(Raw[index]);
    }
    /// @}
};

}  // namespace kaon
