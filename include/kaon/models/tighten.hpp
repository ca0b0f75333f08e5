// tighten.hpp: the widths that sums need for the weights that they have, instead of for any.
#pragma once

#include "../core/network.hpp"
#include "../core/precisions.hpp"
#include "../core/types.hpp"
#include "../core/with_options.hpp"

#include "../layers/activation.hpp"
#include "../layers/dense.hpp"
#include "../scalar/fixed.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

/// The raw values that each of N numbers may have: from least[i] to most[i].
template <std::size_t N>
struct intervals {
    std::int64_t least[N];
    std::int64_t most[N];
};

/// Whether intervals of T are 64-bit integers that may be added.
template <class T>
inline constexpr bool has_intervals = T::width + (T::is_signed ? 0 : 1) <= 62;

template <class Tensor>
constexpr auto whole_range() {
    using T = typename Tensor::scalar;
    intervals<Tensor::size> range{};
    for (std::size_t i = 0; has_intervals<T> && i < Tensor::size; ++i) {
        range.least[i] =
            static_cast<std::int64_t>(T::from_raw(raw_min<typename T::integer_type>(T::width, T::is_signed)).raw());
        range.most[i] =
            static_cast<std::int64_t>(T::from_raw(raw_max<typename T::integer_type>(T::width, T::is_signed)).raw());
    }
    return range;
}

/// What is known of a tensor. Original: as the network has it, from whose scalar weights are inferred where they have no name.
template <class Tensor, class Original = Tensor>
struct known_range {
    using tensor = Tensor;
    using original = Original;
    static constexpr auto value = whole_range<Tensor>();
};

/// Bits of the least two's complement that holds both.
constexpr int bits_of_range(std::int64_t least, std::int64_t most) {
    int bits = 1;
    while (least < raw_min(bits, true) || most > raw_max(bits, true)) ++bits;
    return bits;
}

/// The sums of a dense layer, as raw values of fraction `Fraction`.
template <class Parameters, std::size_t Inputs, std::size_t Outputs>
constexpr auto ranges_of_sums(const Parameters& p, const intervals<Inputs>& x, int product_shift, int bias_shift) {
    intervals<Outputs> sums{};
    for (std::size_t o = 0; o < Outputs; ++o) {
        sums.least[o] = sums.most[o] = p.bias[o].raw() * (std::int64_t{1} << bias_shift);
    }
    for (std::size_t i = 0; i < Inputs; ++i) {
        for (std::size_t o = 0; o < Outputs; ++o) {
            const std::int64_t w = p.weights[i][o].raw() * (std::int64_t{1} << product_shift);
            sums.least[o] += w * (w < 0 ? x.most[i] : x.least[i]);
            sums.most[o] += w * (w < 0 ? x.least[i] : x.most[i]);
        }
    }
    return sums;
}

/// Values of From converted to To, which does not fall where From rises, unless it wraps.
template <class From, class To, std::size_t N>
constexpr auto converted_ranges(const intervals<N>& x) {
    intervals<N> y{};
    for (std::size_t i = 0; i < N; ++i) {
        const To least(From::from_exact(x.least[i])), most(From::from_exact(x.most[i]));
        // In a format with room for both ends nothing has wrapped.
        using roomy = basic_fixed<63, 63 - To::fraction, true, To::rounding>;
        constexpr bool holds = From::integer + To::fraction <= 60;
        const bool wraps =
            To::overflow != saturate && To::overflow != saturate_symmetric &&
            (!holds || roomy(From::from_exact(x.least[i])) != least || roomy(From::from_exact(x.most[i])) != most);
        y.least[i] = wraps ? raw_min(To::width, To::is_signed) : least.raw();
        y.most[i] = wraps ? raw_max(To::width, To::is_signed) : most.raw();
    }
    return y;
}

