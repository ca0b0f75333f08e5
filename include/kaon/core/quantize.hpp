// quantize.hpp: the same layers on other scalars, which are given apart from the network.
#pragma once

#include "compose.hpp"
#include "layer_error.hpp"
#include "named_graph.hpp"
#include "network.hpp"
#include "precisions.hpp"
#include "types.hpp"
#include "with_options.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// Whoever names the functions has their errors reported, and stays well formed.
template <class... Functions>
constexpr bool shown(Functions...) {
    return true;
}

/// A layer with the options of its nearest entries.
template <std::size_t Index, class Layer, class... Entries>
struct quantized_layer {
    template <option_kind Kind>
    using candidate = typename nearest_entry<Index, Layer, Kind, no_candidate, Entries...>::type;
    template <option_kind Kind>
    static constexpr auto judge() {
        // The numbers in an activation's type have scalars of their own where no entry says others.
        constexpr bool must_come = takes_option<Layer, Kind>() && (Kind == option_kind::result || !Layer::pointwise);
        if constexpr (must_come && std::is_same_v<candidate<Kind>, no_candidate>) {
            return refused<expects_option<Kind>, got<>>{};
        } else {
            return accepted{};
        }
    }
    template <option_kind... Kinds>
    static constexpr bool asked_for() {
        return shown(&report<layer_number<Index, Layer>, decltype(judge<Kinds>())>::explain...);
    }
    template <option_kind Kind>
    static constexpr auto found() {
        if constexpr (takes_option<Layer, Kind>() && !std::is_same_v<candidate<Kind>, no_candidate>) {
            return types<candidate<Kind>>{};
        } else {
            return types<>{};
        }
    }
    template <std::size_t... Kinds>
    static constexpr auto all_found(std::index_sequence<Kinds...>) {
        return (types<>{} + ... + found<static_cast<option_kind>(Kinds)>());
    }
    /// What it took.
    using candidates = decltype(all_found(std::make_index_sequence<static_cast<std::size_t>(option_kind::none)>{}));
    template <class... Candidates>
    static auto options_of(types<Candidates...>) -> types<typename Candidates::option...>;
    static constexpr std::size_t next = Index + 1;
    static constexpr bool explained =
        asked_for<option_kind::weights, option_kind::bias, option_kind::accumulator, option_kind::result>();

    template <class Options>
    struct changed : with_options<Layer, Options> {};
    template <class Unused>
    struct unchanged : as_type<Layer> {};
    using options = decltype(options_of(candidates{}));
    using type = typename std::conditional_t<says_what_it_takes<Layer>, changed<options>, unchanged<options>>::type;
};

/// Layers of a composition, one after the other; done: those before, and what they took.
template <std::size_t Index, class Done, class Candidates, class Entries, class... Rest>
struct quantized_list {
    using layers = Done;
    using candidates = Candidates;
    static constexpr std::size_t next = Index;
};

template <std::size_t Index, class Entry, class Entries>
struct quantized_entry;

template <std::size_t Index, class... Done, class Candidates, class Entries, class First, class... Rest>
struct quantized_list<Index, types<Done...>, Candidates, Entries, First, Rest...>
    : quantized_list<quantized_entry<Index, First, Entries>::next,
                     types<Done..., typename quantized_entry<Index, First, Entries>::type>,
                     decltype(Candidates{} + typename quantized_entry<Index, First, Entries>::candidates{}), Entries,
                     Rest...> {};

template <std::size_t Index, class Layer, class... Entries>
struct quantized_entry<Index, Layer, types<Entries...>> : quantized_layer<Index, Layer, Entries...> {
    static_assert(quantized_layer<Index, Layer, Entries...>::explained);
};

template <template <class...> class Composition, std::size_t Index, class Entries, class... Layers>
struct quantized_composition {
    using list = quantized_list<Index, types<>, types<>, Entries, Layers...>;
    using candidates = typename list::candidates;
    static constexpr std::size_t next = list::next;
    using type = typename decltype(applied<Composition>(typename list::layers{}))::type;
};
template <std::size_t Index, class... Layers, class... Entries>
struct quantized_entry<Index, chain<Layers...>, types<Entries...>>
    : quantized_composition<chain, Index, types<Entries...>, Layers...> {};
template <std::size_t Index, class... Layers, class... Entries>
struct quantized_entry<Index, parallel<Layers...>, types<Entries...>>
    : quantized_composition<parallel, Index, types<Entries...>, Layers...> {};
template <std::size_t Index, class Name, class Layer, class... Reads, class... Entries>
struct quantized_entry<Index, node<Name, Layer, Reads...>, types<Entries...>> {
    using quantized = quantized_entry<Index, Layer, types<Entries...>>;
    using candidates = typename quantized::candidates;
    static constexpr std::size_t next = quantized::next;
    using type = node<Name, typename quantized::type, Reads...>;
};
template <std::size_t Index, class Gives, class... Nodes, class... Entries>
struct quantized_entry<Index, named_graph<Gives, Nodes...>, types<Entries...>> {
    using list = quantized_list<Index, types<>, types<>, types<Entries...>, Nodes...>;
    using candidates = typename list::candidates;
    static constexpr std::size_t next = list::next;
    template <class... Layers>
    static auto graph(types<Layers...>) -> named_graph<Gives, Layers...>;
    using type = decltype(graph(typename list::layers{}));
};

