// aggregate.hpp: a plain aggregate of one member for each type, reached by position.
#pragma once

#include <cstddef>
#include <utility>

namespace kaon {

/// One member of an aggregate; the position keeps equal types apart.
template <std::size_t Position, class Value>
struct slot {
    /// The member.
    Value value;
};

template <class Positions, class... Values>
struct slots;

template <std::size_t... I, class... Values>
struct slots<std::index_sequence<I...>, Values...> : slot<I, Values>... {};

/// Brace form: {{{first}}, {{second}}, ...}. Trivially copyable where its members are.
template <class... Values>
using aggregate = slots<std::index_sequence_for<Values...>, Values...>;

/// Member I.
template <std::size_t I, class Value>
constexpr Value& get(slot<I, Value>& member) noexcept {
    return member.value;
}

/// Member I.
template <std::size_t I, class Value>
constexpr const Value& get(const slot<I, Value>& member) noexcept {
    return member.value;
}

/// The member of a layer that has nothing to hold.
struct nothing {};

}  // namespace kaon
