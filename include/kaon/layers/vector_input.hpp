// vector_input.hpp: the verdicts of layers that read one vector.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/tensor.hpp"

#include "../simd/scalar.hpp"

#include <type_traits>

namespace kaon {
namespace detail {

template <class Input>
constexpr auto judge_vector() {
    if constexpr (Input::extents::rank != 1) {
        return refused<expects_rank<1>, got<typename Input::extents>>{};
    } else if constexpr (Input::counted) {
        return refused<expects_fixed_extents, got<Input>>{};
    } else {
        return accepted{};
    }
}

template <class Input>
constexpr auto judge_float_vector() {
    using verdict = decltype(judge_vector<Input>());
    if constexpr (std::is_same_v<verdict, accepted> && !is_floating<typename Input::scalar>) {
        return refused<expects_float, got<typename Input::scalar>>{};
    } else {
        return verdict{};
    }
}

template <class Input>
constexpr auto judge_number_vector() {
    using verdict = decltype(judge_vector<Input>());
    if constexpr (std::is_same_v<verdict, accepted> && !is_floating<typename Input::scalar> &&
                  !is_fixed_point<typename Input::scalar>) {
        return refused<expects_float, got<typename Input::scalar>>{};
    } else {
        return verdict{};
    }
}

}  // namespace detail

/// The verdict of a layer that reads a vector of fixed size.
template <class Input>
using vector_verdict = decltype(detail::judge_vector<Input>());

/// The same, of floats or packs of floats.
template <class Input>
using float_vector_verdict = decltype(detail::judge_float_vector<Input>());

/// The same, of those or of fixed point.
template <class Input>
using number_vector_verdict = decltype(detail::judge_number_vector<Input>());

}  // namespace kaon
