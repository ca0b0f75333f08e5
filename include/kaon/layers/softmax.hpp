// softmax.hpp: e^x normalised to a sum of one.
#pragma once

#include "vector_input.hpp"

#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/exponential.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Softmax over all values of a vector: [n] -> [n], positive, summing to one. The largest input is subtracted first; a value
/// more than 80 (double: 690) below it counts as that.
template <class... Options>
struct basic_softmax {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "softmax";
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = float_vector_verdict<Input>;

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
            constexpr std::size_t rest = n % A::lanes;
            constexpr std::size_t packs = n / A::lanes + (rest != 0 ? 1 : 0);
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                value e[packs];
                each<Target, n / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                    e[p] = A::load(x.pointer(r, p * A::lanes));
                });
                if constexpr (rest != 0) {
                    e[packs - 1] = A::template load_first_above_lowest<rest, has_padding<Source>>(x.pointer(r, n - rest));
                }
                const value largest = A::largest_lane(largest_of<0, packs>(e));
                each<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
                    e[p] = exponential_of_nonpositive(e[p] - largest);
                });
                // Lanes beyond n hold e^-80, which is nothing beside the largest, e^0.
                const value sum = A::sum_of_lanes(sum_of<0, packs>(e));
                if constexpr (packs == 1) {
                    sink(r, std::size_t(0), e[0] / sum);
                } else {
                    const value factor = value(lane_of<value>(1)) / sum;
                    each<Target, packs>([&](std::size_t p)
                                            __attribute__((always_inline)) { sink(r, p * A::lanes, e[p] * factor); });
                }
            });
        }

    private:
        /// As many packs as fit registers stay there.
        template <class Target, std::size_t Packs, class Body>
        [[gnu::always_inline]] static void each(const Body& body) {
            if constexpr (Packs <= 8) {
                for_each<Packs>(body);
            } else {
                repeat<Target, Packs>(body);
            }
        }
        // By halves: the depth of the reduction is the logarithm of the number of packs.
        template <std::size_t First, std::size_t Count, class Values>
        [[gnu::always_inline]] static auto largest_of(const Values& e) noexcept {
            if constexpr (Count == 1) {
                return e[First];
            } else {
                return maximum(largest_of<First, Count / 2>(e), largest_of<First + Count / 2, Count - Count / 2>(e));
            }
        }
        template <std::size_t First, std::size_t Count, class Values>
        [[gnu::always_inline]] static auto sum_of(const Values& e) noexcept {
            if constexpr (Count == 1) {
                return e[First];
            } else {
                return sum_of<First, Count / 2>(e) + sum_of<First + Count / 2, Count - Count / 2>(e);
            }
        }
    };
};
using softmax = basic_softmax<>;

}  // namespace kaon
