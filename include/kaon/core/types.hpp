// types.hpp: a list of types.
#pragma once

#include <cstddef>

namespace kaon {

template <class... T>
struct types {
    static constexpr std::size_t size = sizeof...(T);
};

/// A type, as a value of a metafunction.
template <class T>
struct as_type {
    using type = T;
};

template <class... A, class... B>
constexpr types<A..., B...> operator+(types<A...>, types<B...>) {
    return {};
}

}  // namespace kaon
