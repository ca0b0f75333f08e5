// designs.hpp: small networks, one for each layer that there is in fixed point, four inputs of eight bits and up to four outputs: what
// an HLS compiler makes of a layer, seen alone.
#pragma once

#include <kaon/hls.hpp>
#include <kaon/scalar/raw_parameters.hpp>

#include <cstddef>
#include <cstdint>
#include <ratio>
#include <type_traits>

namespace designs {

using value = kaon::fixed<8, 4>;
using narrow = kaon::result<kaon::fixed<12, 6, kaon::round, kaon::saturate>>;
using weight = kaon::weights<kaon::fixed<6, 1>>;

/// Raw integers drawn at random, of every tensor's type; floats between 1/4 and 1.
template <class Parameters>
constexpr Parameters drawn() {
    Parameters p{};
    std::uint32_t state = 2026;
    kaon::detail::each_tensor(p, [&](auto& tensor) {
        const auto fill = [&state](auto& numbers, const auto& self) -> void {
            for (auto& number : numbers) {
                using type = std::remove_reference_t<decltype(number)>;
                if constexpr (std::is_array_v<type>) {
                    self(number, self);
                } else {
                    state = state * 1664525u + 1013904223u;
                    if constexpr (std::is_floating_point_v<type>) {
                        number = static_cast<type>(static_cast<double>(64 + state / 16777216u * 3 / 4) / 256);
                    } else {
                        number = type::from_raw(static_cast<std::int32_t>(state >> 8));
                    }
                }
            }
        };
        fill(tensor, fill);
    });
    return p;
}

template <class Input, class... Layers>
struct of_inputs {
    using network = kaon::network<kaon::input<Input, 4>, Layers...>;
    static constexpr typename network::parameters parameters = drawn<typename network::parameters>();
};

template <class... Layers>
struct of : of_inputs<value, Layers...> {};

/// On what a dense layer gives: values beyond the input's range among them.
template <class... Layers>
using after_dense = of<kaon::dense<4, weight, narrow>, Layers...>;

inline constexpr std::int16_t listed[16] = {0, 0, -1, -3, -6, -10, -11, -6, 0, 54, 117, 187, 250, 318, 380, 447};

struct dense : of<kaon::dense<4, weight, narrow>> {};
struct dense_wrapping : of<kaon::dense<4, weight, kaon::accumulator<kaon::fixed<16, 6>>, kaon::result<kaon::fixed<16, 6>>>> {
};
struct dense_in_turns
    : of<kaon::dense<8, weight, narrow, kaon::tile<2>>, kaon::relu, kaon::dense<4, weight, narrow, kaon::tile<2, 4>>> {};
struct bias : of<kaon::basic_bias<weight, narrow>> {};
struct scaler : of<kaon::basic_scaler<weight, narrow>> {};
struct batch_norm : of<kaon::batch_norm<std::ratio<1, 1000>, weight, narrow>> {};
struct layer_norm
    : of<kaon::layer_norm<std::ratio<1, 1000>, kaon::accumulator<kaon::fixed<14, 4, kaon::round, kaon::saturate>>, weight,
                          narrow>> {};
struct prelu : of<kaon::basic_prelu<weight, narrow>> {};
struct relu : after_dense<kaon::basic_relu<kaon::result<kaon::ufixed<8, 4, kaon::round, kaon::saturate>>>> {};
struct leaky_relu : after_dense<kaon::leaky_relu<std::ratio<1, 5>, narrow>> {};
struct clip : after_dense<kaon::clip<std::ratio<-1>, std::ratio<3, 2>>> {};
struct elu : after_dense<kaon::elu<std::ratio<1, 2>, narrow>> {};
struct selu : after_dense<kaon::basic_selu<narrow>> {};
struct sigmoid : after_dense<kaon::basic_sigmoid<narrow>> {};
struct tanh : after_dense<kaon::basic_tanh<narrow>> {};
struct softplus : after_dense<kaon::basic_softplus<narrow>> {};
struct softsign : after_dense<kaon::basic_softsign<narrow>> {};
struct silu : after_dense<kaon::basic_silu<narrow>> {};
struct gelu : after_dense<kaon::basic_gelu<kaon::table<kaon::fixed<12, 6>, 16>, kaon::table_values<listed>>> {};
struct hard_sigmoid : after_dense<kaon::hard_sigmoid<std::ratio<1, 6>, std::ratio<1, 2>, narrow>> {};
struct hard_silu : after_dense<kaon::hard_silu<std::ratio<1, 6>, std::ratio<1, 2>, narrow>> {};
struct tabulated : of<kaon::basic_relu<kaon::result<kaon::ufixed<4, 3, kaon::round, kaon::saturate>>>,
                      kaon::tabulated<kaon::table<kaon::fixed<12, 6>, 16>, kaon::table_values<listed>>> {};
struct softmax_stable : after_dense<kaon::basic_softmax<narrow>> {};
struct softmax_latency : after_dense<kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::latency>, narrow>> {};
struct softmax_legacy : after_dense<kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::legacy>, narrow>> {};
struct softmax_argmax : after_dense<kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::argmax>>> {};
struct add : of<kaon::residual<kaon::dense<4, weight, kaon::result<value>>>> {};
struct multiply : of<kaon::parallel<kaon::dense<4, weight, narrow>, kaon::relu>, kaon::basic_multiply<narrow>> {};
struct concat
    : of<kaon::parallel<kaon::chain<kaon::slice<2, 2>, kaon::dropout>, kaon::dense<2, weight, kaon::result<value>>>,
         kaon::concat> {};
struct embedding : of_inputs<std::int8_t, kaon::embedding<10, 1, kaon::weights<kaon::fixed<12, 6>>>, kaon::flatten> {};
/// Two trees, for an output each: x2 <= 1/2 ? (x0 <= -1/4 ? -1 : 1/2) : 3/4;  x1 <= 0 ? 1/4 : (x2 <= 1/2 ? 2 : -2).
struct forest {
    using network =
        kaon::network<kaon::input<value, 4>,
                      kaon::forest<2, 10, 2, 2, kaon::less_or_equal, weight, kaon::bias<kaon::fixed<10, 4>>, narrow>>;
    static constexpr network::parameters parameters = {{{{0, 5},
                                                         {2, 0, -1, -1, -1, 1, -1, 2, -1, -1},
                                                         {4, 3, 0, 0, 0, 7, 0, 9, 0, 0},
                                                         {0.5, -0.25, 0, 0, 0, 0, 0, 0.5, 0, 0},
                                                         {{{-1}, {0.5}, {0.75}, {0.25}, {2}, {-2}}},
                                                         {0.5, -0.5}}}};
};
struct reshape : of<kaon::reshape<2, 2>, kaon::flatten, kaon::relu> {};

/// A port's integer as an input: of categories some that there are, and some on either side.
template <class Scalar>
constexpr Scalar from_port(std::int8_t x) {
    if constexpr (std::is_integral_v<Scalar>) {
        return static_cast<Scalar>((x & 15) - 3);
    } else {
        return Scalar::from_raw(x);
    }
}

/// The outputs in one word, 16 bits each, the first in the low ones.
template <class Output>
[[gnu::always_inline]] constexpr std::uint64_t word_of(const Output& y) {
    static_assert(Output::size <= 4 && Output::scalar::width <= 16);
    std::uint64_t word = 0;
    kaon::for_each<Output::size>([&](auto i) __attribute__((always_inline)) {
        word |= static_cast<std::uint64_t>(static_cast<std::uint16_t>(y[i].raw())) << (16 * i);
    });
    return word;
}

}  // namespace designs
