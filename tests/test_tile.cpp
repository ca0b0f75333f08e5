// tile<>: a circuit that does a layer's work in turns gives the bits of one that does it at once.
#include <doctest/doctest.h>

#include "raw_values.hpp"

#include <kaon/kaon.hpp>
#include <kaon/scalar/raw_parameters.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <type_traits>

namespace {

using kaon::fixed, kaon::tile, kaon::ufixed, kaon::weights;

struct fc1 {};

/// Outputs that differ between layers in turns on wires, the same all at once, and in a CPU's registers.
template <class InTurns, class AtOnce>
int different_in_turns() {
    raw_values random(InTurns::cost::multiplications);
    const auto p = std::make_unique<typename AtOnce::parameters>();
    random.fill(*p);
    const auto q = std::make_unique<typename InTurns::parameters>();
    raw_values again(InTurns::cost::multiplications);
    again.fill(*q);
    const auto in_turns = std::make_unique<kaon::model<InTurns, kaon::hls>>(*q);
    const auto on_cpu = std::make_unique<kaon::model<InTurns>>(*q);
    const auto at_once = std::make_unique<kaon::model<AtOnce, kaon::hls>>(*p);
    int different = 0;
    for (int event = 0; event < 50; ++event) {
        typename InTurns::input x;
        random.fill(x.values, InTurns::input::size);
        const auto a = (*in_turns)(x), b = (*at_once)(x), c = (*on_cpu)(x);
        for (std::size_t i = 0; i < InTurns::output::size; ++i) {
            different += a[i].raw() != b[i].raw() || a[i].raw() != c[i].raw();
        }
    }
    return different;
}

template <class... Tile>
using small =
    kaon::network<kaon::input<fixed<8, 4>, 12>,
                  kaon::dense<10, weights<fixed<6, 1>>, kaon::result<ufixed<8, 4, kaon::round, kaon::saturate>>, Tile...>,
                  kaon::relu, kaon::dense<4, weights<fixed<6, 1>>, kaon::bias<fixed<9, 3>>>>;
/// Products cast to sums that wrap.
template <class... Tile>
using wrapping = kaon::network<kaon::input<fixed<9, 3>, 15>,
                               kaon::dense<6, weights<fixed<7, 2>>, kaon::accumulator<fixed<10, 3>>, Tile...>>;

/// Layers of numbers a feature.
template <class... Tile>
using scaled =
    kaon::network<kaon::input<fixed<8, 4>, 12>, kaon::basic_scaler<weights<fixed<6, 1>>, kaon::bias<fixed<9, 3>>, Tile...>,
                  kaon::basic_prelu<weights<fixed<5, 1>>, Tile...>, kaon::basic_bias<kaon::bias<fixed<7, 2>>, Tile...>>;

/// Outputs that differ between such layers in turns on wires and in a CPU's registers.
template <class Net>
int different_features() {
    typename Net::parameters p{};
    raw_values random(5);
    kaon::detail::each_tensor(p, [&](auto& tensor) { random.fill(tensor, std::size(tensor)); });
    const kaon::model<Net, kaon::hls> in_turns(p);
    const kaon::model<Net> on_cpu(p);
    int different = 0;
    for (int event = 0; event < 50; ++event) {
        typename Net::input x;
        random.fill(x.values, Net::input::size);
        const auto a = in_turns(x), b = on_cpu(x);
        for (std::size_t i = 0; i < Net::output::size; ++i) different += a[i].raw() != b[i].raw();
    }
    return different;
}

}  // namespace

TEST_CASE("a layer in turns has the bits of one at once") {
    CHECK(different_in_turns<small<tile<1>>, small<>>() == 0);
    CHECK(different_in_turns<small<tile<2>>, small<>>() == 0);
    CHECK(different_in_turns<small<tile<5, 3>>, small<>>() == 0);
    CHECK(different_in_turns<small<tile<10, 12>>, small<>>() == 0);
    CHECK(different_in_turns<small<tile<1, 1>>, small<>>() == 0);
    CHECK(different_in_turns<wrapping<tile<3, 5>>, wrapping<>>() == 0);
    CHECK(different_in_turns<wrapping<tile<6, 1>>, wrapping<>>() == 0);
}

TEST_CASE("layers of numbers a feature in turns") {
    CHECK(different_features<scaled<>>() == 0);
    CHECK(different_features<scaled<tile<1>>>() == 0);
    CHECK(different_features<scaled<tile<4>>>() == 0);
    CHECK(different_features<scaled<tile<12>>>() == 0);
}

TEST_CASE("turns are counted") {
    static_assert(kaon::turns<12, 10>::count == 1);
    static_assert(kaon::turns<12, 10, tile<2>>::count == 5);
    static_assert(kaon::turns<12, 10, fc1, tile<5, 3>>::count == 8);
    static_assert(std::is_same_v<kaon::turns<4, 6, tile<4>>::verdict,
                                 kaon::refused<kaon::expects_outputs_at_once<1, 2, 3, 6>, kaon::got<tile<4>>>>);
}

TEST_CASE("a precision gives tiles, by name or by kind") {
    using F = fixed<16, 6>;
    using net = kaon::network<kaon::input<float, 16>, kaon::dense<64, fc1>, kaon::relu, kaon::dense<8>>;
    using in_turns = kaon::quantize<
        net, kaon::precisions<kaon::of_input<F>, kaon::of_layer<fc1, tile<16>>, kaon::of_kind<kaon::dense<1>, tile<8, 4>>,
                              kaon::by_default<weights<F>, kaon::bias<F>, kaon::accumulator<F>, kaon::result<F>>>>;
    using F4 = kaon::result<F>;
    CHECK(std::is_same_v<
          in_turns,
          kaon::network<
              kaon::input<F, 16>, kaon::dense<64, fc1, weights<F>, kaon::bias<F>, kaon::accumulator<F>, F4, tile<16>>,
              kaon::basic_relu<F4>, kaon::dense<8, weights<F>, kaon::bias<F>, kaon::accumulator<F>, F4, tile<8, 4>>>>);
}
