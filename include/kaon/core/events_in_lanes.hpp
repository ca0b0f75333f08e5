// events_in_lanes.hpp: batches of small networks: an event in each lane of a register, instead of an output.
#pragma once

#include "block.hpp"
#include "bound.hpp"
#include "bundle.hpp"
#include "layer_error.hpp"
#include "layout.hpp"
#include "network.hpp"
#include "types.hpp"

#include "../simd/target.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

template <class T, std::size_t L, class Target, class Enable>
class pack;

namespace detail {

/// The one floating-point scalar of all inputs, or void.
template <class Input>
struct floating_scalar {
    using type = std::conditional_t<std::is_floating_point_v<typename Input::scalar> && !Input::counted,
                                    typename Input::scalar, void>;
};
template <class First, class... Rest>
struct floating_scalar<bundle<First, Rest...>> {
    using scalar = typename floating_scalar<First>::type;
    using type =
        std::conditional_t<(std::is_same_v<scalar, typename floating_scalar<Rest>::type> && ... && true), scalar, void>;
};

/// Products that a target computes for those that a layer asks for: more where outputs do not fill registers. Layers for which that
/// may be so have `computed_multiplications<Target>`.
template <class Bound, class Target, class = void>
inline constexpr std::size_t computed_multiplications = 0;
template <class Bound, class Target>
inline constexpr std::size_t
    computed_multiplications<Bound, Target, std::enable_if_t<(Bound::template computed_multiplications<Target> > 0)>> =
        Bound::template computed_multiplications<Target>;

template <class Target, class... Leaves>
constexpr bool wastes_lanes(types<Leaves...>) {
    constexpr std::size_t asked =
        (std::size_t{0} + ... +
         (computed_multiplications < typename Leaves::bound, Target >> 0 ? Leaves::bound::multiplications : 0));
    constexpr std::size_t computed = (std::size_t{0} + ... + computed_multiplications<typename Leaves::bound, Target>);
    return 2 * computed > 3 * asked;
}

template <class Network, class Target, class T>
struct in_lanes {
    static constexpr std::size_t lanes = std::size_t(register_size<typename Target::isa>) / sizeof(T);
    using scalar = pack<T, lanes, Target, void>;
    using network = kaon::rebind_scalar<Network, scalar>;
};

template <class... Leaves>
constexpr bool all_accept(types<Leaves...>) {
    return (std::is_same_v<typename Leaves::verdict, accepted> && ... && true);
}

/// Whether a batch of Network on Target runs with an event in each lane: where outputs would leave a third of the lanes empty, and every
/// layer takes packs of events. (docs/batches.md has the measurements.)
template <class Network, class Target>
constexpr bool runs_in_lanes() {
    using T = typename floating_scalar<typename Network::input>::type;
    if constexpr (std::is_void_v<T> || Network::has_state || register_size<typename Target::isa> == 0 ||
                  is_reproducible<Target>) {
        return false;
    } else if constexpr (!wastes_lanes<Target>(typename Network::bound::leaves{})) {
        return false;
    } else {
        using packed = in_lanes<Network, Target, T>;
        using rebound = typename rebind_input<Network, typename packed::scalar>::bound;
        return all_accept(typename rebound::leaves{});
    }
}

/// The constants of a model: for one event, and where batches run with events in lanes, for those.
template <class Network, class Target, bool InLanes = runs_in_lanes<Network, Target>()>
struct prepared {
    static constexpr bool in_lanes = false;
    typename Network::layout::slots::template constants<Target> events;

    static constexpr prepared of(const typename Network::parameters& p) {
        return {Network::layout::slots::template repack<Target>(p)};
    }
};
template <class Network, class Target>
struct prepared<Network, Target, true> {
    static constexpr bool in_lanes = true;
    using packed = detail::in_lanes<Network, Target, typename floating_scalar<typename Network::input>::type>;
    typename Network::layout::slots::template constants<Target> events;
    typename packed::network::layout::slots::template constants<Target> lanes;

    static constexpr prepared of(const typename Network::parameters& p) {
        return {Network::layout::slots::template repack<Target>(p),
                packed::network::layout::slots::template repack<Target>(p)};
    }
};

}  // namespace detail
}  // namespace kaon