/// How many layers have parameters of their own.
template <class... Leaves>
constexpr std::size_t owners(types<Leaves...>) {
    return (std::size_t{0} + ... + (Leaves::owns_parameters ? 1 : 0));
}

/// The scalars of a layer's parameters, named: it would infer others from a narrower input.
template <class Layer, class Bound, class = void>
struct with_named_parameters : as_type<Layer> {};
template <class Layer, class Bound>
struct with_named_parameters<Layer, Bound, std::void_t<typename Bound::types::weight, decltype(Layer::takes)>> {
    template <option_kind Kind, class Option>
    using if_taken = std::conditional_t<takes_option<Layer, Kind>(), types<Option>, types<>>;
    using named = decltype(if_taken<option_kind::weights, weights<typename Bound::types::weight>>{} +
                           if_taken<option_kind::bias, bias<typename Bound::types::bias>>{});
    using type = typename with_options<Layer, named>::type;
};

template <class Layer, class Tensor>
using bound_to = typename bind_entry<0, Layer, Tensor>::type;
template <class Layer, class Known>
using named_parameters =
    typename with_named_parameters<Layer, typename bound_to<Layer, typename Known::original>::bound>::type;

/// A layer after what is known of its input: as it is, on narrower scalars. Slot: of its parameters, if it has any.
template <class Known, class Layer, std::size_t Slot, const auto& Parameters, class = void>
struct tightened {
    template <class Entry, class = void>
    struct changed : as_type<Entry> {};
    template <class Entry>
    struct changed<Entry, std::enable_if_t<says_what_it_takes<Entry> &&
                                           !std::is_same_v<typename Known::tensor, typename Known::original>>>
        : as_type<named_parameters<Entry, Known>> {};
    using type = typename changed<Layer>::type;
    using original = typename bound_to<Layer, typename Known::original>::output;
    using tensor = typename bound_to<type, typename Known::tensor>::output;
    static constexpr auto value = whole_range<tensor>();
    static constexpr std::size_t next = Slot + owners(typename bound_to<Layer, typename Known::original>::leaves{});
};

/// relu and identity do not fall where their input rises.
template <class Known, class Function, class... Options, std::size_t Slot, const auto& Parameters>
struct tightened<Known, activation<Function, Options...>, Slot, Parameters,
                 std::enable_if_t<has_intervals<typename Known::tensor::scalar> &&
                                  (equal_text(Function::kind, "relu") || equal_text(Function::kind, "identity"))>> {
    using type = activation<Function, Options...>;
    using original = typename bound_to<type, typename Known::original>::output;
    using tensor = typename bound_to<type, typename Known::tensor>::output;
    static constexpr bool cut = equal_text(Function::kind, "relu");
    static constexpr auto ranges() {
        auto x = Known::value;
        for (std::size_t i = 0; cut && i < tensor::size; ++i) {
            x.least[i] = x.least[i] < 0 ? 0 : x.least[i];
            x.most[i] = x.most[i] < 0 ? 0 : x.most[i];
        }
        return converted_ranges<typename Known::tensor::scalar, typename tensor::scalar>(x);
    }
    static constexpr auto value = ranges();
    static constexpr std::size_t next = Slot;
};

template <class Known, std::size_t Slot, const auto& Parameters>
struct tightened<Known, identity, Slot, Parameters> : tightened<Known, basic_identity<>, Slot, Parameters> {};

/// Whether a dense layer has exact sums, of 62 bits at most.
template <class Known, class Layer>
constexpr bool has_exact_sums() {
    using types = typename bound_to<Layer, typename Known::original>::bound::types;
    return types::sums::exact && has_intervals<typename types::sum>;
}

