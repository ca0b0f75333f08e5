// pack_look_up.hpp: what functions of fixed point ask of packs: entries of tables, and numbers beside packs.
#pragma once

#include "fixed_pack.hpp"
#include "look_up.hpp"

#include "../scalar/precision.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// A number beside a pack is a pack of it.
template <class T, std::size_t L, class Target, class Named>
struct like<pack<T, L, Target, void>, Named, false> {
    using type = std::conditional_t<is_basic_fixed<T>, pack<Named, L, Target, void>, Named>;
};

}  // namespace detail

/// The entry of Table at each lane's address.
template <class Table, class T, std::size_t L, class Target, class = std::enable_if_t<detail::is_basic_fixed<T>>>
[[gnu::always_inline]] inline auto look_up(const pack<T, L, Target>& addresses) noexcept {
    T address[L];
    typename Table::scalar entry[L];
    addresses.store(address);
    for (std::size_t l = 0; l < L; ++l) entry[l] = look_up<Table>(address[l]);
    return pack<typename Table::scalar, L, Target>::load(entry);
}

}  // namespace kaon
