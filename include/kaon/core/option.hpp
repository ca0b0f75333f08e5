// option.hpp: what may be written beside a layer's size: its name, its precision, whose parameters it uses.
#pragma once

#include <type_traits>

namespace kaon {

/// Scalar of a layer's weights; by default that of its input.
template <class Scalar>
struct weights {};

/// Scalar of a layer's bias; by default that of its weights.
template <class Scalar>
struct bias {};

/// Scalar of a layer's sums: every product is cast to it first, then the sum wraps. By default sums are exact.
template <class Scalar>
struct accumulator {};

/// Scalar of what a layer gives; by default what it computes, unrounded.
template <class Scalar>
struct result {};

/// Uses the parameters of the layer named by Tag instead of its own.
template <class Tag>
struct parameters_of {};

namespace detail {

template <template <class> class Kind, class Default, class... Options>
struct option_of {
    using type = Default;
};
template <template <class> class Kind, class Default, class Value, class... Rest>
struct option_of<Kind, Default, Kind<Value>, Rest...> {
    using type = Value;
};
template <template <class> class Kind, class Default, class Other, class... Rest>
struct option_of<Kind, Default, Other, Rest...> : option_of<Kind, Default, Rest...> {};

template <class Option>
inline constexpr bool is_tag = true;
template <class T>
inline constexpr bool is_tag<weights<T>> = false;
template <class T>
inline constexpr bool is_tag<bias<T>> = false;
template <class T>
inline constexpr bool is_tag<accumulator<T>> = false;
template <class T>
inline constexpr bool is_tag<result<T>> = false;
template <class T>
inline constexpr bool is_tag<parameters_of<T>> = false;

template <class... Options>
struct first_tag {
    using type = void;
};
template <class First, class... Rest>
struct first_tag<First, Rest...> {
    using type = std::conditional_t<is_tag<First>, First, typename first_tag<Rest...>::type>;
};

}  // namespace detail

/// The value of an option among a layer's options, or Default.
template <template <class> class Kind, class Default, class... Options>
using option_of = typename detail::option_of<Kind, Default, Options...>::type;

/// The layer's name among its options, or void: struct fc1 { static constexpr char name[] = "fc1"; };
template <class... Options>
using tag_of = typename detail::first_tag<Options...>::type;

}  // namespace kaon
