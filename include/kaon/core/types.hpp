// types.hpp: a list of types.
#pragma once

#include <cstddef>

namespace kaon {

/// A list of types.
template <class... T>
struct types {
    /// How many.
    static constexpr std::size_t size = sizeof...(T);
};

/// A type, as a value of a metafunction.
template <class T>
struct as_type {
    /// The type.
    using type = T;
};

/// One list after the other.
template <class... A, class... B>
constexpr types<A..., B...> operator+(types<A...>, types<B...>) {
    return {};
}

}  // namespace kaon
