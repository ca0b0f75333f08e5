// softmax_by_tables.hpp: the steps of softmax in fixed point, as hls4ml 1.3 has them (softmax_latency and softmax_stable of its
// nnet_activation.h).
#pragma once

#include "softmax_types.hpp"

#include "../scalar/precision.hpp"
#include "../simd/look_up.hpp"

#include <cstddef>
#include <utility>

namespace kaon::detail {

/// One value at a time. The sum is that of a balanced tree, whose first half has as many values as the power of two below: where a
/// saturating accumulator meets negative entries, that decides.
template <class X, std::size_t N, class... Options>
struct softmax_by_tables {
    using types = softmax_types<X, Options...>;
    static constexpr bool stable = types::variant == softmax_variant::stable;
    static constexpr std::size_t lanes = 1;
    static constexpr std::size_t rest = 0;
    static constexpr std::size_t packs = N;

    /// Nothing, where nothing is subtracted.
    struct none {};

    [[gnu::always_inline]] static constexpr X load(const X* p) noexcept { return *p; }
    [[gnu::always_inline]] static constexpr auto largest(const X (&x)[N]) noexcept {
        if constexpr (stable) {
            return largest_of<0, N>(x);
        } else {
            return none{};
        }
    }
    template <class Largest>
    [[gnu::always_inline]] static constexpr auto raised(const X& x, [[maybe_unused]] const Largest& largest) noexcept {
        using address = typename types::exponentials::address::scalar;
        if constexpr (stable) {
            const auto below = quantized<typename types::norm_input>(largest - x);
            return quantized<typename types::sum>(look_up<typename types::exponentials>(quantized<address>(below)));
        } else {
            return quantized<typename types::sum>(look_up<typename types::exponentials>(quantized<address>(x)));
        }
    }

    using input = X;
    using exponential = decltype(raised(std::declval<X>(), std::declval<X>()));

    [[gnu::always_inline]] static constexpr exponential sum(const exponential (&e)[N]) noexcept { return sum_of<0, N>(e); }
    [[gnu::always_inline]] static constexpr auto reciprocal(const exponential& sum) noexcept {
        using address = typename types::inverses::address::scalar;
        const auto looked_up = quantized<address>(quantized<typename types::inv_input>(sum));
        return look_up<typename types::inverses>(looked_up);
    }
    template <class Factor>
    [[gnu::always_inline]] static constexpr auto product(const exponential& e, const Factor& factor) noexcept {
        return quantized<typename types::named>(e * factor);
    }
    [[gnu::always_inline]] static constexpr auto quotient(const exponential& e, const exponential& sum) noexcept {
        return product(e, reciprocal(sum));
    }

    using output = decltype(quotient(std::declval<exponential>(), std::declval<exponential>()));

private:
    static constexpr std::size_t first_half(std::size_t count) {
        std::size_t half = 1;
        while (2 * half < count) half *= 2;
        return half;
    }
    template <std::size_t First, std::size_t Count>
    [[gnu::always_inline]] static constexpr X largest_of(const X (&x)[N]) noexcept {
        if constexpr (Count == 1) {
            return x[First];
        } else {
            constexpr std::size_t half = first_half(Count);
            return maximum(largest_of<First, half>(x), largest_of<First + half, Count - half>(x));
        }
    }
    template <std::size_t First, std::size_t Count>
    [[gnu::always_inline]] static constexpr exponential sum_of(const exponential (&e)[N]) noexcept {
        if constexpr (Count == 1) {
            return e[First];
        } else {
            constexpr std::size_t half = first_half(Count);
            return quantized<typename types::sum>(sum_of<First, half>(e) + sum_of<First + half, Count - half>(e));
        }
    }
};

}  // namespace kaon::detail
