// per_feature.hpp: the nest of layers that change each feature with numbers of its own.
#pragma once

#include "vector_input.hpp"

#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// As the nest reads them: whole packs; what is added is zero.
template <class Scalar, std::size_t Arrays, std::size_t Width>
struct feature_constants {
    alignas(register_bytes) Scalar values[Arrays][Width];
};

}  // namespace detail

/// Function::apply(x, its number, ...) of each feature: [n] -> [n]. Parameters: Function::parameters<Scalar, n>, arrays [n].
/// Float only. Options: a name, parameters_of<>.
template <class Function, class... Options>
struct per_feature {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr auto& kind = Function::kind;
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = float_vector_verdict<Input>;

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using number = parameter_scalar_t<scalar>;
        using output = Input;
        static constexpr std::size_t n = Input::size;
        using parameters = typename Function::template parameters<number, n>;
        static constexpr std::size_t arrays = sizeof(parameters) / sizeof(number) / n;
        static constexpr std::size_t multiplications = Function::multiplications * n;
        static constexpr std::size_t parameter_count = arrays * n;

        template <class Target>
        using constants = detail::feature_constants<number, arrays, round_up(n, arithmetic<Target, scalar, n>::lanes)>;

        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            constants<Target> c{};
            std::size_t array = 0;
            parameters::each(p, [&](const char*, const auto& values) {
                for (std::size_t i = 0; i < n; ++i) c.values[array][i] = values[i];
                ++array;
            });
            return c;
        }

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            using A = arithmetic<Target, scalar, n>;
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                repeat<Target, (n + A::lanes - 1) / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                    const std::size_t first = p * A::lanes;
                    const auto values = A::load_first(x.pointer(r, first), n - first);
                    if constexpr (arrays == 1) {
                        sink(r, first, Function::apply(values, load<A>(c.values[0] + first)));
                    } else {
                        sink(r, first, Function::apply(values, load<A>(c.values[0] + first), load<A>(c.values[1] + first)));
                    }
                });
            });
        }

    protected:
        /// Packs of events share one number.
        template <class A>
        [[gnu::always_inline]] static typename A::value load(const number* p) noexcept {
            if constexpr (std::is_same_v<number, scalar>) {
                return A::load(p);
            } else {
                return typename A::value(*p);
            }
        }
    };
};

}  // namespace kaon
