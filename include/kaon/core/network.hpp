// network.hpp: the composition of layers, as a type.
#pragma once

#include "bound.hpp"
#include "input.hpp"
#include "layout.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

template <class... Leaves>
constexpr std::size_t multiplications(types<Leaves...>) {
    return (std::size_t{0} + ... + Leaves::bound::multiplications);
}
template <class... Owners>
constexpr std::size_t parameter_count(types<Owners...>) {
    return (std::size_t{0} + ... + Owners::bound::parameter_count);
}

}  // namespace detail

/// A chain of layers on an input (input<...>, or inputs<...> for several). Shapes are inferred; `output` is what the last
/// layer gives: a tensor, or a bundle of tensors where it is parallel<...>.
template <class Input, class... Layers>
struct network {
    static_assert(sizeof...(Layers) > 0, "kaon: a network has at least one layer after its input");
    /// What a call takes: a tensor, or a bundle of tensors.
    using input = typename Input::type;
    /// The layers given their inputs, and where their parameters and states lie: for what builds on networks.
    /// @{
    using bound = typename detail::bind_entry<0, chain<Layers...>, input>::type;
    using layout = detail::layout<typename bound::leaves>;
    /// @}

    /// What a call gives: a tensor, or a bundle of tensors.
    using output = typename bound::output;
    static_assert(layout::explained);

    /// One slot for each layer that has parameters of its own, in the order in which the layers are written.
    using parameters = typename layout::slots::parameters;
    /// One slot for each layer that has a state; it begins as `state{}`.
    using state = typename layout::state;
    /// Whether a call takes a state.
    static constexpr bool has_state = layout::stateful::size > 0;

    /// For one event.
    struct cost {
        /// Numbers multiplied, and parameters, shared ones counted once.
        /// @{
        static constexpr std::size_t multiplications = detail::multiplications(typename bound::leaves{});
        static constexpr std::size_t parameters = detail::parameter_count(typename layout::owners{});
        /// @}

        /// Bytes of all tensors between layers: an upper bound of what a call takes of the stack.
        static constexpr std::size_t stack_bytes = bound::stack_bytes;
    };
};

namespace detail {

template <class Network, class Scalar>
struct rebind_scalar;
template <class Input, class... Layers, class Scalar>
struct rebind_scalar<network<Input, Layers...>, Scalar> {
    using type = network<typename Input::template rebind<Scalar>, Layers...>;
};

/// Its layers bound to the other scalar, whether they accept it or not: nothing is reported.
template <class Network, class Scalar>
struct rebind_input;
template <class Input, class... Layers, class Scalar>
struct rebind_input<network<Input, Layers...>, Scalar> {
    using bound = typename bind_entry<0, chain<Layers...>, typename Input::template rebind<Scalar>::type>::type;
};

}  // namespace detail

/// The same layers on another scalar: rebind_scalar<Net, pack<float, 16>> runs sixteen events at once.
template <class Network, class Scalar>
using rebind_scalar = typename detail::rebind_scalar<Network, Scalar>::type;

}  // namespace kaon
