// slice.hpp: some of a vector's values; several slices split it.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>

namespace kaon {

/// Values First to First + Count - 1 of a vector: [n] -> [Count].
template <std::size_t First, std::size_t Count, class... Options>
struct slice {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "slice";
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        if constexpr (Input::extents::rank != 1) {
            return refused<expects_rank<1>, got<typename Input::extents>>{};
        } else if constexpr (Input::counted) {
            return refused<expects_fixed_extents, got<Input>>{};
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
            using A = arithmetic<Target, scalar, Count>;
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                repeat<Target, (Count + A::lanes - 1) / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                    const std::size_t first = p * A::lanes;
                    sink(r, first, A::load_first(x.pointer(r, First + first), Count - first));
                });
            });
        }
    };
};

}  // namespace kaon
