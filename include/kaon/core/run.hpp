// run.hpp: runs bound layers on a block of events.
#pragma once

#include "aggregate.hpp"
#include "block.hpp"
#include "bound.hpp"
#include "layout.hpp"
#include "rows.hpp"

#include "../layers/pass.hpp"

#include <cstddef>
#include <tuple>
#include <utility>

namespace kaon {
namespace detail {

/// What a run carries along: the network's constants and, for each event of the block, its state.
template <class Layout, class Target, class State>
struct context {
    using layout = Layout;
    using target = Target;
    const typename Layout::slots::template constants<Target>& constants;
    State* states;
};

/// The state of one layer, for each event of the block.
template <std::size_t Slot, class State>
struct state_rows {
    State* states;
    [[gnu::always_inline]] constexpr auto& operator()(std::size_t row) const noexcept { return get<Slot>(states[row]); }
};

template <class Node>
struct runner;

/// One layer.
template <std::size_t Index, class Layer, class Input>
struct runner<bound_layer<Index, Layer, Input>> {
    using node = bound_layer<Index, Layer, Input>;
    using bound = typename node::bound;

    template <class Context, class Source, class Sink>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink) noexcept {
        using target = typename Context::target;
        using layout = typename Context::layout;
        if constexpr (node::pointwise) {
            pass<Input>::template forward<target>(
                x, [&](auto row, auto first, const auto& v)
                       __attribute__((always_inline)) { sink(row, first, bound::apply(v)); });
        } else if constexpr (node::has_parameters) {
            const auto& constants = get<layout::template parameter_slot<node>()>(context.constants);
            if constexpr (node::has_state) {
                bound::template forward<target>(constants, state(context), x, sink);
            } else {
                bound::template forward<target>(constants, x, sink);
            }
        } else if constexpr (node::has_state) {
            bound::template forward<target>(state(context), x, sink);
        } else {
            bound::template forward<target>(x, sink);
        }
    }

private:
    template <class Layout, class Target, class State>
    [[gnu::always_inline]] static constexpr auto state(const context<Layout, Target, State>& context) noexcept {
        return state_rows<Layout::template state_slot<node>(), State>{context.states};
    }
};

/// A chain: each layer that is no pointwise one with the pointwise layers after it in its store.
template <std::size_t First, class Input, class... Nodes>
struct runner<bound_chain<First, Input, Nodes...>> {
    static constexpr std::size_t count = sizeof...(Nodes);
    template <std::size_t I>
    using at = std::tuple_element_t<I, std::tuple<Nodes...>>;

    template <class Context, class Source, class Sink>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink) noexcept {
        run(context, x, sink, std::make_index_sequence<stages() - 1>{});
    }

private:
    /// Views at the head are passed over.
    static constexpr std::size_t begin() {
        constexpr bool view[] = {Nodes::view..., false};
        std::size_t i = 0;
        while (i + 1 < count && view[i]) ++i;
        return i;
    }
    /// A stage: a layer and the pointwise ones after it.
    static constexpr std::size_t next_stage(std::size_t i) {
        constexpr bool pointwise[] = {Nodes::pointwise..., false};
        ++i;
        while (i < count && pointwise[i]) ++i;
        return i;
    }
    static constexpr std::size_t stages() {
        std::size_t stages = 0;
        for (std::size_t i = begin(); i < count; i = next_stage(i)) ++stages;
        return stages;
    }
    static constexpr std::size_t first_of(std::size_t stage) {
        std::size_t i = begin();
        for (; stage > 0; --stage) i = next_stage(i);
        return i;
    }

    // Stages side by side, none within the one before: the compiler goes through each once.
    template <class Context, class Source, class Sink, std::size_t... K>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink,
                                           std::index_sequence<K...>) noexcept {
        constexpr std::size_t last = sizeof...(K);
        if constexpr (last == 0) {
            run_stage<0>(context, x, sink);
        } else {
            aggregate<block<typename at<first_of(K + 1) - 1>::output, Source::rows>...> between;
            (run_inner_stage<K>(context, x, between), ...);
            run_stage<last>(context, get<last - 1>(between).source(), sink);
        }
    }
    template <std::size_t K, class Context, class Source, class Blocks>
    [[gnu::always_inline]] static void run_inner_stage(const Context& context, const Source& x, Blocks& between) noexcept {
        if constexpr (K == 0) {
            get<K>(between).set_counts(x);
            run_stage<K>(context, x, get<K>(between).sink());
        } else {
            const auto source = get<K - 1>(between).source();
            get<K>(between).set_counts(source);
            run_stage<K>(context, source, get<K>(between).sink());
        }
    }

    /// For a block of events, a function of its own: the call is nothing beside the work, and what calls it stays small. For
    /// one event the call would cost what a small layer does.
    template <std::size_t K, class Context, class Source, class Sink>
    [[gnu::always_inline]] static void run_stage(const Context& context, const Source& x, const Sink& sink) noexcept {
        if constexpr (Source::rows > 1) {
            called_stage<first_of(K), first_of(K + 1)>(context, x, sink);
        } else {
            stage<first_of(K), first_of(K + 1)>(context, x, sink);
        }
    }

    template <std::size_t I, std::size_t Last, class Context, class Source, class Sink>
    [[gnu::noinline]] static void called_stage(const Context& context, const Source& x, const Sink& sink) noexcept {
        stage<I, Last>(context, x, sink);
    }

    template <std::size_t I, std::size_t Last, class Context, class Source, class Sink>
    [[gnu::always_inline]] static void stage(const Context& context, const Source& x, const Sink& sink) noexcept {
        if constexpr (I + 1 == Last) {
            runner<at<I>>::run(context, x, sink);
        } else {
            runner<at<I>>::run(
                context, x, [&](auto row, auto first, const auto& v) __attribute__((always_inline)) {
                    sink(row, first, apply<I + 1, Last>(v));
                });
        }
    }

    template <std::size_t I, std::size_t Last, class V>
    [[gnu::always_inline]] static constexpr auto apply(const V& v) noexcept {
        if constexpr (I == Last) {
            return v;
        } else {
            return apply<I + 1, Last>(at<I>::bound::apply(v));
        }
    }
};

/// Branches: each into its part of the output.
template <class Input, class... Nodes>
struct runner<bound_parallel<Input, Nodes...>> {
    template <class Context, class Source, class Sink>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink) noexcept {
        run(context, x, sink, std::index_sequence_for<Nodes...>{});
    }

private:
    template <class Context, class Source, class Sink, std::size_t... I>
    [[gnu::always_inline]] static void run(const Context& context, const Source& x, const Sink& sink,
                                           std::index_sequence<I...>) noexcept {
        (runner<Nodes>::run(context, x, sink.template part<I>()), ...);
    }
};

}  // namespace detail
}  // namespace kaon
