// Graphs of named values: equal to a double-precision reference, batch == single, the same as where chain and parallel nest.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <type_traits>
#include <vector>

namespace {

struct a {};
struct b {};
struct c {};
struct d {};
struct e {};
using x = kaon::from_input<0>;
using x1 = kaon::from_input<1>;

template <class Slot, class Tensor>
std::vector<double> dense(const Slot& p, const Tensor& input) {
    constexpr std::size_t outputs = std::extent_v<decltype(p.bias)>;
    std::vector<double> y(outputs);
    for (std::size_t o = 0; o < outputs; ++o) {
        y[o] = double(p.bias[o]);
        for (std::size_t i = 0; i < std::extent_v<decltype(p.weights)>; ++i)
            y[o] += double(input[i]) * double(p.weights[i][o]);
    }
    return y;
}

template <class Tensor>
double difference(const Tensor& got, const std::vector<double>& expected) {
    REQUIRE(expected.size() == Tensor::size);
    double worst = 0;
    for (std::size_t i = 0; i < Tensor::size; ++i) {
        const double distance = std::abs(double(got[i]) - expected[i]);
        worst = distance <= worst ? worst : distance;
    }
    return worst;
}

// a is read twice, b is read and given, the input is read by two nodes, c is given alone.
template <std::size_t N>
using crossed = kaon::network<
    kaon::input<float, N>,
    kaon::named_graph<kaon::gives<b, e, c>, kaon::node<a, kaon::chain<kaon::dense<N + 1>, kaon::relu>, x>,
                      kaon::node<b, kaon::dense<N + 2>, a>, kaon::node<c, kaon::dense<3>, a>,
                      kaon::node<d, kaon::chain<kaon::concat, kaon::dense<N + 2>>, b, x>, kaon::node<e, kaon::add, d, b>>>;

template <std::size_t N>
void check_crossed() {
    using net = crossed<N>;
    static_assert(
        std::is_same_v<typename net::output,
                       kaon::bundle<kaon::tensor<float, kaon::shape<N + 2>>, kaon::tensor<float, kaon::shape<N + 2>>,
                                    kaon::tensor<float, kaon::shape<3>>>>);
    static_assert(net::cost::multiplications == N * (N + 1) + (N + 1) * (N + 2) + (N + 1) * 3 + (N + 2 + N) * (N + 2));
    const auto p = random_parameters<net>(unsigned(N));
    const kaon::model<net> model(p);
    constexpr std::size_t rows = 19;
    std::vector<float> in(rows * N), first(rows * (N + 2)), second(rows * (N + 2)), third(rows * 3);
    numbers(unsigned(100 + N)).fill(in.data(), in.size());
    model(kaon::batch_view<const float>{in.data(), rows, N}, kaon::batch_view<float>{first.data(), rows, N + 2},
          kaon::batch_view<float>{second.data(), rows, N + 2}, kaon::batch_view<float>{third.data(), rows, 3});
    for (std::size_t row = 0; row < rows; ++row) {
        kaon::tensor<float, kaon::shape<N>> event{};
        for (std::size_t i = 0; i < N; ++i) event[i] = in[row * N + i];
        auto va = dense(kaon::get<0>(p), event);
        for (auto& v : va) v = v > 0 ? v : 0;
        const auto vb = dense(kaon::get<1>(p), va), vc = dense(kaon::get<2>(p), va);
        auto joined = vb;
        for (std::size_t i = 0; i < N; ++i) joined.push_back(double(event[i]));
        auto ve = dense(kaon::get<3>(p), joined);
        for (std::size_t i = 0; i < ve.size(); ++i) ve[i] += vb[i];
        const auto y = model(event);
        const double bound = 1e-5 * double(N + 4) * double(N + 4);
        CHECK(difference(kaon::get<0>(y), vb) < bound);
        CHECK(difference(kaon::get<1>(y), ve) < bound);
        CHECK(difference(kaon::get<2>(y), vc) < bound);
        double apart = 0;
        for (std::size_t i = 0; i < N + 2; ++i) {
            apart = std::fmax(apart, std::abs(double(kaon::get<0>(y)[i] - first[row * (N + 2) + i])));
            apart = std::fmax(apart, std::abs(double(kaon::get<1>(y)[i] - second[row * (N + 2) + i])));
        }
        for (std::size_t i = 0; i < 3; ++i)
            apart = std::fmax(apart, std::abs(double(kaon::get<2>(y)[i] - third[row * 3 + i])));
        CHECK(apart < bound);
    }
}

}  // namespace

TEST_CASE("a graph whose values cross is equal to the reference, and batch == single") {
    check_crossed<1>();
    check_crossed<3>();
    check_crossed<8>();
    check_crossed<15>();
    check_crossed<16>();
    check_crossed<17>();
    check_crossed<33>();
}

