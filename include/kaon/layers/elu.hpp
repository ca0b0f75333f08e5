// elu.hpp: exponential linear units.
#pragma once

#include "activation.hpp"

#include "../core/number.hpp"
#include "../scalar/constant_scalar.hpp"

namespace kaon {

/// x above 0, alpha (exp(x) - 1) below (arXiv:1511.07289).
template <class Alpha>
struct elu_function : table_function<detail::elu_table, down_to_minus_eight> {
    static constexpr char kind[] = "elu";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights, option_kind::table,
                                            option_kind::table_values};
    /// Exact: the table's entry times Alpha in weights<>; one of the two that are added is zero.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            using weight = option_of<weights, constant_scalar<Alpha>, Options...>;
            using base = table_function<detail::elu_table, down_to_minus_eight>;
            constexpr weight alpha(number<Alpha, double>);
            return maximum(V(0), x) + constant_like<V>(alpha) * base::in_fixed_point<Options...>::apply(minimum(V(0), x));
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V below = exponential_minus_one(minimum(V(0.0f), x));
        return multiply_add(V(number<Alpha, lane_of<V>>), below, maximum(V(0.0f), x));
    }
};

/// The paper's constants.
struct selu_constants {
    /// As doubles.
    /// @{
    static constexpr double alpha = 1.6732632423543772;
    static constexpr double gamma = 1.0507009873554805;
    /// @}
};

/// gamma x above 0, gamma alpha (exp(x) - 1) below (arXiv:1706.02515).
struct selu_function : table_function<detail::selu_table<selu_constants>, down_to_minus_eight>, selu_constants {
    static constexpr char kind[] = "selu";
    static constexpr option_kind takes[] = {option_kind::result, option_kind::weights, option_kind::table,
                                            option_kind::table_values};
    /// Exact: above 0 gamma in weights<>, by default ufixed<16, 1> as in hls4ml 1.3; one of the two that are added is zero.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            using base = table_function<detail::selu_table<selu_constants>, down_to_minus_eight>;
            constexpr option_of<weights, ufixed<16, 1>, Options...> slope(gamma);
            return constant_like<V>(slope) * maximum(V(0), x) + base::in_fixed_point<Options...>::apply(minimum(V(0), x));
        }
    };
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V below = exponential_minus_one(minimum(V(0.0f), x));
        return V(lane_of<V>(gamma)) * multiply_add(V(lane_of<V>(alpha)), below, maximum(V(0.0f), x));
    }
};

/// x where x > 0, else Alpha (e^x - 1) (Clevert et al., arXiv:1511.07289). Alpha: a number (core/number.hpp). Fixed point: e^x - 1 by
/// a table of (-8, 0]; weights<>: Alpha's scalar.
template <class Alpha, class... Options>
using elu = activation<elu_function<Alpha>, Options...>;

/// gamma elu(x) with the alpha and gamma of Klambauer et al., arXiv:1706.02515. Fixed point: by a table below 0.
template <class... Options>
using basic_selu = activation<selu_function, Options...>;
using selu = basic_selu<>;

}  // namespace kaon
