// raw_parameters.hpp: a network's parameters from tables of raw integers, as a converted header holds them.
#pragma once

#include "../core/aggregate.hpp"
#include "../core/layer_error.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

namespace kaon {

/// One table of integers for each tensor, in the order of the layers, each of its tensor's shape.
struct expects_tables_of_the_tensors;

/// Where: number of the first table that does not fit, from 0.
template <std::size_t Number>
struct table_number;

namespace detail {

template <class Table, class Tensor>
inline constexpr bool has_shape_of = std::is_integral_v<Table> && !std::is_array_v<Tensor>;
template <class Table, std::size_t N, class Tensor, std::size_t M>
inline constexpr bool has_shape_of<Table[N], Tensor[M]> = N == M&& has_shape_of<Table, Tensor>;

/// f(tensor) for each tensor of p, in the canonical order.
template <std::size_t... I, class... Values, class F>
constexpr void each_tensor(slots<std::index_sequence<I...>, Values...>& p, [[maybe_unused]] F f) {
    (Values::each(get<I>(p), [&](const char*, auto& tensor) { f(tensor); }), ...);
}

/// Number of the first table whose shape is not that of its tensor, or of the first that is missing or too many; -1: all fit.
template <class Parameters, class... Tables>
constexpr std::size_t first_misfit() {
    std::size_t number = 0;
    std::size_t misfit = std::size_t(-1);
    Parameters p{};
    each_tensor(p, [&](auto& tensor) {
        using tensor_type = std::remove_reference_t<decltype(tensor)>;
        constexpr bool fits[] = {has_shape_of<Tables, tensor_type>..., false};
        if (misfit == std::size_t(-1) && !fits[number < sizeof...(Tables) ? number : sizeof...(Tables)]) misfit = number;
        ++number;
    });
    return misfit == std::size_t(-1) && number < sizeof...(Tables) ? number : misfit;
}

/// Never constant: a compiler that evaluates a call of it says so, and names it.
inline std::int64_t an_integer_of_a_table_does_not_fit_its_type() { return 0; }

/// Bounds of a scalar's raw integers, as far as 64 bits hold them.
template <class Scalar>
struct raw_bounds {
    static constexpr int bits = Scalar::width - (Scalar::is_signed ? 1 : 0);
    static constexpr std::int64_t greatest = bits > 62 ? std::numeric_limits<std::int64_t>::max()
                                                       : (std::int64_t{1} << (bits > 62 ? 0 : bits)) - 1;
    static constexpr std::int64_t least = Scalar::is_signed ? -greatest - 1 : 0;
};

template <class Table, class Tensor>
constexpr void read_table([[maybe_unused]] const Table& table, [[maybe_unused]] Tensor& tensor) {
    if constexpr (has_shape_of<Table, Tensor>) {
        using inner = std::remove_extent_t<Tensor>;
        if constexpr (std::is_array_v<inner>) {
            for (std::size_t i = 0; i < std::extent_v<Tensor>; ++i) read_table(table[i], tensor[i]);
        } else if constexpr (std::is_integral_v<inner>) {
            // Numbers of nodes and features: a table of their own type.
            for (std::size_t i = 0; i < std::extent_v<Tensor>; ++i) tensor[i] = table[i];
        } else {
            // One statement a number: clang counts them.
            for (std::size_t i = 0; i < std::extent_v<Tensor>; ++i)
                tensor[i] = inner::from_exact(static_cast<std::int64_t>(table[i]) < raw_bounds<inner>::least ||
                                                      static_cast<std::int64_t>(table[i]) > raw_bounds<inner>::greatest
                                                  ? an_integer_of_a_table_does_not_fit_its_type()
                                                  : static_cast<std::int64_t>(table[i]));
        }
    }
}

}  // namespace detail

/// The parameters whose raw integers are the tables', one for each tensor: constexpr auto p =
/// from_raw<network::parameters>(fc1_weights, fc1_bias, ...). Scalars are fixed point. Refused at compile time: tables of other
/// shapes or another number, and in a constant, integers that a type does not hold. Of whole numbers a table has the type of the tensor.
template <class Parameters, class... Tables>
constexpr Parameters from_raw(const Tables&... tables) {
    constexpr std::size_t misfit = detail::first_misfit<Parameters, Tables...>();
    using verdict = std::conditional_t<misfit == std::size_t(-1), accepted,
                                       refused<expects_tables_of_the_tensors, got<std::remove_const_t<Tables>...>>>;
    static_cast<void>(&detail::report<table_number<misfit>, verdict>::explain);
    Parameters p{};
    std::size_t number = 0;
    detail::each_tensor(p, [&](auto& tensor) {
        std::size_t other = 0;
        ((other++ == number ? detail::read_table(tables, tensor) : void()), ...);
        ++number;
    });
    return p;
}

}  // namespace kaon
