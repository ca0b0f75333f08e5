// reshape.hpp: the same values in another shape. Nothing moves: the values lie in C order before and after.
#pragma once

#include "view.hpp"

namespace kaon {

/// The values of a tensor, in C order, as extents `Shape` of as many values.
template <class Shape, class... Options>
struct basic_reshape : detail::view<Options...> {
    static constexpr char kind[] = "reshape";

    template <class Input>
    static constexpr auto judge() {
        if constexpr (Input::counted) {
            return refused<expects_fixed_extents, got<Input>>{};
        } else if constexpr (Shape::size != Input::size) {
            return refused<expects_values<Shape::size>, got<typename Input::extents>>{};
        } else {
            return accepted{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind : detail::bound_view<tensor<typename Input::scalar, Shape>> {};
};

/// reshape<4, 5>: [20] -> [4][5]; [2][10] -> [4][5].
template <std::size_t... Extents>
using reshape = basic_reshape<shape<Extents...>>;

/// All values as one vector: [4][5] -> [20].
template <class... Options>
struct basic_flatten : detail::view<Options...> {
    static constexpr char kind[] = "flatten";

    template <class Input>
    using verdict = std::conditional_t<Input::counted, refused<expects_fixed_extents, got<Input>>, accepted>;

    template <class Input>
    struct bind : detail::bound_view<tensor<typename Input::scalar, shape<Input::size>>> {};
};
using flatten = basic_flatten<>;

}  // namespace kaon
