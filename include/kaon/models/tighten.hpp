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

template <class Tensor>
constexpr auto whole_range() {
    using T = typename Tensor::scalar;
    intervals<Tensor::size> range{};
    for (std::size_t i = 0; i < Tensor::size; ++i) {
        range.least[i] = raw_min(T::width, T::is_signed);
        range.most[i] = raw_max(T::width, T::is_signed);
    }
    return range;
}

/// What is known of a tensor.
template <class Tensor>
struct known_range {
    using tensor = Tensor;
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
        const bool wraps = To::overflow != saturate && To::overflow != saturate_symmetric &&
                           (roomy(From::from_exact(x.least[i])) != least || roomy(From::from_exact(x.most[i])) != most);
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

/// A layer after what is known of its input: as it is. Slot: of its parameters, if it has any.
template <class Known, class Layer, std::size_t Slot, const auto& Parameters, class = void>
struct tightened {
    using bound = typename bind_entry<0, Layer, typename Known::tensor>::type;
    using type = Layer;
    using tensor = typename bound::output;
    static constexpr auto value = whole_range<tensor>();
    static constexpr std::size_t next = Slot + owners(typename bound::leaves{});
};

/// relu and identity do not fall where their input rises.
template <class Known, class Function, class... Options, std::size_t Slot, const auto& Parameters>
struct tightened<Known, activation<Function, Options...>, Slot, Parameters,
                 std::enable_if_t<equal_text(Function::kind, "relu") || equal_text(Function::kind, "identity")>> {
    using type = activation<Function, Options...>;
    using bound = typename bind_entry<0, type, typename Known::tensor>::type;
    using tensor = typename bound::output;
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

/// Whether a dense layer has exact sums, of 63 bits at most.
template <class Known, class Layer>
constexpr bool has_exact_sums() {
    using types = typename bind_entry<0, Layer, typename Known::tensor>::type::bound::types;
    return types::sums::exact && types::sum::width <= 63;
}

template <class Known, std::size_t Outputs, class... Options, std::size_t Slot, const auto& Parameters>
struct tightened<Known, dense<Outputs, Options...>, Slot, Parameters,
                 std::enable_if_t<has_exact_sums<Known, dense<Outputs, Options...>>()>> {
    using input = typename Known::tensor;
    using old = typename bind_entry<0, dense<Outputs, Options...>, input>::type::bound;
    using types = typename old::types;
    using sum = typename types::sum;
    static constexpr auto sums = ranges_of_sums<typename old::parameters, input::size, Outputs>(
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
    using type = typename with_options<dense<Outputs, Options...>, kaon::types<accumulator<tight>>>::type;
    using tensor = typename bind_entry<0, type, input>::type::output;
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

template <class Network, const auto& Parameters>
struct tightened_network;
template <class Scalar, auto... Extents, class... Layers, const auto& Parameters>
struct tightened_network<network<input<Scalar, Extents...>, Layers...>, Parameters> {
    using input = kaon::input<Scalar, Extents...>;
    using type =
        typename tightened_chain<known_range<typename input::type>, 0, Parameters, types<>, Layers...>::template in<input>;
};

}  // namespace detail

/// Network, a chain of fixed-point layers, with the accumulators that its constant parameters need: exact sums, of the least width
/// that holds every sum of every input there is, by interval arithmetic. The same values; what a layer gives unrounded is as
/// narrow. The parameters have the same type. What is no dense layer, relu or identity is taken to give all that its type holds.
template <class Network, const typename Network::parameters& Parameters>
using tighten = typename detail::tightened_network<Network, Parameters>::type;

}  // namespace kaon
