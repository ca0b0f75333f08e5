// bound.hpp: layers given their input: shapes and scalars inferred from the input on, errors reported where they stand.
#pragma once

#include "bundle.hpp"
#include "compose.hpp"
#include "layer_error.hpp"
#include "tensor.hpp"
#include "types.hpp"

#include <boost/hana/fold_left.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// What a layer gives that refused its input: whatever reads it is accepted, so that one mistake is one error.
struct unknown : tensor<float, shape<1>> {};

template <class Value>
inline constexpr bool is_unknown = std::is_same_v<Value, unknown>;
template <class... Values>
inline constexpr bool is_unknown<bundle<Values...>> = (is_unknown<Values> || ...);

struct fallback {
    using output = unknown;
    using parameters = void;
    static constexpr std::size_t multiplications = 0;
    static constexpr std::size_t parameter_count = 0;
};

/// Layers that read several tensors say so: `static constexpr bool merges = true`.
template <class Layer, class = void>
inline constexpr bool merges = false;
template <class Layer>
inline constexpr bool merges<Layer, std::enable_if_t<Layer::merges>> = true;

template <class Layer, class Input, class = void>
struct verdict_of {
    using type = typename Layer::template verdict<Input>;
};
template <class Layer, class Input>
struct verdict_of<Layer, Input, std::enable_if_t<is_unknown<Input>>> {
    using type = nothing;
};
template <class Layer, class... Values>
struct verdict_of<Layer, bundle<Values...>, std::enable_if_t<!is_unknown<bundle<Values...>> && !merges<Layer>>> {
    using type = refused<expects_one_tensor, got<typename Values::extents...>>;
};
template <class Layer, class Input>
struct verdict_of<Layer, Input, std::enable_if_t<!is_unknown<Input> && !is_bundle<Input> && merges<Layer>>> {
    using type = refused<expects_several_tensors, got<typename Input::extents>>;
};

template <class Layer, class Input, class Verdict>
struct bind_checked {
    using type = fallback;
};
template <class Layer, class Input>
struct bind_checked<Layer, Input, accepted> {
    using type = typename Layer::template bind<Input>;
};

template <class Bound, class = void>
struct state_of {
    using type = void;
};
template <class Bound>
struct state_of<Bound, std::void_t<typename Bound::state>> {
    using type = typename Bound::state;
};

template <class Layer, class = void>
struct shared_of {
    using type = void;
};
template <class Layer>
struct shared_of<Layer, std::void_t<typename Layer::shares>> {
    using type = typename Layer::shares;
};

/// Layers that leave the values as they are say so: `static constexpr bool is_view = true`.
template <class Layer, class = void>
inline constexpr bool is_view = false;
template <class Layer>
inline constexpr bool is_view<Layer, std::enable_if_t<Layer::is_view>> = true;

/// A layer with its place among the network's layers and its input.
template <std::size_t Index, class Layer, class Input>
struct bound_layer {
    using layer = Layer;
    using input = Input;
    using verdict = typename verdict_of<Layer, Input>::type;
    static constexpr auto* explained = &report<layer_number<Index, Layer>, verdict>::explain;
    using bound = typename bind_checked<Layer, Input, verdict>::type;
    using output = typename bound::output;
    using state = typename state_of<bound>::type;
    /// The tag of the layer whose parameters this one uses, or void.
    using shares = typename shared_of<Layer>::type;
    using leaves = types<bound_layer>;

    static constexpr std::size_t index = Index;
    static constexpr bool pointwise = Layer::pointwise;
    static constexpr bool view = is_view<Layer>;
    static constexpr bool has_parameters = !std::is_void_v<typename bound::parameters>;
    static constexpr bool owns_parameters = has_parameters && std::is_void_v<shares>;
    static constexpr bool has_state = !std::is_void_v<state>;
    /// Bytes of the tensors that it holds beside its output, for one event.
    static constexpr std::size_t stack_bytes = 0;
};

template <class First, class... Rest>
struct last_of : last_of<Rest...> {};
template <class Last>
struct last_of<Last> {
    using type = Last;
};

/// Layers one after the other; the nodes bound so far. First: how many layers stand before.
template <std::size_t First, class Input, class... Nodes>
struct bound_chain {
    using input = Input;
    using output = typename last_of<bound_chain<First, Input>, Nodes...>::type::output;
    using nodes = types<Nodes...>;
    using leaves = decltype((types<>{} + ... + typename Nodes::leaves{}));

    static constexpr bool pointwise = false;
    static constexpr bool view = false;
    static constexpr std::size_t next = First + leaves::size;
    static constexpr std::size_t stack_bytes =
        (std::size_t{0} + ... + (Nodes::stack_bytes + (Nodes::pointwise ? 0 : sizeof(typename Nodes::output))));
};
template <std::size_t First, class Input>
struct bound_chain<First, Input> {
    using output = Input;
    using nodes = types<>;
    using leaves = types<>;
    static constexpr std::size_t next = First;
};

/// Branches side by side on one input.
template <class Input, class... Nodes>
struct bound_parallel {
    using input = Input;
    using output = bundle<typename Nodes::output...>;
    using nodes = types<Nodes...>;
    using leaves = decltype((types<>{} + ... + typename Nodes::leaves{}));

    static constexpr bool pointwise = false;
    static constexpr bool view = false;
    static constexpr std::size_t stack_bytes = (std::size_t{0} + ... + Nodes::stack_bytes);
};

/// Binds one entry of a network's list: a layer, a chain, or branches.
template <std::size_t First, class Entry, class Input>
struct bind_entry {
    using type = bound_layer<First, Entry, Input>;
};

struct append_entry {
    template <std::size_t First, class Input, class... Nodes, class Entry>
    constexpr auto operator()(boost::hana::basic_type<bound_chain<First, Input, Nodes...>>, Entry) const {
        using done = bound_chain<First, Input, Nodes...>;
        return boost::hana::type_c<bound_chain<
            First, Input, Nodes..., typename bind_entry<done::next, typename Entry::type, typename done::output>::type>>;
    }
};

template <std::size_t First, class... Entries, class Input>
struct bind_entry<First, chain<Entries...>, Input> {
    using type =
        typename decltype(boost::hana::fold_left(boost::hana::tuple<boost::hana::type<Entries>...>{},
                                                 boost::hana::type_c<bound_chain<First, Input>>, append_entry{}))::type;
};

/// Branches bound so far and how many layers stand before the next.
template <std::size_t Next, class Input, class... Nodes>
struct branches {
    using parallel = bound_parallel<Input, Nodes...>;
};

struct append_to_branches {
    template <std::size_t Next, class Input, class... Nodes, class Branch>
    constexpr auto operator()(boost::hana::basic_type<branches<Next, Input, Nodes...>>, Branch) const {
        using node = typename bind_entry<Next, typename Branch::type, Input>::type;
        return boost::hana::type_c<branches<Next + node::leaves::size, Input, Nodes..., node>>;
    }
};

template <std::size_t First, class... Branches, class Input>
struct bind_entry<First, parallel<Branches...>, Input> {
    using type = typename decltype(boost::hana::fold_left(boost::hana::tuple<boost::hana::type<Branches>...>{},
                                                          boost::hana::type_c<branches<First, Input>>,
                                                          append_to_branches{}))::type::parallel;
};

}  // namespace detail
}  // namespace kaon
