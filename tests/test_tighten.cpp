// tighten: the widths that constant weights need, and the same values.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/models/tighten.hpp>

#include "raw_values.hpp"

#include <type_traits>

namespace {

using kaon::accumulator, kaon::bias, kaon::fixed, kaon::result, kaon::ufixed, kaon::weights;
using W = fixed<6, 1>;
using U = ufixed<8, 4, kaon::truncate, kaon::saturate>;

// 31 x + 1 of inputs from -8 to 7: 31 * -8 + 1 = -247 to 218 needs 9 bits, where any weight of 6 bits would need 11.
using one = kaon::network<kaon::input<fixed<4, 4>, 1>, kaon::dense<1, weights<fixed<6, 6>>, bias<fixed<6, 6>>>>;
constexpr one::parameters one_weight_of(int weight) {
    one::parameters p{};
    kaon::get<0>(p).weights[0][0] = weight;
    kaon::get<0>(p).bias[0] = 1;
    return p;
}
constexpr one::parameters one_weight = one_weight_of(31);
using tight_one = kaon::tighten<one, one_weight>;
static_assert(std::is_same_v<one::output::scalar, fixed<11, 11>>);
static_assert(std::is_same_v<tight_one::output::scalar, fixed<9, 9>>);
static_assert(std::is_same_v<tight_one::parameters, one::parameters>);

using jet = kaon::network<kaon::input<fixed<8, 4>, 16>, kaon::dense<24, weights<W>, bias<fixed<12, 4>>>,
                          kaon::basic_relu<result<U>>, kaon::dense<12, weights<W>, bias<fixed<12, 4>>>, kaon::relu,
                          kaon::dense<5, weights<W>, bias<fixed<12, 4>>>>;
constexpr jet::parameters drawn() {
    jet::parameters p{};
    std::uint32_t state = 1;
    const auto fill = [&](auto& dense) {
        for (auto& row : dense.weights) {
            for (auto& w : row) {
                state = state * 1664525u + 1013904223u;
                w = W::from_raw(static_cast<int>(state >> 24) % 8 == 0 ? static_cast<int>(state >> 20) % 64 : 0);
            }
        }
        for (auto& b : dense.bias) b = fixed<12, 4>(0.25);
    };
    fill(kaon::get<0>(p));
    fill(kaon::get<1>(p));
    fill(kaon::get<2>(p));
    return p;
}
constexpr jet::parameters jet_parameters = drawn();
using tight_jet = kaon::tighten<jet, jet_parameters>;
static_assert(tight_jet::output::scalar::width + 6 < jet::output::scalar::width);
static_assert(tight_jet::output::scalar::fraction == jet::output::scalar::fraction);

// A named accumulator rounds products: it stays. So does what a layer is not known to give.
using named = kaon::network<kaon::input<fixed<8, 4>, 1>, kaon::dense<1, accumulator<fixed<9, 5>>>, kaon::sigmoid,
                            kaon::dense<1, weights<W>, bias<W>>>;
constexpr named::parameters named_parameters{};
using tight_named = kaon::tighten<named, named_parameters>;
static_assert(
    std::is_same_v<tight_named,
                   kaon::network<kaon::input<fixed<8, 4>, 1>, kaon::dense<1, accumulator<fixed<9, 5>>>, kaon::sigmoid,
                                 kaon::dense<1, weights<W>, bias<W>, accumulator<tight_named::output::scalar>>>>);

// Scalars that the network infers are named: they would follow the narrower input.
using inferred = kaon::network<kaon::input<fixed<8, 4>, 2>, kaon::dense<2>, kaon::relu, kaon::scaler, kaon::dense<1>>;
constexpr inferred::parameters inferred_parameters{};
static_assert(std::is_same_v<kaon::tighten<inferred, inferred_parameters>::parameters, inferred::parameters>);

// Shared parameters, sums beyond 62 bits: as they are.
struct fc;
using shared = kaon::network<kaon::input<fixed<8, 4>, 2>, kaon::dense<2, fc, weights<W>, bias<W>, result<fixed<8, 4>>>,
                             kaon::dense<2, kaon::parameters_of<fc>, weights<W>, bias<W>, result<fixed<8, 4>>>>;
constexpr shared::parameters shared_parameters{};
static_assert(std::is_same_v<kaon::tighten<shared, shared_parameters>, shared>);
using wide = kaon::network<kaon::input<fixed<32, 16>, 2>, kaon::relu, kaon::dense<1, weights<fixed<32, 16>>>>;
constexpr wide::parameters wide_parameters{};
static_assert(kaon::tighten<wide, wide_parameters>::output::scalar::width == wide::output::scalar::width);

}  // namespace

TEST_CASE("a tightened network gives the same values") {
    raw_values random(1);
    const kaon::model<jet> model(jet_parameters);
    const kaon::model<tight_jet> tight(jet_parameters);
    int different = 0;
    for (int event = 0; event < 2000; ++event) {
        jet::input x;
        random.fill(x.values, jet::input::size);
        const auto expected = model(x);
        const auto y = tight(x);
        for (std::size_t o = 0; o < jet::output::size; ++o) different += y[o].raw() != expected[o].raw();
    }
    CHECK(different == 0);
}
