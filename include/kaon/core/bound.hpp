// bound.hpp: layers given their input: shapes inferred from the input on, errors reported where they stand.
#pragma once

#include "aggregate.hpp"
#include "layer_error.hpp"
#include "tensor.hpp"

#include <boost/hana/fold_left.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// What a layer gives that refused its input: whatever reads it is accepted, so that one mistake is one error.
struct unknown : tensor<float, shape<1>> {};

struct fallback {
    using output = unknown;
    using parameters = void;
    static constexpr std::size_t multiplications = 0;
    static constexpr std::size_t parameter_count = 0;
};

template <class Layer, class Input>
struct verdict_of {
    using type = typename Layer::template verdict<Input>;
};
template <class Layer>
struct verdict_of<Layer, unknown> {
    using type = nothing;
};

template <class Layer, class Input, class Verdict>
struct bind_checked {
    using type = fallback;
};
template <class Layer, class Input>
struct bind_checked<Layer, Input, accepted> {
    using type = typename Layer::template bind<Input>;
};

/// A layer with its place and its input.
template <std::size_t Index, class Layer, class Input>
struct bound_layer {
    using layer = Layer;
    using input = Input;
    using verdict = typename verdict_of<Layer, Input>::type;
    static constexpr auto* explained = &report<layer_number<Index, Layer>, verdict>::explain;
    using bound = typename bind_checked<Layer, Input, verdict>::type;
    using output = typename bound::output;
    static constexpr bool has_parameters = !std::is_void_v<typename bound::parameters>;
};

/// The layers bound so far and what the last of them gives.
template <class Output, class... Bound>
struct bound_layers {
    using output = Output;
    template <class Layer>
    using append = bound_layers<typename bound_layer<sizeof...(Bound), Layer, Output>::output, Bound...,
                                bound_layer<sizeof...(Bound), Layer, Output>>;
    using list = boost::hana::tuple<boost::hana::type<Bound>...>;
    static constexpr std::size_t multiplications = (std::size_t{0} + ... + Bound::bound::multiplications);
    static constexpr std::size_t parameters = (std::size_t{0} + ... + Bound::bound::parameter_count);
    /// Bytes of the tensors between layers, for one event.
    static constexpr std::size_t stack_bytes = (std::size_t{0} + ... + (Bound::layer::pointwise ? 0 : sizeof(typename Bound::output)));
};

struct append_layer {
    template <class Done, class Layer>
    constexpr auto operator()(Done, Layer) const {
        return boost::hana::type_c<typename Done::type::template append<typename Layer::type>>;
    }
};

template <class Input, class... Layers>
using bind_layers = typename decltype(boost::hana::fold_left(boost::hana::tuple<boost::hana::type<Layers>...>{},
                                                             boost::hana::type_c<bound_layers<Input>>,
                                                             append_layer{}))::type;

}  // namespace detail
}  // namespace kaon
