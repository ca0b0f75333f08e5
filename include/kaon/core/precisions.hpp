// precisions.hpp: the scalars of a network, given apart from it, and which of them is a layer's.
#pragma once

#include "option_kind.hpp"
#include "types.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Entries of a precision. Options: weights<>, bias<>, accumulator<>, result<>, and of layers with tables those of option.hpp.
/// The nearest entry counts: of a layer's position, else of its name, else of its kind, else by_default.
/// @{

/// The scalar of input number Index.
template <class Scalar, std::size_t Index = 0>
struct of_input {};
/// Of every layer.
template <class... Options>
struct by_default {};
/// Of all layers of the kind of Example, whatever their sizes: of_kind<relu, result<...>>, of_kind<dense<1>, weights<...>>.
template <class Example, class... Options>
struct of_kind {};
/// Of the layer named by Tag.
template <class Tag, class... Options>
struct of_layer {};
/// Of layer number Index, as layers are counted in compile-time errors: those of branches as they are written.
template <std::size_t Index, class... Options>
struct at_layer {};
/// @}

/// What quantize gives a network's layers. Each of weights<>, bias<>, accumulator<> and result<> that a layer takes must come from an
/// entry, and each option of each entry must reach a layer: else a compile-time error names it.
template <class... Entries>
struct precisions {};

/// An option that the layer takes, from some entry of the precision.
template <option_kind Kind>
struct expects_option;
/// A scalar from of_input<Scalar, Index>.
template <std::size_t Index>
struct expects_scalar_of_input;
/// A layer that this option of this entry reaches: one that it names, that takes the option, and that no nearer entry gives another.
struct expects_layer;
/// One of of_input, by_default, of_kind, of_layer and at_layer, with an option or more.
struct expects_entry;
/// One scalar an input.
struct expects_one_scalar;
/// Where: an option of an entry.
template <class Entry, class Option>
struct entry_option;

namespace detail {

constexpr bool equal_text(const char* a, const char* b) {
    while (*a != 0 && *a == *b) {
        ++a;
        ++b;
    }
    return *a == *b;
}

/// How near an entry is to a layer: 0, not at all; its options.
template <class Entry>
struct entry_traits {
    using options = types<>;
    template <std::size_t Index, class Layer>
    static constexpr int nearness = 0;
};
template <class... Options>
struct entry_traits<by_default<Options...>> {
    using options = types<Options...>;
    template <std::size_t Index, class Layer>
    static constexpr int nearness = 1;
};
template <class Example, class... Options>
struct entry_traits<of_kind<Example, Options...>> {
    using options = types<Options...>;
    template <std::size_t Index, class Layer>
    static constexpr int nearness = equal_text(Example::kind, Layer::kind) ? 2 : 0;
};
template <class Tag, class... Options>
struct entry_traits<of_layer<Tag, Options...>> {
    using options = types<Options...>;
    template <std::size_t Index, class Layer>
    static constexpr int nearness = std::is_same_v<Tag, typename Layer::tag> ? 3 : 0;
};
template <std::size_t At, class... Options>
struct entry_traits<at_layer<At, Options...>> {
    using options = types<Options...>;
    template <std::size_t Index, class Layer>
    static constexpr int nearness = At == Index ? 4 : 0;
};

/// An option, with the entry that it is from and how near that is.
template <int Nearness, class Entry, class Option>
struct candidate {
    using entry = Entry;
    using option = Option;
};
struct no_candidate {
    using entry = void;
    using option = void;
};

template <int Nearness, class Best, class Entry, option_kind Kind, class... Options>
struct nearest_in_entry {
    using type = Best;
};
template <int Nearness, class Best, class Entry, option_kind Kind, class Option, class... Rest>
struct nearest_in_entry<Nearness, Best, Entry, Kind, Option, Rest...>
    : std::conditional_t<kind_of_option<Option> == Kind, as_type<candidate<Nearness, Entry, Option>>,
                         nearest_in_entry<Nearness, Best, Entry, Kind, Rest...>> {};

template <class Candidate>
inline constexpr int nearness_of = 0;
template <int Nearness, class Entry, class Option>
inline constexpr int nearness_of<candidate<Nearness, Entry, Option>> = Nearness;

/// The nearest candidate of a kind for a layer; of equally near ones the first.
template <std::size_t Index, class Layer, option_kind Kind, class Best, class... Entries>
struct nearest_entry {
    using type = Best;
};
template <std::size_t Index, class Layer, option_kind Kind, class Best, class Entry, class... Rest>
struct nearest_entry<Index, Layer, Kind, Best, Entry, Rest...> {
    static constexpr int nearness = entry_traits<Entry>::template nearness<Index, Layer>;
    template <class... Options>
    static auto in(types<Options...>) -> typename nearest_in_entry<nearness, Best, Entry, Kind, Options...>::type;
    template <bool Nearer, class = void>
    struct better {
        using type = Best;
    };
    template <class Unused>
    struct better<true, Unused> {
        using type = decltype(in(typename entry_traits<Entry>::options{}));
    };
    using type =
        typename nearest_entry<Index, Layer, Kind, typename better<(nearness > nearness_of<Best>)>::type, Rest...>::type;
};

}  // namespace detail
}  // namespace kaon
