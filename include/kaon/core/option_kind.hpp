// option_kind.hpp: which of a layer's numbers an option gives a scalar to, and which of these a layer takes.
#pragma once

#include "option.hpp"

#include <cstddef>

namespace kaon {

/// Options of precision. The first four are asked for wherever a layer takes them; tables have the defaults of option.hpp.
enum class option_kind {
    weights,
    bias,
    accumulator,
    result,
    table,
    table_values,
    table_range_power,
    softmax_as,
    exp_table,
    inv_table,
    exp_table_values,
    inv_table_values,
    inv_input,
    norm_input,
    none  ///< no precision: a name, whose parameters
};

namespace detail {

template <class Option>
inline constexpr option_kind kind_of_option = option_kind::none;
template <class T>
inline constexpr option_kind kind_of_option<weights<T>> = option_kind::weights;
template <class T>
inline constexpr option_kind kind_of_option<bias<T>> = option_kind::bias;
template <class T>
inline constexpr option_kind kind_of_option<accumulator<T>> = option_kind::accumulator;
template <class T>
inline constexpr option_kind kind_of_option<result<T>> = option_kind::result;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<table<T, Size>> = option_kind::table;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<table_values<Raw>> = option_kind::table_values;
template <int Power>
inline constexpr option_kind kind_of_option<table_range_power<Power>> = option_kind::table_range_power;
template <softmax_variant Variant>
inline constexpr option_kind kind_of_option<softmax_as<Variant>> = option_kind::softmax_as;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<exp_table<T, Size>> = option_kind::exp_table;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<inv_table<T, Size>> = option_kind::inv_table;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<exp_table_values<Raw>> = option_kind::exp_table_values;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<inv_table_values<Raw>> = option_kind::inv_table_values;
template <class T>
inline constexpr option_kind kind_of_option<inv_input<T>> = option_kind::inv_input;
template <class T>
inline constexpr option_kind kind_of_option<norm_input<T>> = option_kind::norm_input;

/// The option kinds that a layer takes: its `takes`, or none.
template <class Layer, class = void>
inline constexpr bool says_what_it_takes = false;
template <class Layer>
inline constexpr bool says_what_it_takes<Layer, std::enable_if_t<(sizeof(Layer::takes) > 0)>> = true;

template <class Layer, option_kind Kind>
constexpr bool takes_option() {
    if constexpr (says_what_it_takes<Layer>) {
        for (const option_kind kind : Layer::takes) {
            if (kind == Kind) return true;
        }
    }
    return false;
}

}  // namespace detail
}  // namespace kaon
