// functions.cpp: a top function of tables and exact functions, normalisations and a softmax among them.
#include <kaon/hls.hpp>

#include <cstdint>
#include <ratio>

namespace {

using value = kaon::fixed<12, 5>;
using narrow = kaon::result<value>;
using network =
    kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::batch_norm<std::ratio<1, 1000>, kaon::weights<value>, narrow>,
                  kaon::layer_norm<std::ratio<1, 1000>, kaon::accumulator<kaon::fixed<14, 4, kaon::round, kaon::saturate>>,
                                   kaon::weights<value>, narrow>,
                  kaon::basic_sigmoid<>, kaon::leaky_relu<std::ratio<1, 5>, narrow>, kaon::basic_prelu<narrow>,
                  kaon::elu<std::ratio<1, 2>, narrow>, kaon::hard_silu<std::ratio<1, 6>, std::ratio<1, 2>, narrow>,
                  kaon::parallel<kaon::softmax, kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::argmax>>>,
                  kaon::add>;

constexpr network::parameters parameters = {{{{1, 1, 1, 1}, {0, 0.5, 0, 0}, {0.25, 0, 0, 0}, {1, 1, 2, 1}}},
                                            {{{1, 1, 0.5, 1}, {0, 0.25, 0, 0}}},
                                            {{{0.5, 0.25, 0.5, 0.125}}}};
constexpr kaon::constant_model<network, parameters, kaon::hls> model{};

}  // namespace

/// Four inputs as raw fixed<8, 4>; the outputs' raw values, added.
extern "C" std::int64_t functions_top(std::int8_t x0, std::int8_t x1, std::int8_t x2, std::int8_t x3) {
    using x = network::input::scalar;
    const network::input event{{x::from_raw(x0), x::from_raw(x1), x::from_raw(x2), x::from_raw(x3)}};
    const auto y = model(event);
    return y[0].raw() + y[1].raw() + y[2].raw() + y[3].raw();
}
