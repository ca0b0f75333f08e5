// layer_error.hpp: compile-time errors that name the layer, what it expects and what it got.
#pragma once

#include <cstddef>

namespace kaon {

/// Where: position in the network (the input is not counted) and the layer as it was written.
template <std::size_t Index, class Layer>
struct layer_number;

template <std::size_t Rank>
struct expects_rank;

struct expects_floating_point;

template <class What>
struct got;

/// Declared and never defined: naming it as incomplete is the error, and its arguments are the message. Every compiler
/// prints them on the line that says `error:`.
template <class Where, class Expects, class Got>
struct layer_error;

/// The verdict of a layer that accepts its input.
struct accepted {};

/// The verdict of a layer that does not: turned into layer_error once, by the network, which knows where the layer stands.
template <class Expects, class Got>
struct refused {};

namespace detail {

template <class Where, class Verdict>
struct report {
    static constexpr void explain() {}
};

template <class Where, class Expects, class Got>
struct report<Where, refused<Expects, Got>> {
    // In the body of a function: whoever takes its address stays well formed, so that nothing follows this error.
    static constexpr void explain() { (void)sizeof(layer_error<Where, Expects, Got>); }
};

}  // namespace detail
}  // namespace kaon
