// look_up.hpp: entries of tables (scalar/table.hpp), one by one. fixed_pack.hpp's packs: pack_look_up.hpp.
#pragma once

#include "../scalar/fixed.hpp"

namespace kaon {

/// The entry of Table at an address, which has the format of Table::address::scalar: any of its values has an entry.
template <class Table, int W, int I, bool S, rounding_mode Q, overflow_mode O>
[[gnu::always_inline]] constexpr typename Table::scalar look_up(const basic_fixed<W, I, S, Q, O>& address) noexcept {
    return Table::scalar::from_exact(Table::raw(Table::address::index(address.raw())));
}

}  // namespace kaon
