// named_graph.hpp: layers that read values by name, for what chain and parallel do not nest.
#pragma once

#include "bound.hpp"
#include "layer_error.hpp"
#include "types.hpp"

#include <boost/hana/fold_left.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kaon {

/// What the graph itself reads: its input, or number I of several.
template <std::size_t I>
struct from_input {};

/// One value of a graph: Layer (a layer, a chain, or parallel) on the values named by Reads, side by side where there are
/// several. Name: any type; it may be the layer's tag.
template <class Name, class Layer, class... Reads>
struct node {};

/// Names of the values that a graph gives; several become a bundle.
template <class... Names>
struct gives {};

/// Nodes in an order in which each reads only `from_input<I>` and nodes before it:
///
///     named_graph<gives<sum>, node<a, dense<8>, from_input<0>>, node<b, dense<8>, from_input<1>>, node<sum, add, a, b>>
template <class Gives, class... Nodes>
struct named_graph;

/// The name of a node before, or `from_input<I>` of as many inputs as there are.
template <class Name>
struct expects_value_named;

/// A name that no other node of the graph has.
struct expects_another_node_name;

namespace detail {

template <class Layer>
struct as_chain {
    using type = chain<Layer>;
};
template <class... Layers>
struct as_chain<chain<Layers...>> {
    using type = chain<Layers...>;
};

/// A node that was bound. Bound: of its layers, on what it reads.
template <class Name, class Bound, class... Reads>
struct bound_node {
    using name = Name;
    using bound = Bound;
    using output = typename Bound::output;
    using reads = types<Reads...>;
    template <class Other>
    static constexpr bool reads_value = (std::is_same_v<Reads, Other> || ... || false);
};

/// Type of what a node gives; unknown where there is none of that name.
template <class Name, class... Nodes>
struct given_by {
    using type = unknown;
};
template <class Name, class First, class... Rest>
struct given_by<Name, First, Rest...> : std::conditional_t<std::is_same_v<Name, typename First::name>,
                                                           as_type<typename First::output>, given_by<Name, Rest...>> {};

/// Type of a value among the input and nodes.
template <class Input, class Name, class... Nodes>
struct value_named : given_by<Name, Nodes...> {};
template <class Input, std::size_t I, class... Nodes>
struct value_named<Input, from_input<I>, Nodes...> : as_type<std::conditional_t<I == 0, Input, unknown>> {};
template <class... Inputs, std::size_t I, class... Nodes>
struct value_named<bundle<Inputs...>, from_input<I>, Nodes...>
    : as_type<std::tuple_element_t<(I < sizeof...(Inputs) ? I : sizeof...(Inputs)), std::tuple<Inputs..., unknown>>> {};

template <class... Values>
struct joined_values {
    using type = bundle<Values...>;
};
template <class Value>
struct joined_values<Value> {
    using type = Value;
};

/// Nodes bound so far. First: how many layers stand before the graph.
template <std::size_t First, class Input, class... Nodes>
struct graph_nodes {
    static constexpr std::size_t next = First + (std::size_t{0} + ... + Nodes::bound::leaves::size);
    template <class Name>
    using value = typename value_named<Input, Name, Nodes...>::type;
    template <class Name>
    static constexpr bool has =
        is_unknown<Input> || !std::is_same_v<value<Name>, unknown> || (std::is_same_v<Name, typename Nodes::name> || ...);
    template <class Name>
    static constexpr bool taken = (std::is_same_v<Name, typename Nodes::name> || ... || false);

    /// The verdict on names: each is one of those that stand before.
    template <class... Names>
    static constexpr auto judge() {
        return judge_first<Names...>();
    }

private:
    template <class Name, class... Rest>
    static constexpr auto judge_first() {
        if constexpr (!has<Name>) {
            return refused<expects_value_named<Name>, got<typename Nodes::name...>>{};
        } else if constexpr (sizeof...(Rest) == 0) {
            return accepted{};
        } else {
            return judge_first<Rest...>();
        }
    }
};

template <class Nodes, class Node>
struct bind_node;
template <std::size_t First, class Input, class... Nodes, class Name, class Layer, class... Reads>
struct bind_node<graph_nodes<First, Input, Nodes...>, node<Name, Layer, Reads...>> {
    using before = graph_nodes<First, Input, Nodes...>;
    static_assert(sizeof...(Reads) > 0, "kaon: a node of a graph reads at least one value");
    static constexpr auto verdict() {
        if constexpr (before::template taken<Name>) {
            return refused<expects_another_node_name, got<Name>>{};
        } else {
            return before::template judge<Reads...>();
        }
    }
    static constexpr auto* explained =
        &report<layer_number<before::next, node<Name, Layer, Reads...>>, decltype(verdict())>::explain;
    using input = typename joined_values<typename before::template value<Reads>...>::type;
    using bound = typename bind_entry<before::next, typename as_chain<Layer>::type, input>::type;
    using type =
        std::enable_if_t<explained != nullptr, graph_nodes<First, Input, Nodes..., bound_node<Name, bound, Reads...>>>;
};

struct append_node {
    template <class Nodes, class Node>
    constexpr auto operator()(boost::hana::basic_type<Nodes>, Node) const {
        return boost::hana::type_c<typename bind_node<Nodes, typename Node::type>::type>;
    }
};

template <class Gives, class Nodes>
struct bound_graph;
template <class... Names, std::size_t First, class Input, class... Nodes>
struct bound_graph<gives<Names...>, graph_nodes<First, Input, Nodes...>> {
    static_assert(sizeof...(Names) > 0, "kaon: a graph gives at least one value");
    using all = graph_nodes<First, Input, Nodes...>;
    static constexpr auto* explained =
        &report<layer_number<all::next, gives<Names...>>, decltype(all::template judge<Names...>())>::explain;
    using input = Input;
    using output =
        std::enable_if_t<explained != nullptr, typename joined_values<typename all::template value<Names>...>::type>;
    using leaves = decltype((types<>{} + ... + typename Nodes::bound::leaves{}));

    static constexpr bool pointwise = false;
    static constexpr bool view = false;
    static constexpr std::size_t stack_bytes =
        (std::size_t{0} + ... + (Nodes::bound::stack_bytes + sizeof(typename Nodes::output)));

    /// Which of the graph's outputs a node may write itself: it is given once and no node reads it. Else the number of outputs.
    template <class Node>
    static constexpr std::size_t written_output() {
        constexpr bool matches[] = {std::is_same_v<Names, typename Node::name>...};
        constexpr bool read = (Nodes::template reads_value<typename Node::name> || ...);
        std::size_t found = sizeof...(Names), times = 0;
        for (std::size_t i = 0; i < sizeof...(Names); ++i) {
            if (matches[i]) {
                found = i;
                ++times;
            }
        }
        return times == 1 && !read ? found : sizeof...(Names);
    }
};

template <std::size_t First, class Gives, class... Nodes, class Input>
struct bind_entry<First, named_graph<Gives, Nodes...>, Input> {
    using type = bound_graph<Gives, typename decltype(boost::hana::fold_left(
                                        boost::hana::tuple<boost::hana::type<Nodes>...>{},
                                        boost::hana::type_c<graph_nodes<First, Input>>, append_node{}))::type>;
};

}  // namespace detail
}  // namespace kaon
