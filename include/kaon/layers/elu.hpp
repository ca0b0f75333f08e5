// elu.hpp: exponential linear units.
#pragma once

#include "../core/number.hpp"
#include "activation.hpp"

namespace kaon {

/// x above 0, alpha (exp(x) - 1) below (arXiv:1511.07289).
template <class Alpha>
struct elu_function : float_function {
    static constexpr char kind[] = "elu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V below = exponential_minus_one(minimum(V(0.0f), x));
        return multiply_add(V(number<Alpha, lane_of<V>>), below, maximum(V(0.0f), x));
    }
};

/// gamma x above 0, gamma alpha (exp(x) - 1) below (arXiv:1706.02515).
struct selu_function : float_function {
    static constexpr char kind[] = "selu";
    /// The paper's constants.
    /// @{
    static constexpr double alpha = 1.6732632423543772;
    static constexpr double gamma = 1.0507009873554805;
    /// @}
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V below = exponential_minus_one(minimum(V(0.0f), x));
        return V(lane_of<V>(gamma)) * multiply_add(V(lane_of<V>(alpha)), below, maximum(V(0.0f), x));
    }
};

/// x where x > 0, else Alpha (e^x - 1) (Clevert et al., arXiv:1511.07289). Alpha: a number
/// (core/number.hpp). Float only.
template <class Alpha, class... Options>
using elu = activation<elu_function<Alpha>, Options...>;

/// gamma elu(x) with the alpha and gamma of Klambauer et al., arXiv:1706.02515. Float only.
template <class... Options>
using basic_selu = activation<selu_function, Options...>;
using selu = basic_selu<>;

}  // namespace kaon
