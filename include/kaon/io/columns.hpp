// columns.hpp: a model as a function of as many numbers as it has features, for data frames that pass columns one by one.
#pragma once

#include "../core/tensor.hpp"

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

template <class Column, std::size_t>
using same_column = Column;

/// One call operator, of exactly one type: what frameworks deduce the columns' types from.
template <class Model, class Column, class Features>
class columns_of;

template <class Model, class Column, std::size_t... I>
class columns_of<Model, Column, std::index_sequence<I...>> {
    using input = typename Model::input;
    using output = typename Model::output;
    using scalar = typename output::scalar;

public:
    constexpr explicit columns_of(const Model& model) noexcept : model_(&model) {}

    // Throws nothing; not noexcept, which ROOT does not see through when it deduces the types.
    auto operator()(same_column<Column, I>... x) const {
        const output y = (*model_)(input{{static_cast<typename input::scalar>(x)...}});
        if constexpr (output::size == 1) {
            return y[0];
        } else {
            std::array<scalar, output::size> values;
            for (std::size_t i = 0; i < output::size; ++i) values[i] = y[i];
            return values;
        }
    }

private:
    const Model* model_;
};

}  // namespace detail

/// A model of one input as a function of its features in C order, each of type Column (by default the input's scalar; double, if
/// the data frame holds doubles). Gives the output's values as std::array in C order, or the value itself where there is one.
/// Refers to the model, which must outlive it. As const and thread-safe as the model is.
///
///     frame.Define("scores", kaon::on_columns(jets::model), {"pt", "eta", "mass"})   // ROOT::RDataFrame
template <class Column = void, class Model>
constexpr auto on_columns(const Model& model) noexcept {
    using input = typename Model::input;
    using column = std::conditional_t<std::is_void_v<Column>, typename input::scalar, Column>;
    return detail::columns_of<Model, column, std::make_index_sequence<input::size>>(model);
}
/// Refused: the model would be gone before the first call.
template <class Column = void, class Model>
constexpr auto on_columns(const Model&& model) noexcept = delete;

}  // namespace kaon
