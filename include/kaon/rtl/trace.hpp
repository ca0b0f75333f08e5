// trace.hpp: records a network: its own nests, run once on traced scalars.
#pragma once

#include "record.hpp"
#include "traced.hpp"

#include "../core/model.hpp"
#include "../core/network.hpp"
#include "../layers/dense.hpp"
#include "../simd/target.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace kaon {
namespace rtl {
namespace detail {

template <class Input>
struct traced_input {
    static_assert(sizeof(Input) == 0, "kaon: only networks on fixed-point inputs of fixed extents are traced");
};
template <int W, int I, bool S, rounding_mode Q, overflow_mode O, std::size_t... Extents>
struct traced_input<tensor<basic_fixed<W, I, S, Q, O>, shape<Extents...>>> {
    using type = input<traced<basic_fixed<W, I, S, Q, O>>, Extents...>;
};
template <class... Values>
struct traced_input<bundle<Values...>> {
    using type = inputs<typename traced_input<Values>::type...>;
};

template <class Network>
struct on_wires;
template <class Input, class... Layers>
struct on_wires<network<Input, Layers...>> {
    using type = network<typename traced_input<typename Input::type>::type, Layers...>;
};

/// Calls visit(value, prefix) for a tensor, as prefix "x", or for each tensor of a bundle, as "x0", "x1", ...
template <class Tensor, class Visit>
void for_each_tensor(Tensor& value, const std::string& prefix, const Visit& visit) {
    visit(value, prefix);
}
template <class Values, class Visit, std::size_t... I>
void for_each_tensor(Values& values, const std::string& prefix, const Visit& visit, std::index_sequence<I...>) {
    (for_each_tensor(get<I>(values), prefix + std::to_string(I), visit), ...);
}
template <class... Values, class Visit>
void for_each_tensor(bundle<Values...>& values, const std::string& prefix, const Visit& visit) {
    for_each_tensor(values, prefix, visit, std::index_sequence_for<Values...>{});
}

template <class Model, class Tensor>
auto called(const Model& m, const Tensor& x) {
    return m(x);
}
template <class Model, class Values, std::size_t... I>
auto called(const Model& m, const Values& x, std::index_sequence<I...>) {
    return m(get<I>(x)...);
}
template <class Model, class... Values>
auto called(const Model& m, const bundle<Values...>& x) {
    return called(m, x, std::index_sequence_for<Values...>{});
}

}  // namespace detail

/// The network on traced scalars, each input on its own.
template <class Network>
using on_wires = typename detail::on_wires<Network>::type;

/// The record of a fixed-point network with these parameters. Inputs are named x_0, x_1, ... by position in C order, outputs
/// y_0, ...; of several tensors x0_0, ..., x1_0, ...
template <class Network>
record trace(const typename Network::parameters& parameters) {
    using network = on_wires<Network>;
    static_assert(std::is_same_v<typename network::parameters, typename Network::parameters>,
                  "kaon: tracing keeps a network's parameters as they are");
    static_assert(!Network::has_state, "kaon: a network with a state is not traced");
    record r;
    const recording to(r);
    const auto m = std::make_unique<const model<network, cpu<scalar_isa>>>(parameters);

    const auto x = std::make_unique<typename network::input>();
    detail::for_each_tensor(*x, "x", [&](auto& tensor, const std::string& name) {
        using wire = typename std::decay_t<decltype(tensor)>::scalar;
        for (std::size_t i = 0; i < tensor.size; ++i) {
            const std::string port_name = name + "_" + std::to_string(i);
            tensor[i] = wire::from_id(r.input(port_name, wire_format_of<typename wire::parameter_type>));
        }
    });
    auto y = detail::called(*m, *x);
    detail::for_each_tensor(y, "y", [&](auto& tensor, const std::string& name) {
        for (std::size_t i = 0; i < tensor.size; ++i) r.output(name + "_" + std::to_string(i), tensor[i].id());
    });
    return r;
}

}  // namespace rtl
}  // namespace kaon