/// The scalar of input Index among the entries, or void.
template <std::size_t Index, class... Entries>
struct scalar_of_input : as_type<void> {};
template <std::size_t Index, class Scalar, class... Rest>
struct scalar_of_input<Index, of_input<Scalar, Index>, Rest...> : as_type<Scalar> {};
template <std::size_t Index, class Entry, class... Rest>
struct scalar_of_input<Index, Entry, Rest...> : scalar_of_input<Index, Rest...> {};

/// Integers stay: they number things.
template <std::size_t Index, class Input, class... Entries>
struct quantized_input {
    using scalar = typename scalar_of_input<Index, Entries...>::type;
    static constexpr bool integers = std::is_integral_v<typename Input::type::scalar>;
    using verdict = std::conditional_t<
        std::is_void_v<scalar> && !integers, refused<expects_scalar_of_input<Index>, got<Input>>,
        std::conditional_t<!std::is_void_v<scalar> && integers, refused<expects_float, got<Input>>, accepted>>;
    static constexpr auto* explained = &report<of_input<scalar, Index>, verdict>::explain;
    template <bool Changes, class = void>
    struct changed : as_type<Input> {};
    template <class Unused>
    struct changed<true, Unused> : as_type<typename Input::template rebind<scalar>> {};
    using type = typename changed<!std::is_void_v<scalar> && !integers && explained != nullptr>::type;
};
template <class Input, class Entries>
struct quantized_inputs;
template <class Scalar, auto... Extents, class... Entries>
struct quantized_inputs<input<Scalar, Extents...>, types<Entries...>> {
    static constexpr std::size_t count = 1;
    using type = typename quantized_input<0, input<Scalar, Extents...>, Entries...>::type;
};
template <class... Inputs, class... Entries>
struct quantized_inputs<inputs<Inputs...>, types<Entries...>> {
    static constexpr std::size_t count = sizeof...(Inputs);
    template <std::size_t... I>
    static auto all(std::index_sequence<I...>) -> inputs<typename quantized_input<I, Inputs, Entries...>::type...>;
    using type = decltype(all(std::index_sequence_for<Inputs...>{}));
};

/// How many entries give a scalar to input number Index.
template <std::size_t Index, class... Entries>
inline constexpr std::size_t scalars_of_input = 0;
template <std::size_t Index, class Entry, class... Rest>
inline constexpr std::size_t scalars_of_input<Index, Entry, Rest...> = scalars_of_input<Index, Rest...>;
template <std::size_t Index, class Scalar, class... Rest>
inline constexpr std::size_t scalars_of_input<Index, of_input<Scalar, Index>, Rest...> =
    1 + scalars_of_input<Index, Rest...>;

/// Each option of each entry must have reached a layer, or an input.
template <class Entry, class Candidates, std::size_t Inputs, class... Entries>
struct entry_check;
template <class Entry, class... Candidates, std::size_t Inputs, class... Entries>
struct entry_check<Entry, types<Candidates...>, Inputs, Entries...> {
    template <class Option>
    static constexpr bool reached = ((std::is_same_v<Entry, typename Candidates::entry> &&
                                      std::is_same_v<Option, typename Candidates::option>) ||
                                     ... || false);
    template <class... Options>
    static constexpr bool explain(types<Options...>) {
        using verdict = std::conditional_t<(sizeof...(Options) > 0), accepted, refused<expects_entry, got<Entry>>>;
        return shown(&report<Entry, verdict>::explain,
                     &report<entry_option<Entry, Options>,
                             std::conditional_t<reached<Options>, accepted, refused<expects_layer, got<>>>>::explain...);
    }
    static constexpr bool explained = explain(typename entry_traits<Entry>::options{});
};
template <class Scalar, std::size_t Index, class... Candidates, std::size_t Inputs, class... Entries>
struct entry_check<of_input<Scalar, Index>, types<Candidates...>, Inputs, Entries...> {
    using placed = std::conditional_t<(Index < Inputs), accepted, refused<expects_tensors<Index + 1>, got<shape<Inputs>>>>;
    /// Said once, of the first one.
    static constexpr bool repeated =
        scalars_of_input<Index, Entries...> > 1 && std::is_same_v<Scalar, typename scalar_of_input<Index, Entries...>::type>;
    using alone = std::conditional_t<repeated, refused<expects_one_scalar, got<Scalar>>, accepted>;
    static constexpr bool explained =
        shown(&report<of_input<Scalar, Index>, placed>::explain, &report<of_input<Scalar, Index>, alone>::explain);
};

template <class Network, class Precisions>
struct quantized_network;
template <class Input, class... Layers, class... Entries>
struct quantized_network<network<Input, Layers...>, precisions<Entries...>> {
    using list = quantized_list<0, types<>, types<>, types<Entries...>, Layers...>;
    using inputs = quantized_inputs<Input, types<Entries...>>;
    static_assert((entry_check<Entries, typename list::candidates, inputs::count, Entries...>::explained && ... && true));
    template <class... Quantized>
    static auto all(types<Quantized...>) -> network<typename inputs::type, Quantized...>;
    using type = decltype(all(typename list::layers{}));
};

}  // namespace detail

/// Network with the scalars of Precisions, a precisions<...>: the same layers, shapes and names.
template <class Network, class Precisions>
using quantize = typename detail::quantized_network<Network, Precisions>::type;

}  // namespace kaon
