// per_feature.hpp: the nest of layers that change each feature with numbers of its own.
#pragma once

#include "turns.hpp"
#include "vector_input.hpp"

#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/rom_products.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// As the nest reads them: whole packs; what is added is zero.
template <class Parameters>
struct feature_constants {
    alignas(register_bytes) Parameters numbers;
};

/// x a + b: of floating point; exact; or, where a Sum is named, the product cast to it first, then the sum.
template <class Sum, class X, class A, class B>
[[gnu::always_inline]] constexpr auto multiplied_and_added(const X& x, const A& a, const B& b) noexcept {
    if constexpr (is_floating<X>) {
        return multiply_add(x, a, b);
    } else if constexpr (std::is_void_v<Sum>) {
        return x * a + b;
    } else {
        return quantized<Sum>(quantized<Sum>(x * a) + quantized<Sum>(b));
    }
}

/// The wider one of fixed point; of floating point the first.
template <class A, class B, bool Fixed = is_fixed_point<A>>
struct wider {
    using type = A;
};
template <class A>
struct wider<A, A, true> {
    using type = A;
};
/// A sum of two A is a bit wider.
template <class A, class B>
struct wider<A, B, true> {
    using sum = decltype(std::declval<A>() + std::declval<A>());
    using type = std::conditional_t<(format_of<sum>::width < format_of<B>::width), B, sum>;
};

}  // namespace detail

/// Function::apply<accumulator>(x, its numbers...) of each feature: [n] -> [n]. Parameters: Function::parameters<precision, n>,
/// arrays [n]. Fixed point: exact, or rounded to result<>. Options: a name, parameters_of<>, weights<>, bias<>, accumulator<>,
/// result<>, tile<>.
template <class Function, class... Options>
struct per_feature {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr auto& kind = Function::kind;
    static constexpr auto& takes = Function::takes;
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        if constexpr (std::is_same_v<number_vector_verdict<Input>, accepted>) {
            return typename turns<1, Input::size, Options...>::verdict{};
        } else {
            return number_vector_verdict<Input>{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using types = precision<scalar, 1, Options...>;
        using accumulator = typename types::accumulator;
        using exact = typename Function::template exact<accumulator, scalar, typename types::weight, typename types::bias>;
        using named = option_of<result, void, Options...>;
        using output = with_scalar<Input, decltype(quantized<named>(std::declval<exact>()))>;
        static constexpr std::size_t n = Input::size;
        using parameters = typename Function::template parameters<types, n>;
        static constexpr std::size_t multiplications = Function::multiplications * n;
        static constexpr std::size_t parameter_count = Function::arrays * n;

        /// Packs of which a register holds the widest values there are, those before an accumulator's cast among them.
        using widest = typename detail::wider<
            exact, typename Function::template exact<void, scalar, typename types::weight, typename types::bias>>::type;
        template <class Target>
        using lanes = arithmetic<Target, widest, n>;
        template <class Target>
        using kept = detail::kept_numbers<Target, scalar, types>;
        template <class Target>
        using constants = detail::feature_constants<
            typename Function::template parameters<kept<Target>, round_up(n, lanes<Target>::lanes)>>;
        /// Features at once, where one circuit does the layer's work in turns.
        using turns = kaon::turns<1, n, Options...>;
        template <class Target>
        static constexpr bool shared = Target::unrolled&& turns::shared;

        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            constants<Target> c{};
            parameters::both(c.numbers, p, [](auto& to, const auto& from) {
                for (std::size_t i = 0; i < n; ++i) to[i] = kept<Target>::keep(from[i]);
            });
            return c;
        }

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            using A = lanes<Target>;
            constexpr std::size_t rest = n % A::lanes;
            const auto features = [&](std::size_t r, std::size_t first, auto count) __attribute__((always_inline)) {
                const auto values = A::load_first(x.pointer(r, first), count);
                const auto of_types = [&](const auto&... typed) __attribute__((always_inline)) {
                    const auto numbers = [&](const auto&... arrays) __attribute__((always_inline)) {
                        return Function::template apply<accumulator>(
                            values, number<Target, std::decay_t<decltype(typed[0])>>(arrays + first)...);
                    };
                    return Function::with(c.numbers, numbers);
                };
                sink(r, first, quantized<named>(Function::with(typed_numbers, of_types)));
            };
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                constexpr std::size_t at_once = shared<Target> ? turns::outputs : 1;
                repeat<Target, n / A::lanes / at_once, shared<Target>>([&](std::size_t b) __attribute__((always_inline)) {
                    for_each<at_once>([&](auto k) __attribute__((always_inline)) {
                        features(r, (b * at_once + k) * A::lanes, constant<A::lanes>{});
                    });
                });
                if constexpr (rest != 0) features(r, n - rest, constant<rest>{});
            });
        }

    protected:
        /// Packs of events share one number.
        template <class A, class Number>
        [[gnu::always_inline]] static auto load(const Number* p) noexcept {
            if constexpr (!is_floating<scalar>) {
                return A::load_first(p, A::lanes);
            } else if constexpr (std::is_same_v<Number, scalar>) {
                return A::load(p);
            } else {
                return typename A::value(*p);
            }
        }

    private:
        /// For the types of the arrays.
        static constexpr typename Function::template parameters<types, 1> typed_numbers{};

        template <class Target, class Number, class Kept>
        [[gnu::always_inline]] static auto number(const Kept* p) noexcept {
            if constexpr (kept<Target>::rom) {
                return detail::from_rom<Number>(*p);
            } else {
                return load<lanes<Target>>(p);
            }
        }
    };
};

}  // namespace kaon
