// clip.hpp: values held between two bounds.
#pragma once

#include "activation.hpp"

#include "../core/number.hpp"
#include "../scalar/constant_scalar.hpp"

namespace kaon {

/// min(max(x, Low), High).
template <class Lowest, class Highest>
struct clip_function {
    static constexpr char kind[] = "clip";
    /// The bounds are the nearest that the input's format has.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr V apply(const V& x) noexcept {
            using T = detail::plain_scalar<V>;
            constexpr T lowest = detail::nearest<T>(number<Lowest, double>);
            constexpr T highest = detail::nearest<T>(number<Highest, double>);
            return minimum(constant_as<V>(highest), maximum(constant_as<V>(lowest), x));
        }
    };
    template <class Scalar, class... Options>
    using verdict = std::conditional_t<(number<Lowest> <= number<Highest>), number_function::verdict<Scalar, Options...>,
                                       refused<expects_ordered_bounds, got<Lowest, Highest>>>;
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return minimum(V(number<Highest, lane_of<V>>), maximum(V(number<Lowest, lane_of<V>>), x));
    }
};

/// min(max(x, Lowest), Highest); the bounds are numbers (core/number.hpp), infinite where there is none.
/// Fixed point: the nearest that the input's format has.
template <class Lowest, class Highest, class... Options>
using clip = activation<clip_function<Lowest, Highest>, Options...>;

}  // namespace kaon
