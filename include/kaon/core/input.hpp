// input.hpp: what a network takes.
#pragma once

#include "bundle.hpp"
#include "extent.hpp"
#include "tensor.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

template <auto First, auto... Rest>
constexpr bool outermost_bounded() {
    static_assert((!is_bounded(Rest) && ... && true), "kaon: only the outermost extent may be up_to<N>");
    return is_bounded(First);
}

}  // namespace detail

/// One input: input<float, 16>, input<float, 28, 28, 1>, input<float, up_to<30>, 3>. Extents from the outermost in.
template <class Scalar, auto... Extents>
struct input {
    /// The shape of one event.
    using extents = shape<static_cast<std::size_t>(Extents)...>;
    /// What a call takes: a tensor, with a count where the outermost extent is up_to<N>.
    using type = std::conditional_t<detail::outermost_bounded<Extents...>(), counted_tensor<Scalar, extents>,
                                    tensor<Scalar, extents>>;
    /// The same input on another scalar.
    template <class Other>
    using rebind = input<Other, Extents...>;
};

/// Several inputs, by position; each has its own scalar.
template <class... Inputs>
struct inputs {
    /// The inputs as a bundle; a call takes them one by one.
    using type = bundle<typename Inputs::type...>;
    /// The same inputs on another scalar.
    template <class Other>
    using rebind = inputs<typename Inputs::template rebind<Other>...>;
};

}  // namespace kaon
