// layer_error.hpp: compile-time errors that name the layer, what it expects and what it got.
#pragma once

#include <cstddef>

namespace kaon {

/// Where: position among the network's layers, those of branches counted as they are written, and the layer as written.
template <std::size_t Index, class Layer>
struct layer_number;

template <std::size_t Rank>
struct expects_rank;

/// A float, or packs of floats.
struct expects_float;

/// One tensor, not several side by side: put concat, add or multiply before.
struct expects_one_tensor;

/// Several tensors, as parallel<...> gives or inputs<...> are.
struct expects_several_tensors;

struct expects_equal_shapes;

struct expects_equal_scalars;

/// An accumulator that wraps: in one that saturates the result depends on the order of the products.
struct expects_wrapping_accumulator;

/// accumulator<...>: sums that have no exact format.
struct expects_accumulator;

/// std::ratio<a, b>, not negative, whose terms over a table's step are below 2^61.
struct expects_ratio;

/// That many tensors side by side, or more.
template <std::size_t Count>
struct expects_tensors;

/// A layer of that name, with parameters of the same type.
template <class Tag>
struct expects_parameters_of;

/// A fixed outermost extent, not up_to<N>.
struct expects_fixed_extents;

struct expects_outputs;

/// That many values or more.
template <std::size_t Size>
struct expects_size;

/// Exactly that many values.
template <std::size_t Size>
struct expects_values;

/// An integer type: numbers of categories.
struct expects_integers;

/// A name that no other layer with parameters has: weights are found by it.
struct expects_another_name;

/// A lower bound that is not above the upper one.
struct expects_ordered_bounds;

/// fixed<...> or ufixed<...>.
struct expects_fixed_point;

/// A table of 2, 4, 8, ... 65,536 entries.
struct expects_table_size;

/// A table's scalar of 48 bits or less.
struct expects_table_scalar;

/// A scalar that saturates: e^x of these inputs is so large that its low bits, which are what a wrapping one keeps, are not computed.
struct expects_saturating_table;

/// table_values<array>.
struct expects_table_values;

/// A table of 2^bits entries for a scalar of so many bits, up to 16.
struct expects_entry_for_each_value;

template <class... What>
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
