// store.hpp: one pack, or one scalar, into memory.
#pragma once

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Writes v to p: a scalar as it is, a pack as its lanes. A pack of events is the scalar of its tensors.
template <class T, class V>
[[gnu::always_inline]] constexpr void store(T* p, const V& v) noexcept {
    if constexpr (std::is_same_v<T, V>) {
        *p = v;
    } else {
        v.store(p);
    }
}

/// How many scalars T are written by store(T*, V).
template <class T, class V>
constexpr std::size_t stored_lanes() {
    if constexpr (std::is_same_v<T, V>) {
        return 1;
    } else {
        return V::lanes;
    }
}

}  // namespace kaon
