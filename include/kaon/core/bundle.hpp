// bundle.hpp: several values side by side: what a network with several inputs takes, and what parallel branches give.
#pragma once

#include "aggregate.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Values by position: get<0>(b), get<1>(b), ... Brace form: {{{first}, {second}}}.
template <class... Values>
struct bundle : aggregate<Values...> {
    /// How many values.
    static constexpr std::size_t count = sizeof...(Values);
};

/// Whether a value is a bundle.
template <class Value>
inline constexpr bool is_bundle = false;
template <class... Values>
inline constexpr bool is_bundle<bundle<Values...>> = true;

}  // namespace kaon