template <class Known, std::size_t Outputs, class... Options, std::size_t Slot, const auto& Parameters>
struct tightened<Known, dense<Outputs, Options...>, Slot, Parameters,
                 std::enable_if_t<has_exact_sums<Known, dense<Outputs, Options...>>()>> {
    using named = named_parameters<dense<Outputs, Options...>, Known>;
    using original = typename bound_to<named, typename Known::original>::output;
    using input = typename Known::tensor;
    using bound = typename bound_to<named, typename Known::original>::bound;
    using types = typename bound::types;
    using sum = typename types::sum;
    static constexpr auto sums = ranges_of_sums<typename bound::parameters, input::size, Outputs>(
        get<Slot>(Parameters), Known::value, sum::fraction - input::scalar::fraction - types::weight::fraction,
        sum::fraction - types::bias::fraction);
    static constexpr int width() {
        int bits = 1;
        for (std::size_t o = 0; o < Outputs; ++o) {
            const int needed = bits_of_range(sums.least[o], sums.most[o]);
            bits = needed > bits ? needed : bits;
        }
        return bits;
    }
    using tight = fixed<width(), width() - sum::fraction>;
    using type = typename with_options<named, kaon::types<accumulator<tight>>>::type;
    using tensor = typename bound_to<type, input>::output;
    static constexpr auto value = converted_ranges<tight, typename tensor::scalar>(sums);
    static constexpr std::size_t next = Slot + 1;
};

template <class Known, std::size_t Slot, const auto& Parameters, class Done, class... Rest>
struct tightened_chain;
template <class Known, std::size_t Slot, const auto& Parameters, class... Done>
struct tightened_chain<Known, Slot, Parameters, types<Done...>> {
    template <class Input>
    using in = network<Input, Done...>;
};
template <class Known, std::size_t Slot, const auto& Parameters, class... Done, class First, class... Rest>
struct tightened_chain<Known, Slot, Parameters, types<Done...>, First, Rest...>
    : tightened_chain<tightened<Known, First, Slot, Parameters>, tightened<Known, First, Slot, Parameters>::next, Parameters,
                      types<Done..., typename tightened<Known, First, Slot, Parameters>::type>, Rest...> {};

template <class... Leaves>
constexpr bool any_shares(types<Leaves...>) {
    return (!std::is_void_v<typename Leaves::shares> || ... || false);
}

template <class Network>
inline constexpr bool is_in_fixed_point = false;
template <class Scalar, auto... Extents, class... Layers>
inline constexpr bool is_in_fixed_point<network<input<Scalar, Extents...>, Layers...>> = is_basic_fixed<Scalar>;

/// Layers that share parameters share the types of their sums: such a network stays as it is.
template <class Network, const auto& Parameters,
          bool Stays = any_shares(typename Network::bound::leaves{}) || !is_in_fixed_point<Network>>
struct tightened_network : as_type<Network> {
    static_assert(is_in_fixed_point<Network>, "kaon: tighten is for networks in fixed point, of one input");
};
template <class Scalar, auto... Extents, class... Layers, const auto& Parameters>
struct tightened_network<network<input<Scalar, Extents...>, Layers...>, Parameters, false> {
    using input = kaon::input<Scalar, Extents...>;
    using type =
        typename tightened_chain<known_range<typename input::type>, 0, Parameters, types<>, Layers...>::template in<input>;
    static_assert(
        std::is_same_v<typename type::parameters, typename network<input, Layers...>::parameters>,
        "kaon: tighten: name weights<> and bias<> of layers within residual, parallel or named_graph: they would be "
        "inferred from a narrower input");
};

}  // namespace detail

/// Network, a chain of fixed-point layers, with the accumulators that its constant parameters need: exact sums, of the least width
/// that holds every sum of every input there is, by interval arithmetic. The same values; what a layer gives unrounded is as
/// narrow. The parameters have the same type: where the network infers their scalars, they are named. What is no dense layer, relu or
/// identity is taken to give all that its type holds; a network whose layers share parameters stays as it is.
template <class Network, const typename Network::parameters& Parameters>
using tighten = typename detail::tightened_network<Network, Parameters>::type;

}  // namespace kaon
