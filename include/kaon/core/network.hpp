// network.hpp: the composition of layers, as a type.
#pragma once

#include "aggregate.hpp"
#include "bound.hpp"
#include "rows.hpp"
#include "tensor.hpp"

#include "../layers/pass.hpp"

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kaon {

/// What a network takes: `Extents` scalars of type Scalar.
template <class Scalar, std::size_t... Extents>
struct input {
    using type = tensor<Scalar, shape<Extents...>>;
};

namespace detail {

/// Collects the types that a per-layer member has, in order, leaving out layers without parameters.
template <class Done, class... Bound>
struct parameter_list {
    using type = Done;
};
template <class... Done, class First, class... Rest>
struct parameter_list<std::tuple<Done...>, First, Rest...> {
    using type = typename std::conditional_t<First::has_parameters, parameter_list<std::tuple<Done..., First>, Rest...>,
                                             parameter_list<std::tuple<Done...>, Rest...>>::type;
};

template <class List>
struct members;
template <class... Bound>
struct members<std::tuple<Bound...>> {
    using parameters = aggregate<typename Bound::bound::parameters...>;
    template <class Target>
    using constants = aggregate<typename Bound::bound::template constants<Target>...>;

    template <class Target, std::size_t... I>
    static constexpr constants<Target> repack(const parameters& p, std::index_sequence<I...>) {
        return {{Bound::bound::template repack<Target>(get<I>(p))}...};
    }
    template <class Target>
    static constexpr constants<Target> repack(const parameters& p) {
        return repack<Target>(p, std::index_sequence_for<Bound...>{});
    }
};

template <class Input, class List>
struct chain;

/// Runs bound layers one after the other: a layer that has a nest, with the pointwise layers after it in its store.
template <class Input, class... Bound>
struct chain<Input, std::tuple<Bound...>> {
    static constexpr std::size_t count = sizeof...(Bound);
    template <std::size_t I>
    using at = std::tuple_element_t<I, std::tuple<Bound...>>;
    using list = typename parameter_list<std::tuple<>, Bound...>::type;

    /// First layer from I on that is not pointwise, or count.
    static constexpr std::size_t nest_from(std::size_t i) {
        constexpr bool pointwise[] = {Bound::layer::pointwise..., false};
        while (i < count && pointwise[i]) ++i;
        return i;
    }
    static constexpr std::size_t slot_of(std::size_t i) {
        constexpr bool has[] = {Bound::has_parameters..., false};
        std::size_t s = 0;
        for (std::size_t j = 0; j < i; ++j) s += has[j] ? 1 : 0;
        return s;
    }

    template <std::size_t First, std::size_t Last, class V>
    [[gnu::always_inline]] static V apply(const V& v) noexcept {
        if constexpr (First == Last) {
            return v;
        } else {
            return apply<First + 1, Last>(at<First>::bound::apply(v));
        }
    }

    /// Runs the nest of layer I with the pointwise layers up to Last, into sink.
    template <class Target, std::size_t I, std::size_t Last, class Constants, class Source, class Sink>
    [[gnu::always_inline]] static void nest(const Constants& c, const Source& x, const Sink& sink) noexcept {
        constexpr bool starts_pointwise = I == nest_from(I) ? false : true;
        const auto store = [&](auto row, auto first, const auto& v) __attribute__((always_inline)) {
            sink(row, first, apply<(starts_pointwise ? I : I + 1), Last>(v));
        };
        if constexpr (starts_pointwise) {
            pass<typename at<I>::input>::template forward<Target>(x, store);
        } else if constexpr (at<I>::has_parameters) {
            at<I>::bound::template forward<Target>(get<slot_of(I)>(c), x, store);
        } else {
            at<I>::bound::template forward<Target>(x, store);
        }
    }

    template <class Target, std::size_t I = 0, class Constants, class Source, class Sink>
    [[gnu::always_inline]] static void run(const Constants& c, const Source& x, const Sink& sink) noexcept {
        constexpr std::size_t last = nest_from(I == nest_from(I) ? I + 1 : I);
        if constexpr (last == count) {
            nest<Target, I, last>(c, x, sink);
        } else {
            using between = typename at<last - 1>::output;
            between values[Source::rows];
            nest<Target, I, last>(c, x, [&](auto row, auto first, const auto& v) __attribute__((always_inline)) {
                store_pack<Target, between>(values[row].values + first, v);
            });
            run<Target, last>(c, tensor_rows<between, Source::rows>{values}, sink);
        }
    }

    template <class Target, class Tensor, class V>
    [[gnu::always_inline]] static void store_pack(typename Tensor::scalar* p, const V& v) noexcept {
        arithmetic<Target, typename Tensor::scalar, Tensor::size>::store(p, v);
    }
};

template <class Bound>
struct as_list;
template <class Output, class... Bound>
struct as_list<bound_layers<Output, Bound...>> {
    using type = std::tuple<Bound...>;
};

}  // namespace detail

/// A chain of layers on an input. Shapes are inferred; `output` is what the last layer gives.
template <class Input, class... Layers>
struct network {
    static_assert(sizeof...(Layers) > 0, "kaon: a network has at least one layer after its input");
    using input = typename Input::type;
    using bound = detail::bind_layers<input, Layers...>;
    using layers = typename detail::as_list<bound>::type;
    using output = typename bound::output;
    using chain = detail::chain<input, layers>;
    using members = detail::members<typename chain::list>;
    /// One slot for each layer that has parameters, in order.
    using parameters = typename members::parameters;

    struct cost {
        static constexpr std::size_t multiplications = bound::multiplications;
        static constexpr std::size_t parameters = bound::parameters;
        static constexpr std::size_t stack_bytes = bound::stack_bytes;
    };
};

/// The same layers on another scalar: rebind_scalar<Net, pack<float, 16>> runs sixteen events at once.
template <class Network, class Scalar>
struct rebind_scalar;
template <class Old, std::size_t... Extents, class... Layers, class Scalar>
struct rebind_scalar<network<input<Old, Extents...>, Layers...>, Scalar> {
    using type = network<input<Scalar, Extents...>, Layers...>;
};

}  // namespace kaon