TEST_CASE("a graph that is a residual has the bits of residual") {
    using nested = kaon::network<kaon::input<float, 9>, kaon::residual<kaon::dense<9>, kaon::tanh>, kaon::dense<2>>;
    using named = kaon::network<kaon::input<float, 9>,
                                kaon::named_graph<kaon::gives<b>, kaon::node<a, kaon::chain<kaon::dense<9>, kaon::tanh>, x>,
                                                  kaon::node<b, kaon::add, x, a>>,
                                kaon::dense<2>>;
    static_assert(std::is_same_v<nested::parameters, named::parameters>);
    const auto p = random_parameters<nested>(3);
    const auto event = random_event<nested::input>(4);
    const auto y = kaon::model<nested>(p)(event), z = kaon::model<named>(p)(event);
    CHECK(y[0] == z[0]);
    CHECK(y[1] == z[1]);
}

TEST_CASE("several inputs are read by number, in any order, and may be given as they are") {
    using net = kaon::network<kaon::inputs<kaon::input<float, 5>, kaon::input<float, 4>>,
                              kaon::named_graph<kaon::gives<c, x1, c>, kaon::node<a, kaon::dense<5>, x1>,
                                                kaon::node<c, kaon::chain<kaon::multiply, kaon::relu>, a, x>>>;
    const auto p = random_parameters<net>(5);
    const auto first = random_event<kaon::tensor<float, kaon::shape<5>>>(6);
    const auto second = random_event<kaon::tensor<float, kaon::shape<4>>>(7);
    const auto y = kaon::model<net>(p)(first, second);
    auto expected = dense(kaon::get<0>(p), second);
    for (std::size_t i = 0; i < 5; ++i) expected[i] = std::fmax(0.0, expected[i] * double(first[i]));
    CHECK(difference(kaon::get<0>(y), expected) < 1e-5);
    CHECK(difference(kaon::get<2>(y), expected) < 1e-5);
    for (std::size_t i = 0; i < 4; ++i) CHECK(kaon::get<1>(y)[i] == second[i]);
}

TEST_CASE("graphs nest: within a chain, a branch, and another graph") {
    using inner = kaon::named_graph<kaon::gives<c>, kaon::node<a, kaon::dense<6>, x>, kaon::node<b, kaon::dense<6>, x>,
                                    kaon::node<c, kaon::multiply, a, b>>;
    using net =
        kaon::network<kaon::input<float, 7>,
                      kaon::named_graph<kaon::gives<b>, kaon::node<a, inner, x>,
                                        kaon::node<b, kaon::chain<kaon::parallel<inner, kaon::identity>, kaon::add>, a>>>;
    const auto p = random_parameters<net>(8);
    const auto event = random_event<net::input>(9);
    const auto times = [](std::vector<double> u, const std::vector<double>& v) {
        for (std::size_t i = 0; i < u.size(); ++i) u[i] *= v[i];
        return u;
    };
    const auto first = times(dense(kaon::get<0>(p), event), dense(kaon::get<1>(p), event));
    auto second = times(dense(kaon::get<2>(p), first), dense(kaon::get<3>(p), first));
    for (std::size_t i = 0; i < second.size(); ++i) second[i] += first[i];
    CHECK(difference(kaon::model<net>(p)(event), second) < 1e-4);
}

TEST_CASE("fixed point through a graph is exact") {
    using narrow = kaon::fixed<8, 3>;
    using net = kaon::network<kaon::input<narrow, 4>,
                              kaon::named_graph<kaon::gives<c>, kaon::node<a, kaon::dense<3>, x>,
                                                kaon::node<b, kaon::dense<3>, x>, kaon::node<c, kaon::add, a, b>>>;
    net::parameters p{};
    net::input event{};
    for (std::size_t i = 0; i < 4; ++i) {
        event[i] = narrow(0.25 * double(i) - 0.5);
        for (std::size_t o = 0; o < 3; ++o) {
            kaon::get<0>(p).weights[i][o] = narrow(0.5 * double(o) - 0.125 * double(i));
            kaon::get<1>(p).weights[i][o] = narrow(-0.25 * double(o));
        }
    }
    for (std::size_t o = 0; o < 3; ++o) kaon::get<0>(p).bias[o] = kaon::get<1>(p).bias[o] = narrow(0.75);
    const auto y = kaon::model<net>(p)(event);
    for (std::size_t o = 0; o < 3; ++o) {
        CHECK(double(y[o]) == dense(kaon::get<0>(p), event)[o] + dense(kaon::get<1>(p), event)[o]);
    }
}
