// softmax.hpp: e^x normalised to a sum of one.
#pragma once

#include "softmax_by_tables.hpp"
#include "softmax_in_floats.hpp"
#include "softmax_legacy.hpp"
#include "softmax_types.hpp"
#include "vector_input.hpp"

#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../core/types.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// As many packs as fit registers stay there.
template <class Target, std::size_t Packs, class Body>
[[gnu::always_inline]] inline void each_pack(const Body& body) {
    if constexpr (Packs <= 8) {
        for_each<Packs>(body);
    } else {
        repeat<Target, Packs>(body);
    }
}

/// The nest, over the steps of a form.
template <class Form, class Target, class Source, class Sink>
[[gnu::always_inline]] inline void softmax_nest(const Source& x, const Sink& sink) noexcept {
    constexpr std::size_t packs = Form::packs;
    constexpr std::size_t whole = Form::rest == 0 ? packs : packs - 1;
    repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
        typename Form::input in[packs];
        each_pack<Target, whole>([&](std::size_t p)
                                     __attribute__((always_inline)) { in[p] = Form::load(x.pointer(r, p * Form::lanes)); });
        if constexpr (whole < packs) {
            in[whole] = Form::template load_rest<has_padding<Source>>(x.pointer(r, whole * Form::lanes));
        }
        const auto largest = Form::largest(in);
        typename Form::exponential e[packs];
        each_pack<Target, packs>([&](std::size_t p) __attribute__((always_inline)) { e[p] = Form::raised(in[p], largest); });
        const auto sum = Form::sum(e);
        if constexpr (packs == 1) {
            sink(r, std::size_t(0), Form::quotient(e[0], sum));
        } else {
            const auto factor = Form::reciprocal(sum);
            each_pack<Target, packs>([&](std::size_t p) __attribute__((always_inline)) {
                sink(r, p * Form::lanes, Form::product(e[p], factor));
            });
        }
    });
}

template <class Input, class... Options>
struct softmax_of_floats {
    using output = Input;
    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
        softmax_nest<softmax_in_floats<Target, typename Input::scalar, Input::size>, Target>(x, sink);
    }
};

template <class Input, class... Options>
struct softmax_of_tables {
    using form = softmax_by_tables<typename Input::scalar, Input::size, Options...>;
    using output = with_scalar<Input, typename form::output>;
    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
        softmax_nest<form, Target>(x, sink);
    }
};

/// By the scalar, and in fixed point by the variant.
template <class Input, bool Fixed, softmax_variant Variant, class... Options>
struct softmax_form : as_type<softmax_of_tables<Input, Options...>> {};
template <class Input, softmax_variant Variant, class... Options>
struct softmax_form<Input, false, Variant, Options...> : as_type<softmax_of_floats<Input, Options...>> {};
template <class Input, class... Options>
struct softmax_form<Input, true, softmax_variant::legacy, Options...> : as_type<softmax_legacy<Input, Options...>> {};
template <class Input, class... Options>
struct softmax_form<Input, true, softmax_variant::argmax, Options...> : as_type<softmax_argmax<Input, Options...>> {};

}  // namespace detail

/// Softmax over all values of a vector: [n] -> [n], positive, summing to one. The largest input is subtracted first; a value
/// more than 80 (double: 690) below it counts as that. Fixed point: by tables, with the bits of hls4ml 1.3 (docs/fixed-point.md).
/// Options: a name; in fixed point softmax_as<>, exp_table<>, inv_table<>, exp_table_values<>, inv_table_values<>, accumulator<>,
/// inv_input<>, norm_input<>, result<>.
template <class... Options>
struct basic_softmax {
    using tag = tag_of<Options...>;
    static constexpr char kind[] = "softmax";
    static constexpr option_kind takes[] = {
        option_kind::softmax_as,       option_kind::exp_table,        option_kind::inv_table,
        option_kind::exp_table_values, option_kind::inv_table_values, option_kind::accumulator,
        option_kind::inv_input,        option_kind::norm_input,       option_kind::result};
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        using verdict = number_vector_verdict<Input>;
        if constexpr (std::is_same_v<verdict, accepted> && is_fixed_point<typename Input::scalar>) {
            return detail::judge_softmax_types<typename Input::scalar, Options...>();
        } else {
            return verdict{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind : detail::softmax_form<Input, is_fixed_point<typename Input::scalar>, detail::variant_of<Options...>,
                                       Options...>::type {
        using parameters = void;
        static constexpr std::size_t n = Input::size;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;
    };
};
using softmax = basic_softmax<>;

}  // namespace kaon
