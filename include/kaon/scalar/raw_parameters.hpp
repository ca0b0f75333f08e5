// raw_parameters.hpp: a network's parameters from tables of raw integers, as a converted header holds them.
#pragma once

#include "../core/aggregate.hpp"
#include "../core/layer_error.hpp"

#include <cstddef>
#include <cstdint>
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
inline void an_integer_of_a_table_does_not_fit_its_type() {}

template <class Table, class Tensor>
constexpr void read_table([[maybe_unused]] const Table& table, [[maybe_unused]] Tensor& tensor) {
    if constexpr (has_shape_of<Table, Tensor>) {
        for (std::size_t i = 0; i < std::extent_v<Tensor>; ++i) {
            if constexpr (std::rank_v < Tensor >> 1) {
                read_table(table[i], tensor[i]);
            } else {
                tensor[i] = std::remove_extent_t<Tensor>::from_raw(table[i]);
                if (tensor[i].raw() != static_cast<std::int64_t>(table[i])) an_integer_of_a_table_does_not_fit_its_type();
            }
        }
    }
}

}  // namespace detail

/// The parameters whose raw integers are the tables', one for each tensor: constexpr auto p =
/// from_raw<network::parameters>(fc1_weights, fc1_bias, ...). All scalars are fixed point. Refused at compile time: tables of other
/// shapes or another number, and in a constant, integers that a type does not hold.
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
