// softmax.hpp: e^x normalised to a sum of one.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/store.hpp"
#include "../core/tensor.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Softmax over all values of a vector: [n] -> [n], positive, summing to one. The largest input is subtracted first.
template <class... Options>
struct basic_softmax {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "softmax";
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        if constexpr (Input::extents::rank != 1) {
            return refused<expects_rank<1>, got<typename Input::extents>>{};
        } else if constexpr (Input::counted) {
            return refused<expects_fixed_extents, got<Input>>{};
        } else if constexpr (is_fixed_point<typename Input::scalar>) {
            return refused<expects_floating_point, got<typename Input::scalar>>{};
        } else {
            return accepted{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using output = Input;
        using parameters = void;
        static constexpr std::size_t n = Input::size;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
            using A = arithmetic<Target, scalar, n>;
            using value = typename A::value;
            constexpr std::size_t packs = (n + A::lanes - 1) / A::lanes;
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                const value largest = A::broadcast(largest_of<0, n>(x, r));
                tensor<scalar, shape<packs * A::lanes>> e;
                repeat<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
                    const std::size_t first = p * A::lanes;
                    const value input = A::load_first(x.pointer(r, first), n - first);
                    store(e.values + first, exponential(input - largest));
                });
                const value factor = A::broadcast(scalar(1) / sum_of<0, n>(e));
                repeat<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
                    sink(r, p * A::lanes, A::load(e.values + p * A::lanes) * factor);
                });
            });
        }

    private:
        // By halves: the depth of the reduction is the logarithm of n, and no lane beyond n is read.
        template <std::size_t First, std::size_t Count, class Source>
        [[gnu::always_inline]] static scalar largest_of(const Source& x, std::size_t r) noexcept {
            if constexpr (Count == 1) {
                return x.at(r, First);
            } else {
                return maximum(largest_of<First, Count / 2>(x, r), largest_of<First + Count / 2, Count - Count / 2>(x, r));
            }
        }
        template <std::size_t First, std::size_t Count, class Tensor>
        [[gnu::always_inline]] static scalar sum_of(const Tensor& e) noexcept {
            if constexpr (Count == 1) {
                return e.values[First];
            } else {
                return sum_of<First, Count / 2>(e) + sum_of<First + Count / 2, Count - Count / 2>(e);
            }
        }
    };
};
using softmax = basic_softmax<>;

}  // namespace kaon
