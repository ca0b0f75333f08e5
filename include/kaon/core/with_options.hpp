// with_options.hpp: a layer with other options.
#pragma once

#include "option_kind.hpp"
#include "types.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Nothing is rounded: accumulator<exact>, result<exact>.
struct exact {};

namespace detail {

template <class Option>
inline constexpr bool says_exact = false;
template <template <class> class Kind>
inline constexpr bool says_exact<Kind<exact>> = true;

/// Kept: a layer's template arguments, without options of the kinds that are given anew; then those, unless they say `exact`.
template <class Given, class... Kept>
struct joined_options;
template <class... Given, class... Kept>
struct joined_options<types<Given...>, Kept...> {
    template <class Option>
    static constexpr bool given_anew =
        ((kind_of_option<Given> == kind_of_option<Option> && kind_of_option<Option> != option_kind::none) || ... || false);
    using type = decltype((types<>{} + ... + std::conditional_t<given_anew<Kept>, types<>, types<Kept>>{}) +
                          (types<>{} + ... + std::conditional_t<says_exact<Given>, types<>, types<Given>>{}));
};

/// Templates of layers, applied to a list: with no, one, two or four sizes before the options.
/// @{
template <template <class...> class Layer, class... Options>
auto applied(types<Options...>) -> as_type<Layer<Options...>>;
template <template <std::size_t, class...> class Layer, std::size_t N, class... Options>
auto applied(types<Options...>) -> as_type<Layer<N, Options...>>;
template <template <std::size_t, std::size_t, class...> class Layer, std::size_t N, std::size_t M, class... Options>
auto applied(types<Options...>) -> as_type<Layer<N, M, Options...>>;
template <template <std::size_t, std::size_t, std::size_t, std::size_t, class...> class Layer, std::size_t N, std::size_t M,
          std::size_t K, std::size_t L, class... Options>
auto applied(types<Options...>) -> as_type<Layer<N, M, K, L, Options...>>;
/// @}

/// A layer that is a type of its own says of which template it is one.
template <class Layer, class Given>
struct with_options : with_options<typename Layer::alias_of, Given> {};
template <template <class...> class Layer, class... Options, class Given>
struct with_options<Layer<Options...>, Given>
    : decltype(applied<Layer>(typename joined_options<Given, Options...>::type{})) {};
template <template <std::size_t, class...> class Layer, std::size_t N, class... Options, class Given>
struct with_options<Layer<N, Options...>, Given>
    : decltype(applied<Layer, N>(typename joined_options<Given, Options...>::type{})) {};
template <template <std::size_t, std::size_t, class...> class Layer, std::size_t N, std::size_t M, class... Options,
          class Given>
struct with_options<Layer<N, M, Options...>, Given>
    : decltype(applied<Layer, N, M>(typename joined_options<Given, Options...>::type{})) {};
template <template <std::size_t, std::size_t, std::size_t, std::size_t, class...> class Layer, std::size_t N, std::size_t M,
          std::size_t K, std::size_t L, class... Options, class Given>
struct with_options<Layer<N, M, K, L, Options...>, Given>
    : decltype(applied<Layer, N, M, K, L>(typename joined_options<Given, Options...>::type{})) {};

}  // namespace detail
}  // namespace kaon
