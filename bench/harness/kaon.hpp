// kaon.hpp: a converted model as an engine of the bench, with any number of inputs and outputs.
#pragma once

#include "events.hpp"

#include <kaon/kaon.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

/// The values of an input or output, whether it is one or several.
template <class Value>
struct values_of {
    using type = std::tuple<Value>;
    static constexpr std::size_t size = Value::size;
    template <std::size_t>
    static const Value& get(const Value& value) noexcept {
        return value;
    }
};
template <class... Values>
struct values_of<kaon::bundle<Values...>> {
    using type = std::tuple<Values...>;
    static constexpr std::size_t size = (Values::size + ...);
    template <std::size_t I>
    static const auto& get(const kaon::bundle<Values...>& value) noexcept {
        return kaon::get<I>(value);
    }
};

/// `Model` is the constant of a converted header, weights bound to its type. A row of the events holds the values of all
/// inputs one after another, a row of the scores those of all outputs.
template <class Network, const auto& Model>
class kaon_engine {
    using inputs = values_of<typename Network::input>;
    using results = values_of<typename Network::output>;
    using input_tuple = typename inputs::type;
    using result_tuple = typename results::type;
    static constexpr auto input_numbers = std::make_index_sequence<std::tuple_size_v<input_tuple>>{};
    static constexpr auto result_numbers = std::make_index_sequence<std::tuple_size_v<result_tuple>>{};

public:
    static constexpr std::size_t features = inputs::size;
    static constexpr std::size_t outputs = results::size;
    const char* name = "kaon";
    /// Of the first input.
    static constexpr const char* scalar =
        kaon::is_fixed_point<typename std::tuple_element_t<0, input_tuple>::scalar> ? "fixed" : "float";

    explicit kaon_engine(const events& given) : singles_(given.rows()), single_scores_(given.rows()), row_(outputs) {
        for (std::size_t row = 0; row < given.rows(); ++row) fill(given.row(row), row, input_numbers);
        resize(given.rows(), result_numbers);
    }

    void single(std::size_t row) noexcept { run(row, input_numbers); }
    const float* single_output(std::size_t row) const noexcept {
        if constexpr (are_rows_of_floats) return single_scores_[row].data();
        else return side_by_side(row, result_numbers);
    }
    /// What an event waits for that depends on the one before: the scores as they are.
    const void* first_score(std::size_t row) const noexcept { return results::template get<0>(single_scores_[row]).data(); }

    void batch(std::size_t first, std::size_t rows) noexcept { run(first, rows, input_numbers, result_numbers); }
    const float* batch_output(std::size_t row) const noexcept {
        if constexpr (are_rows_of_floats) return std::get<0>(batch_scores_).data() + row * outputs;
        else return batch_side_by_side(row, result_numbers);
    }

private:
    template <std::size_t I>
    using input_at = std::tuple_element_t<I, input_tuple>;
    template <std::size_t O>
    using result_at = std::tuple_element_t<O, result_tuple>;

    template <class... Values>
    static auto columns_type(const std::tuple<Values...>&) -> std::tuple<std::vector<typename Values::scalar>...>;
    using input_columns = decltype(columns_type(std::declval<input_tuple>()));
    template <std::size_t... O>
    static auto scores_type(std::index_sequence<O...>) -> std::tuple<std::vector<typename result_at<O>::scalar>...>;
    static constexpr bool are_rows_of_floats =
        result_numbers.size() == 1 && std::is_same_v<typename result_at<0>::scalar, float>;
    using score_columns = decltype(scores_type(result_numbers));

    template <std::size_t... I>
    void fill(const float* from, std::size_t row, std::index_sequence<I...>) {
        const auto one = [&](auto& event, auto& column) {
            using scalar = typename std::decay_t<decltype(column)>::value_type;
            for (scalar& value : event) column.push_back(value = static_cast<scalar>(*from++));
        };
        (one(std::get<I>(singles_[row]), std::get<I>(batches_)), ...);
    }

    template <std::size_t... O>
    void resize(std::size_t rows, std::index_sequence<O...>) {
        (std::get<O>(batch_scores_).resize(rows * result_at<O>::size), ...);
    }

    template <std::size_t... I>
    void run(std::size_t row, std::index_sequence<I...>) noexcept {
        single_scores_[row] = Model(std::get<I>(singles_[row])...);
    }

    template <std::size_t... I, std::size_t... O>
    void run(std::size_t first, std::size_t rows, std::index_sequence<I...>, std::index_sequence<O...>) noexcept {
        Model(kaon::batch_view<const typename input_at<I>::scalar>{std::get<I>(batches_).data() + first * input_at<I>::size,
                                                                   rows, input_at<I>::size}...,
              kaon::batch_view<typename result_at<O>::scalar>{std::get<O>(batch_scores_).data() + first * result_at<O>::size,
                                                              rows, result_at<O>::size}...);
    }

    template <std::size_t... O>
    const float* side_by_side(std::size_t row, std::index_sequence<O...>) const noexcept {
        float* to = row_.data();
        ((to = copy(results::template get<O>(single_scores_[row]).data(), result_at<O>::size, to)), ...);
        return row_.data();
    }

    template <std::size_t... O>
    const float* batch_side_by_side(std::size_t row, std::index_sequence<O...>) const noexcept {
        float* to = row_.data();
        ((to = copy(std::get<O>(batch_scores_).data() + row * result_at<O>::size, result_at<O>::size, to)), ...);
        return row_.data();
    }
    template <class Scalar>
    static float* copy(const Scalar* from, std::size_t n, float* to) noexcept {
        return std::transform(from, from + n, to, [](const Scalar& score) { return static_cast<float>(score); });
    }

    std::vector<input_tuple> singles_;
    std::vector<typename Network::output> single_scores_;
    input_columns batches_;
    score_columns batch_scores_;
    mutable std::vector<float> row_;  // the last row that was asked for
};

}  // namespace bench
