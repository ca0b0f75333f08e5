// clip.hpp: values held between two bounds.
#pragma once

#include "../core/number.hpp"
#include "activation.hpp"

namespace kaon {

/// min(max(x, Low), High).
template <class Lowest, class Highest>
struct clip_function {
    static constexpr char kind[] = "clip";
    template <class Scalar>
    using verdict = std::conditional_t<(number<Lowest> <= number<Highest>), float_function::verdict<Scalar>,
                                       refused<expects_ordered_bounds, got<Lowest, Highest>>>;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return minimum(V(number<Highest, lane_of<V>>), maximum(V(number<Lowest, lane_of<V>>), x));
    }
};

/// min(max(x, Lowest), Highest); the bounds are numbers (core/number.hpp), infinite where there is none. Float only.
template <class Lowest, class Highest, class... Options>
using clip = activation<clip_function<Lowest, Highest>, Options...>;

}  // namespace kaon
