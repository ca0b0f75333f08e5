// Forests against their definition: every leaf, at sizes around a pack's, one event and batches, on several targets.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "check_forest.hpp"

#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

template <class Scalar, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs,
          class... Options>
void check() {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    using net = kaon::network<kaon::input<Scalar, Features>, layer>;
    CAPTURE(Features);
    CAPTURE(Trees);
    CAPTURE(Depth);
    check_on<kaon::native, net, Depth, layer::or_equal, layer::missing>(Features + Trees);
}

struct bdt {};

constexpr std::size_t lanes = kaon::arithmetic<kaon::native, float, 100>::lanes;

template <std::size_t Trees>
void check_trees() {
    check<float, 5, Trees, 5 * Trees + 2, 3, 1>();
}
template <std::size_t Features>
void check_features() {
    check<float, Features, 3, 21, 3, 1, kaon::less_or_equal, kaon::missing_by_direction>();
}

}  // namespace

TEST_CASE("trees around a pack's lanes") {
    check_trees<1>();
    check_trees<2>();
    check_trees<lanes - 1>();
    check_trees<lanes>();
    check_trees<lanes + 1>();
    check_trees<2 * lanes + 1>();
    check_trees<3 * lanes>();
}

TEST_CASE("features around a pack's lanes, and more than registers hold") {
    check_features<1>();
    check_features<lanes - 1>();
    check_features<lanes>();
    check_features<lanes + 1>();
    check_features<2 * lanes + 1>();
    check<float, 2 * lanes, 40, 400, 4, 1>();
    check<float, 2 * lanes + 1, 40, 400, 4, 1>();
    check<float, 4 * lanes, 40, 400, 4, 1, kaon::less_or_equal>();
    check<float, 4 * lanes + 1, 40, 400, 4, 1>();
    check<float, 300, 40, 400, 4, 1, kaon::missing_by_direction>();
}

TEST_CASE("levels: compared all, and traversed") {
    check<float, 7, 20, 20, 0, 1>();
    check<float, 7, 20, 60, 1, 1>();
    check<float, 7, 20, 400, 6, 1, kaon::missing_by_direction>();
    check<float, 7, 20, 400, 7, 1>();
    check<float, 7, 21, 1401, 12, 1, kaon::less_or_equal>();
    check<float, 7, 9, 701, 64, 1, kaon::missing_by_direction>();
}

TEST_CASE("sums of several outputs") {
    check<float, 6, 15, 105, 3, 5>();
    check<float, 6, 50, 450, 4, 3, kaon::less_or_equal, kaon::missing_by_direction>();
    check<float, 6, 50, 950, 9, 7, kaon::missing_by_direction>();
}

TEST_CASE("doubles") {
    check<double, 9, 17, 119, 3, 1, kaon::missing_by_direction>();
    check<double, 9, 40, 1000, 8, 2, kaon::less_or_equal>();
}

TEST_CASE("without registers, as wires, in one order everywhere") {
    using net = kaon::network<kaon::input<float, 6>, kaon::forest<9, 63, 3, 1, kaon::missing_by_direction>>;
    check_on<kaon::cpu<kaon::scalar_isa>, net, 3, false, true>(5);
    check_on<kaon::hls, net, 3, false, true>(6);
    check_on<kaon::reproducible<>, net, 3, false, true>(7);
}

TEST_CASE("packs of events are a scalar") {
    using net = kaon::network<kaon::input<float, 5>, kaon::forest<30, 270, 4, 3, kaon::less_or_equal>>;
    using events = kaon::pack<float, 16>;
    using packed = kaon::rebind_scalar<net, events>;
    net::parameters p;
    random_forest<4>(8, 5, kaon::get<0>(p));
    std::vector<float> x(16 * 5);
    random_features(9, x, false);
    packed::input event;
    for (std::size_t i = 0; i < 5; ++i) event[i] = events::load(x.data() + 16 * i);
    const auto all = kaon::model<packed>(p)(event);
    for (std::size_t l = 0; l < 16; ++l) {
        const auto one = kaon::model<net>(p)({{x[l], x[16 + l], x[32 + l], x[48 + l], x[64 + l]}});
        for (std::size_t o = 0; o < 3; ++o) CHECK(all[o][l] == one[o]);
    }
}

