// merge.hpp: several tensors into one.
#pragma once

#include "pass.hpp"

#include "../core/bundle.hpp"
#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

template <class First, class... Rest>
inline constexpr bool equal_shapes = (std::is_same_v<typename First::extents, typename Rest::extents> && ... && true) &&
                                     ((First::counted == Rest::counted) && ... && true);

struct sum_function {
    static constexpr char kind[] = "add";
    static constexpr std::size_t multiplications = 0;
    template <class A, class B>
    [[gnu::always_inline]] static auto apply(const A& a, const B& b) noexcept {
        return a + b;
    }
};
struct product_function {
    static constexpr char kind[] = "multiply";
    static constexpr std::size_t multiplications = 1;
    template <class A, class B>
    [[gnu::always_inline]] static auto apply(const A& a, const B& b) noexcept {
        return a * b;
    }
};

/// The scalar of values combined from the left, exactly.
template <class Function, class First, class... Rest>
struct combined {
    using type = First;
};
template <class Function, class First, class Second, class... Rest>
struct combined<Function, First, Second, Rest...>
    : combined<Function, decltype(Function::apply(std::declval<First>(), std::declval<Second>())), Rest...> {};

}  // namespace detail

/// Combines the tensors value by value, from the left. Shapes are equal; fixed point is exact, or rounded to result<>.
template <class Function, class... Options>
struct elementwise {
    using tag = tag_of<Options...>;
    static constexpr auto& kind = Function::kind;
    static constexpr option_kind takes[] = {option_kind::result};
    static constexpr bool pointwise = false;
    static constexpr bool merges = true;

    template <class Input>
    struct judge;
    template <class... Values>
    struct judge<bundle<Values...>> {
        using type = std::conditional_t<detail::equal_shapes<Values...>, accepted,
                                        refused<expects_equal_shapes, got<typename Values::extents...>>>;
    };
    template <class Input>
    using verdict = typename judge<Input>::type;

    template <class Input>
    struct bind;
    template <class First, class... Rest>
    struct bind<bundle<First, Rest...>> {
        using exact = typename detail::combined<Function, typename First::scalar, typename Rest::scalar...>::type;
        using named = option_of<result, void, Options...>;
        using scalar = std::conditional_t<std::is_void_v<named>, exact, typename detail::like<exact, named>::type>;
        using output = with_scalar<First, scalar>;
        using parameters = void;
        static constexpr std::size_t size = First::size;
        static constexpr std::size_t multiplications = Function::multiplications * size * sizeof...(Rest);
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
            using A = arithmetic<Target, exact, size>;
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                repeat<Target, (size + A::lanes - 1) / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                    const std::size_t first = p * A::lanes;
                    sink(r, first, quantized<named>(value<Target, A, sizeof...(Rest)>(x, r, first)));
                });
            });
        }

    private:
        /// Values combined up to tensor Last.
        template <class Target, class A, std::size_t Last, class Source>
        [[gnu::always_inline]] static auto value(const Source& x, std::size_t r, std::size_t first) noexcept {
            const auto last = A::load_first(x.template part<Last>().pointer(r, first), size - first);
            if constexpr (Last == 0) {
                return last;
            } else {
                return Function::apply(value<Target, A, Last - 1>(x, r, first), last);
            }
        }
    };
};

template <class... Options>
struct basic_add : elementwise<detail::sum_function, Options...> {};
/// a + b + ...
using add = basic_add<>;

template <class... Options>
struct basic_multiply : elementwise<detail::product_function, Options...> {};
/// a * b * ...
using multiply = basic_multiply<>;

/// The values of several vectors one after the other: [a], [b], ... -> [a + b + ...]. One scalar.
template <class... Options>
struct basic_concat {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "concat";
    static constexpr bool pointwise = false;
    static constexpr bool merges = true;

    template <class Input>
    struct judge;
    template <class First, class... Rest>
    struct judge<bundle<First, Rest...>> {
        using shaped = std::conditional_t<
            First::extents::rank != 1 || ((Rest::extents::rank != 1) || ... || false),
            refused<expects_rank<1>, got<typename First::extents, typename Rest::extents...>>,
            std::conditional_t<(std::is_same_v<typename First::scalar, typename Rest::scalar> && ... && true), accepted,
                               refused<expects_equal_scalars, got<typename First::scalar, typename Rest::scalar...>>>>;
        using type = std::conditional_t<(First::counted || ... || Rest::counted),
                                        refused<expects_fixed_extents, got<First, Rest...>>, shaped>;
    };
    template <class Input>
    using verdict = typename judge<Input>::type;

    template <class Input>
    struct bind;
    template <class First, class... Rest>
    struct bind<bundle<First, Rest...>> {
        using scalar = typename First::scalar;
        static constexpr std::size_t size = (First::size + ... + Rest::size);
        using output = tensor<scalar, shape<size>>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
            using A = arithmetic<Target, scalar, size>;
            constexpr std::size_t sizes[] = {First::size, Rest::size...};
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                output joined;
                std::size_t begin = 0;
                for_each<1 + sizeof...(Rest)>([&](auto part) __attribute__((always_inline)) {
                    repeat<Target, sizes[part]>([&](std::size_t i) __attribute__((always_inline)) {
                        joined.values[begin + i] = x.template part<part>().at(r, i);
                    });
                    begin += sizes[part];
                });
                repeat<Target, (size + A::lanes - 1) / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                    sink(r, p * A::lanes, A::load_first(joined.values + p * A::lanes, size - p * A::lanes));
                });
            });
        }
    };
};
using concat = basic_concat<>;

/// One of several tensors.
template <std::size_t Index, class... Options>
struct take {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "take";
    static constexpr bool pointwise = false;
    static constexpr bool merges = true;

    template <class Input>
    struct judge;
    template <class... Values>
    struct judge<bundle<Values...>> {
        using type = std::conditional_t<(Index < sizeof...(Values)), accepted,
                                        refused<expects_tensors<Index + 1>, got<typename Values::extents...>>>;
    };
    template <class Input>
    using verdict = typename judge<Input>::type;

    template <class Input>
    struct bind {
        using output = std::decay_t<decltype(get<Index>(std::declval<Input>()))>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
            pass<output>::template forward<Target>(x.template part<Index>(), sink);
        }
    };
};

}  // namespace kaon
