// slice.hpp: some of a vector's values; several slices split it.
#pragma once

#include "pass.hpp"
#include "vector_input.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// What lies behind the first `First` values of each event of a source.
template <class Source, std::size_t First>
struct rows_from {
    static constexpr std::size_t rows = Source::rows;
    const Source& source;

    [[gnu::always_inline]] constexpr const auto* pointer(std::size_t row, std::size_t i) const noexcept {
        return source.pointer(row, First + i);
    }
};

}  // namespace detail

/// Values First to First + Count - 1 of a vector: [n] -> [Count].
template <std::size_t First, std::size_t Count, class... Options>
struct slice {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "slice";
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        if constexpr (!std::is_same_v<vector_verdict<Input>, accepted>) {
            return vector_verdict<Input>{};
        } else if constexpr (Count == 0) {
            return refused<expects_outputs, got<shape<Count>>>{};
        } else if constexpr (First >= Input::size || Count > Input::size - First) {
            return refused<expects_size<First + Count>, got<typename Input::extents>>{};
        } else {
            return accepted{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using output = tensor<scalar, shape<Count>>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
            pass<output>::template forward<Target>(detail::rows_from<Source, First>{x}, sink);
        }
    };
};

}  // namespace kaon
