// layout.hpp: where each layer's parameters and state lie in the network's.
#pragma once

#include "aggregate.hpp"
#include "layer_error.hpp"
#include "types.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// The layers for which Keep::of<Layer> holds.
template <class Keep, class... Leaves>
using filtered = decltype((types<>{} + ... + std::conditional_t<Keep::template of<Leaves>, types<Leaves>, types<>>{}));

struct with_parameters {
    template <class Leaf>
    static constexpr bool of = Leaf::owns_parameters;
};
struct with_state {
    template <class Leaf>
    static constexpr bool of = Leaf::has_state;
};

template <class Owners>
struct parameter_slots;
template <class... Owners>
struct parameter_slots<types<Owners...>> {
    using parameters = aggregate<typename Owners::bound::parameters...>;
    template <class Target>
    using constants = aggregate<typename Owners::bound::template constants<Target>...>;

    template <class Target>
    static constexpr constants<Target> repack(const parameters& p) {
        return repack<Target>(p, std::index_sequence_for<Owners...>{});
    }

private:
    template <class Target, std::size_t... I>
    static constexpr constants<Target> repack([[maybe_unused]] const parameters& p, std::index_sequence<I...>) {
        return {{Owners::bound::template repack<Target>(get<I>(p))}...};
    }
};

template <class Stateful>
struct state_slots;
template <class... Stateful>
struct state_slots<types<Stateful...>> {
    using type = aggregate<typename Stateful::state...>;
};

template <class Leaves>
struct layout;
template <class... Leaves>
struct layout<types<Leaves...>> {
    using owners = filtered<with_parameters, Leaves...>;
    using slots = parameter_slots<owners>;
    using stateful = filtered<with_state, Leaves...>;
    using state = typename state_slots<stateful>::type;

    /// Slot of a layer's parameters: its own, or those of the layer that it names.
    template <class Leaf>
    static constexpr std::size_t parameter_slot() {
        constexpr bool owns[] = {Leaves::owns_parameters...};
        return before<owner_of<Leaf>()>(owns);
    }
    template <class Leaf>
    static constexpr std::size_t state_slot() {
        constexpr bool has[] = {Leaves::has_state...};
        return before<Leaf::index>(has);
    }

private:
    template <class Leaf>
    static constexpr std::size_t owner_of() {
        if constexpr (Leaf::owns_parameters) {
            return Leaf::index;
        } else {
            constexpr bool matches[] = {lends<Leaves, Leaf>()...};
            std::size_t owner = 0;
            while (owner < sizeof...(Leaves) && !matches[owner]) ++owner;
            return owner;
        }
    }
    template <class Owner, class Leaf>
    static constexpr bool lends() {
        if constexpr (Owner::owns_parameters) {
            return std::is_same_v<typename Owner::layer::tag, typename Leaf::shares> &&
                   std::is_same_v<typename Owner::bound::parameters, typename Leaf::bound::parameters>;
        } else {
            return false;
        }
    }
    template <std::size_t Count, std::size_t N>
    static constexpr std::size_t before(const bool (&flags)[N]) {
        std::size_t slot = 0;
        for (std::size_t i = 0; i < Count && i < N; ++i) slot += flags[i] ? 1 : 0;
        return slot;
    }

    template <class... Functions>
    static constexpr bool named(Functions...) {
        return true;
    }
    template <class Leaf, class Other>
    static constexpr bool has_name_of() {
        if constexpr (Leaf::owns_parameters && Other::owns_parameters && Other::index < Leaf::index) {
            return !std::is_void_v<typename Leaf::layer::tag> &&
                   std::is_same_v<typename Leaf::layer::tag, typename Other::layer::tag>;
        } else {
            return false;
        }
    }
    template <class Leaf>
    static constexpr bool repeats_name() {
        return (has_name_of<Leaf, Leaves>() || ...);
    }
    template <class Leaf>
    static constexpr auto parameters_verdict() {
        if constexpr (repeats_name<Leaf>()) {
            return refused<expects_another_name, got<typename Leaf::layer::tag>>{};
        } else if constexpr (std::is_void_v<typename Leaf::shares> || !Leaf::has_parameters) {
            return accepted{};
        } else if constexpr (owner_of<Leaf>() < sizeof...(Leaves)) {
            return accepted{};
        } else {
            return refused<expects_parameters_of<typename Leaf::shares>, got<typename Leaf::bound::parameters>>{};
        }
    }

public:
    /// Naming this reports layers that share parameters which no layer has, or that have the name of another.
    static constexpr bool explained = named(
        &report<layer_number<Leaves::index, typename Leaves::layer>, decltype(parameters_verdict<Leaves>())>::explain...);
};

}  // namespace detail
}  // namespace kaon
