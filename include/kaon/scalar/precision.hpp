// precision.hpp: the scalars of a layer, from its input's and its options.
#pragma once

#include "format.hpp"

#include "../core/option.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// The scalar of a layer's parameters when its values have scalar T: packs of events share one weight.
template <class T, class = void>
struct parameter_scalar {
    /// T itself, unless it names another.
    using type = T;
};
/// A scalar that names its parameters' scalar.
template <class T>
struct parameter_scalar<T, std::void_t<typename T::parameter_type>> {
    /// As the scalar says.
    using type = typename T::parameter_type;
};
/// The same as a type.
template <class T>
using parameter_scalar_t = typename parameter_scalar<T>::type;

namespace detail {

/// The type for values of the named type Named where values have scalar T: a recording scalar wraps it.
template <class T, class Named, bool Fixed = is_fixed_point<T>>
struct like {
    using type = Named;
};
template <class T, class Named>
struct like<T, Named, true> {
    using type = typename format_of<T>::template like<Named>;
};
template <class X, class Weight, class Bias, std::size_t Inputs, class Named, bool Fixed = is_fixed_point<X>>
struct accumulator_of {
    using type = typename like<X, Named>::type;
};
template <class X, class Weight, class Bias, std::size_t Inputs>
struct accumulator_of<X, Weight, Bias, Inputs, void, false> {
    using type = X;
};
template <class X, class Weight, class Bias, std::size_t Inputs>
struct accumulator_of<X, Weight, Bias, Inputs, void, true> {
    using product = product_format<format_of<X>, format_of<Weight>>;
    using type = typename format_of<X>::template with<accumulated_format<product, Inputs, format_of<Bias>>>;
};

}  // namespace detail

/// Scalars of sums of products; exact: the sums' type has room for every sum.
template <class Weight, class Bias, class Sum, bool Exact>
struct summation {
    /// The arguments.
    /// @{
    using weight = Weight;
    using bias = Bias;
    using sum = Sum;
    static constexpr bool exact = Exact;
    /// @}
};

/// Scalars of a layer that sums products: of its weights, its bias, its sums and what it gives.
template <class X, std::size_t Inputs, class... Options>
struct precision {
    /// Each from the layer's options, or inferred: weights like the input, the bias like the weights, sums exact, the result as the sums.
    /// @{
    using weight = option_of<weights, parameter_scalar_t<X>, Options...>;
    using bias = option_of<kaon::bias, weight, Options...>;
    using accumulator = option_of<kaon::accumulator, void, Options...>;
    using sum = typename detail::accumulator_of<X, weight, bias, Inputs, accumulator>::type;
    using result = typename detail::like<X, option_of<kaon::result, sum, Options...>>::type;
    using sums = summation<weight, bias, sum, std::is_void_v<accumulator>>;
    /// @}
};

/// v as a T; as it is where T is void or its own type. T is named in plain fixed point.
template <class T, class V>
[[gnu::always_inline]] constexpr auto quantized(const V& v) noexcept {
    if constexpr (std::is_void_v<T> || std::is_same_v<T, V>) {
        return v;
    } else if constexpr (is_fixed_point<V>) {
        return typename detail::like<V, T>::type(v);
    } else {
        return v.template quantized<T>();
    }
}

}  // namespace kaon
