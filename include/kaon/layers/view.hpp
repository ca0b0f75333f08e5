// view.hpp: layers that leave the values as they are; they cost nothing.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon::detail {

/// At the head of a chain a view is passed over; elsewhere it stands in the store of the layer before. Options: a name.
template <class... Options>
struct view {
    using tag = tag_of<Options...>;
    static constexpr bool pointwise = true;
    static constexpr bool is_view = true;
};

template <class Output>
struct bound_view {
    using output = Output;
    using parameters = void;
    static constexpr std::size_t multiplications = 0;
    static constexpr std::size_t parameter_count = 0;

    template <class V>
    [[gnu::always_inline]] static const V& apply(const V& x) noexcept {
        return x;
    }
};

}  // namespace kaon::detail
