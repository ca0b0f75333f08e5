// layer_norm.hpp: the features of an event brought to mean zero and variance one.
#pragma once

#include "layer_norm_by_table.hpp"
#include "scaler.hpp"
#include "vector_input.hpp"

#include "../core/number.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/types.hpp"
#include "../simd/square_root.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

namespace detail {

template <class Input, class Epsilon>
struct layer_norm_of_floats : basic_scaler<>::bind<Input> {
    using base = typename basic_scaler<>::template bind<Input>;
    using scalar = typename Input::scalar;
    static constexpr std::size_t n = Input::size;
    static constexpr std::size_t multiplications = 3 * n;

    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const typename base::template constants<Target>& c, const Source& x,
                                               const Sink& sink) noexcept {
        using A = arithmetic<Target, scalar, n>;
        using value = typename A::value;
        constexpr std::size_t packs = (n + A::lanes - 1) / A::lanes;
        using lane = lane_of<value>;
        const value share(lane(1) / static_cast<lane>(n));
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            const auto at = [&](std::size_t p) __attribute__((always_inline)) {
                return A::load_first(x.pointer(r, p * A::lanes), n - p * A::lanes);
            };
            value sum = at(0);
            repeat<Target, packs - 1>([&](std::size_t p) __attribute__((always_inline)) { sum = sum + at(p + 1); });
            const value mean = A::sum_of_lanes(sum) * share;
            // Lanes beyond n hold zero, which is not what the others are compared with: they are left out.
            constexpr std::size_t whole = n / A::lanes;
            value squares(0.0f);
            repeat<Target, whole>([&](std::size_t p) __attribute__((always_inline)) {
                const value d = at(p) - mean;
                squares = multiply_add(d, d, squares);
            });
            if constexpr (whole < packs) {
                const value d = (at(whole) - mean).template keep_first<n % A::lanes>(value(0.0f));
                squares = multiply_add(d, d, squares);
            }
            const value spread = square_root(multiply_add(A::sum_of_lanes(squares), share, value(number<Epsilon, lane>)));
            const value factor = value(1.0f) / spread;
            repeat<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
                const std::size_t first = p * A::lanes;
                const value scale = base::template load<A>(c.numbers.scale + first);
                const value offset = base::template load<A>(c.numbers.offset + first);
                sink(r, first, multiply_add((at(p) - mean) * factor, scale, offset));
            });
        });
    }
};

/// By the scalar.
template <class Input, bool Fixed, class Epsilon, class... Options>
struct layer_norm_form : as_type<layer_norm_of_floats<Input, Epsilon>> {};
template <class Input, class Epsilon, class... Options>
struct layer_norm_form<Input, true, Epsilon, Options...> : as_type<layer_norm_by_table<Input, Epsilon, Options...>> {};

}  // namespace detail

/// (x - mean) / sqrt(variance + Epsilon) scale + offset, mean and variance over the n features of an event: [n] -> [n]
/// (Ba et al., arXiv:1607.06450). Parameters: scale [n], offset [n]. Epsilon: a number (core/number.hpp). Fixed point: sums in
/// accumulator<>, which must stand, 1 / sqrt from a table, with the bits of hls4ml 1.3 (docs/fixed-point.md); Epsilon is a
/// std::ratio then. Options: a name, parameters_of<>; in fixed point accumulator<>, weights<>, bias<>, table<>, table_values<>,
/// table_range_power<>, result<>.
template <class Epsilon, class... Options>
struct layer_norm {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "layer_norm";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::bias,         option_kind::accumulator,
                                            option_kind::table,   option_kind::table_values, option_kind::table_range_power,
                                            option_kind::result};
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        using verdict = number_vector_verdict<Input>;
        if constexpr (std::is_same_v<verdict, accepted> && is_fixed_point<typename Input::scalar>) {
            return detail::judge_layer_norm<Epsilon, typename Input::scalar, Options...>();
        } else {
            return verdict{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind : detail::layer_norm_form<Input, is_fixed_point<typename Input::scalar>, Epsilon, Options...>::type {};
};

}  // namespace kaon
