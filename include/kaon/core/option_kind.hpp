// option_kind.hpp: which options of precision a layer takes.
#pragma once

#include "option.hpp"

#include <type_traits>

namespace kaon {

namespace detail {

/// The option kinds that a layer takes: its `takes`, or none.
template <class Layer, class = void>
inline constexpr bool says_what_it_takes = false;
template <class Layer>
inline constexpr bool says_what_it_takes<Layer, std::enable_if_t<(sizeof(Layer::takes) > 0)>> = true;

template <class Layer, option_kind Kind>
constexpr bool takes_option() {
    if constexpr (says_what_it_takes<Layer>) {
        for (const option_kind kind : Layer::takes) {
            if (kind == Kind) return true;
        }
    }
    return false;
}

}  // namespace detail
}  // namespace kaon
