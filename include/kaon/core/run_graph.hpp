// run_graph.hpp: runs the nodes of a named graph on a block of events.
#pragma once

#include "aggregate.hpp"
#include "block.hpp"
#include "bundle.hpp"
#include "named_graph.hpp"
#include "rows.hpp"
#include "run.hpp"

#include "../layers/pass.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// Nodes in order, each into a block of its own or, where nothing reads it, into the graph's output.
template <class... Names, std::size_t First, class Input, class... Nodes>
struct runner<bound_graph<gives<Names...>, graph_nodes<First, Input, Nodes...>>> {
    using graph = bound_graph<gives<Names...>, graph_nodes<First, Input, Nodes...>>;

    template <class Context, class Source, class Sink>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink) noexcept {
        run(context, x, sink, std::index_sequence_for<Nodes...>{}, std::index_sequence_for<Names...>{});
    }

private:
    template <class Node>
    static constexpr bool is_kept = graph::template written_output<Node>() == sizeof...(Names);
    template <std::size_t Rows>
    using blocks = aggregate<std::conditional_t<is_kept<Nodes>, block<typename Nodes::output, Rows>, nothing>...>;

    template <class Context, class Source, class Sink, std::size_t... N, std::size_t... O>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink,
                                           std::index_sequence<N...>, std::index_sequence<O...>) noexcept {
        [[maybe_unused]] blocks<Source::rows> values;
        (run_node<N, Nodes>(context, x, values, sink, typename Nodes::reads{}), ...);
        (give<O, Names>(context, x, values, sink), ...);
    }

    template <std::size_t N, class Node, class Context, class Source, class Blocks, class Sink, class... Reads>
    [[gnu::always_inline]] static void run_node(const Context& context, const Source& x, Blocks& values, const Sink& sink,
                                                types<Reads...>) noexcept {
        const auto source = side_by_side<Source::rows>(value<Reads>(x, values)...);
        if constexpr (is_kept<Node>) {
            get<N>(values).set_counts(source);
            runner<typename Node::bound>::run(context, source, get<N>(values).sink());
        } else {
            runner<typename Node::bound>::run(context, source, output<graph::template written_output<Node>()>(sink));
        }
    }

    /// Copies output O where its node could not write it.
    template <std::size_t O, class Name, class Context, class Source, class Blocks, class Sink>
    [[gnu::always_inline]] static void give(const Context&, const Source& x, const Blocks& values,
                                            const Sink& sink) noexcept {
        if constexpr (!((std::is_same_v<Name, typename Nodes::name> && !is_kept<Nodes>) || ...)) {
            using given = typename graph_nodes<First, Input, Nodes...>::template value<Name>;
            pass<given>::template forward<typename Context::target>(value<Name>(x, values), output<O>(sink));
        }
    }

    template <std::size_t O, class Sink>
    [[gnu::always_inline]] static const auto& output(const Sink& sink) noexcept {
        if constexpr (sizeof...(Names) == 1) {
            return sink;
        } else {
            return sink.template part<O>();
        }
    }

    template <class Name, class Source, class Blocks>
    [[gnu::always_inline]] static auto value(const Source& x, const Blocks& values) noexcept {
        return value_of(static_cast<const Name*>(nullptr), x, values);
    }
    template <std::size_t I, class Source, class Blocks>
    [[gnu::always_inline]] static auto value_of(const from_input<I>*, const Source& x, const Blocks&) noexcept {
        if constexpr (is_bundle<Input>) {
            return x.template part<I>();
        } else {
            return x;
        }
    }
    template <class Name, class Source, class Blocks>
    [[gnu::always_inline]] static auto value_of(const Name*, const Source&, const Blocks& values) noexcept {
        constexpr bool matches[] = {std::is_same_v<Name, typename Nodes::name>...};
        constexpr std::size_t position = first_of(matches);
        return get<position>(values).source();
    }
    static constexpr std::size_t first_of(const bool (&flags)[sizeof...(Nodes)]) {
        std::size_t i = 0;
        while (!flags[i]) ++i;
        return i;
    }

    template <std::size_t Rows, class Source>
    [[gnu::always_inline]] static const Source& side_by_side(const Source& x) noexcept {
        return x;
    }
    template <std::size_t Rows, class One, class Two, class... Rest>
    [[gnu::always_inline]] static auto side_by_side(const One& x, const Two& y, const Rest&... rest) noexcept {
        return bundle_rows<Rows, One, Two, Rest...>{{{x}, {y}, {rest}...}};
    }
};

}  // namespace detail
}  // namespace kaon
