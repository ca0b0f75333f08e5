// Parameters from tables of raw integers: every tensor in its place, whatever its type and rank.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/raw_parameters.hpp>

#include <cstdint>
#include <limits>

namespace {

using narrow = kaon::fixed<6, 1>;
using wide = kaon::fixed<64, 20>;
using unsigned_weight = kaon::ufixed<8, 2>;
using net =
    kaon::network<kaon::inputs<kaon::input<std::int32_t, 2>, kaon::input<unsigned_weight, 3>>,
                  kaon::parallel<kaon::chain<kaon::take<0>, kaon::embedding<2, 3, kaon::weights<narrow>>, kaon::flatten>,
                                 kaon::chain<kaon::take<1>, kaon::dense<2, kaon::weights<unsigned_weight>, kaon::bias<wide>,
                                                                        kaon::accumulator<kaon::fixed<20, 8>>>>>>;

constexpr std::int8_t table[2][3] = {{-32, 31, 0}, {1, -1, 2}};
constexpr std::uint8_t weights[3][2] = {{255, 0}, {1, 2}, {3, 128}};
constexpr std::int64_t bias[2] = {std::numeric_limits<std::int64_t>::min(), 5};
constexpr net::parameters p = kaon::from_raw<net::parameters>(table, weights, bias);

static_assert(kaon::get<0>(p).weights[0][0].raw() == -32 && kaon::get<0>(p).weights[1][2].raw() == 2);
static_assert(kaon::get<1>(p).weights[0][0].raw() == 255 && kaon::get<1>(p).weights[2][1].raw() == 128);
static_assert(kaon::get<1>(p).bias[0].raw() == std::numeric_limits<std::int64_t>::min() &&
              kaon::get<1>(p).bias[1].raw() == 5);

using plain = kaon::network<kaon::input<narrow, 2>, kaon::relu>;
constexpr plain::parameters none = kaon::from_raw<plain::parameters>();

}  // namespace

TEST_CASE("parameters from tables of raw integers make a model") {
    static constexpr net::parameters parameters = p;
    constexpr kaon::constant_model<net, parameters> model{};
    const auto result = model({{1, 7}}, {{0.25, 0.5, 0.75}});
    CHECK(kaon::get<0>(result)[2].raw() == 2);
    CHECK(kaon::get<0>(result)[3].raw() == 0);
    // Inputs 16, 32, 48 in 6 fraction bits; the bias wraps to 0.
    CHECK(kaon::get<1>(result)[0].raw() == 16 * 255 + 32 * 1 + 48 * 3);
    static_cast<void>(none);
}