TEST_CASE("a forest beside a network, and what follows it") {
    using net = kaon::network<kaon::input<float, 8>,
                              kaon::parallel<kaon::chain<kaon::forest<20, 180, 4, 1, bdt>, kaon::sigmoid>,
                                             kaon::chain<kaon::dense<4>, kaon::relu>>,
                              kaon::concat, kaon::dense<2>>;
    net::parameters p;
    random_forest<4>(10, 8, kaon::get<0>(p));
    const auto fill = [](auto& array, float step) {
        float v = -0.7f;
        for (auto& row : array) {
            for (auto& w : row) w = v += v > 0.8f ? -1.6f : step;
        }
    };
    fill(kaon::get<1>(p).weights, 0.11f);
    fill(kaon::get<2>(p).weights, 0.23f);
    for (auto& b : kaon::get<1>(p).bias) b = 0.1f;
    for (auto& b : kaon::get<2>(p).bias) b = 0.2f;
    std::vector<float> x(40 * 8), y(40 * 2);
    random_features(11, x, false);
    const kaon::model<net> model(p);
    model({x.data(), 40, 8}, {y.data(), 40, 2});
    for (std::size_t row = 0; row < 40; ++row) {
        const float* event = x.data() + row * 8;
        double scale = 0, hidden[5] = {1 / (1 + std::exp(-forest_sum<false>(kaon::get<0>(p), event, 0, scale)))};
        for (std::size_t h = 0; h < 4; ++h) {
            double sum = double(kaon::get<1>(p).bias[h]);
            for (std::size_t i = 0; i < 8; ++i) sum += double(event[i]) * double(kaon::get<1>(p).weights[i][h]);
            hidden[h + 1] = sum > 0 ? sum : 0;
        }
        net::input one;
        for (std::size_t i = 0; i < 8; ++i) one[i] = event[i];
        const auto single = model(one);
        for (std::size_t o = 0; o < 2; ++o) {
            double sum = double(kaon::get<2>(p).bias[o]);
            for (std::size_t h = 0; h < 5; ++h) sum += hidden[h] * double(kaon::get<2>(p).weights[h][o]);
            CHECK(double(single[o]) == doctest::Approx(sum).epsilon(1e-5));
            CHECK(double(y[row * 2 + o]) == doctest::Approx(sum).epsilon(1e-5));
        }
    }
}

namespace constants {
using net = kaon::network<kaon::input<float, 2>, kaon::forest<2, 8, 2, 1>>;
// x1 < 0.5 ? (x0 < -1 ? 1 : 2) : 4;  x0 < 3 ? 8 : 16
inline constexpr net::parameters parameters = {
    {{{0, 5}, {1, 0, -1, -1, -1, 0, -1, -1}, {4, 3, 0, 0, 0, 7, 0, 0}, {0.5f, -1, 1, 2, 4, 3, 8, 16}, {32}}}};
inline constexpr kaon::constant_model<net, parameters> model{};
}  // namespace constants

TEST_CASE("a forest of constants") {
    static_assert(constants::net::cost::parameters == 2 + 3 * 8 + 1);
    static_assert(kaon::detail::first_bad_tree<2, 2>(kaon::get<0>(constants::parameters)) == 2);
    CHECK(constants::model({{-2, 0}})[0] == 41);
    CHECK(constants::model({{-1, 0}})[0] == 42);
    CHECK(constants::model({{3, 0.5f}})[0] == 52);
    CHECK(constants::model({{std::nanf(""), std::nanf("")}})[0] == 52);
}

TEST_CASE("what is no forest") {
    using namespace constants;
    const auto bad = [](auto change) {
        auto p = constants::parameters;
        change(kaon::get<0>(p));
        CHECK(net::bound::leaves::size == 1);
        const kaon::model<net> model(p);  // whatever it gives, it reads nothing that is not its own
        (void)model({{1, 1}});
        return kaon::detail::first_bad_tree<2, 2>(kaon::get<0>(p));
    };
    CHECK(bad([](auto&) {}) == 2);
    CHECK(bad([](auto& f) { f.features[1] = 2; }) == 0);
    CHECK(bad([](auto& f) { f.features[1] = -2; }) == 0);
    CHECK(bad([](auto& f) { f.features[2] = 0; }) == 0);  // too deep
    CHECK(bad([](auto& f) { f.features[7] = 1; }) == 1);  // no child
    CHECK(bad([](auto& f) { f.right[0] = 0; }) == 0);     // a cycle
    CHECK(bad([](auto& f) { f.right[0] = 2; }) == 0);     // two parents
    CHECK(bad([](auto& f) { f.right[0] = 5; }) == 0);     // another tree's
    CHECK(bad([](auto& f) { f.right[0] = 1 << 30; }) == 0);
    CHECK(bad([](auto& f) { f.roots[0] = 1; }) == 0);
    CHECK(bad([](auto& f) { f.roots[1] = 0; }) == 0);
    CHECK(bad([](auto& f) { f.roots[1] = 8; }) == 0);
    CHECK(bad([](auto& f) { f.roots[1] = -5; }) == 0);
    CHECK(bad([](auto& f) { f.roots[1] = 4; }) == 0);
}
