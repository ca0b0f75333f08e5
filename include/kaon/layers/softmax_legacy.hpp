// softmax_legacy.hpp: two forms of softmax in fixed point that have nests of their own: hls4ml's legacy and argmax
// (nnet_activation.h of hls4ml 1.3).
#pragma once

#include "softmax_types.hpp"

#include "../core/loop.hpp"
#include "../core/tensor.hpp"
#include "../scalar/constant_scalar.hpp"
#include "../scalar/precision.hpp"
#include "../simd/look_up.hpp"
#include "../simd/scalar.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon::detail {

/// y_i = 1 / sum_j e^(x_j - x_i), the sum in the scalar of the table of e^x, from the first j on.
template <class Input, class... Options>
struct softmax_legacy {
    using X = typename Input::scalar;
    using types = softmax_types<X, Options...>;
    using sum = typename types::exp_scalar;
    using named = typename types::named;
    using output =
        with_scalar<Input,
                    typename like<X, std::conditional_t<std::is_void_v<named>, typename types::inv_scalar, named>>::type>;
    static constexpr std::size_t n = Input::size;

    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                alike<sum, X> total(0);
                repeat<Target, n>([&](std::size_t j) __attribute__((always_inline)) {
                    total = quantized<sum>(total + (i == j ? alike<sum, X>(1) : raised(x.at(r, j) - x.at(r, i))));
                });
                using address = typename types::inverses::address::scalar;
                sink(r, i, quantized<named>(look_up<typename types::inverses>(quantized<address>(total))));
            });
        });
    }

private:
    template <class Difference>
    [[gnu::always_inline]] static constexpr auto raised(const Difference& difference) noexcept {
        using address = typename types::exponentials::address::scalar;
        return look_up<typename types::exponentials>(quantized<address>(difference));
    }
};

/// One for the first of the largest, zero for the others.
template <class Input, class... Options>
struct softmax_argmax {
    using X = typename Input::scalar;
    using flag = alike<ufixed<1, 1>, X>;
    using named = typename softmax_types<X, Options...>::named;
    using output = with_scalar<Input, decltype(quantized<named>(std::declval<flag>()))>;
    static constexpr std::size_t n = Input::size;

    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            X largest = x.at(r, 0);
            repeat<Target, n - 1>([&](std::size_t i)
                                      __attribute__((always_inline)) { largest = maximum(largest, x.at(r, i + 1)); });
            flag left(1);
            repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                const auto smaller = less(x.at(r, i), largest);
                sink(r, i, quantized<named>(select(smaller, flag(0), left)));
                left = select(smaller, left, flag(0));
            });
        });
    }
};

}  // namespace kaon::detail
