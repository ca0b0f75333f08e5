// Branches, residuals, several inputs and outputs, shared parameters: equal to a double-precision reference, batch == single.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <type_traits>
#include <vector>

namespace {

using values = std::vector<double>;

template <class Slot>
values dense(const Slot& p, const values& x) {
    constexpr std::size_t outputs = std::extent_v<decltype(p.bias)>;
    values y(outputs);
    for (std::size_t o = 0; o < outputs; ++o) {
        y[o] = double(p.bias[o]);
        for (std::size_t i = 0; i < x.size(); ++i) y[o] += x[i] * double(p.weights[i][o]);
    }
    return y;
}
values relu(values x) {
    for (auto& v : x) v = v > 0 ? v : 0;
    return x;
}
template <class F>
values combine(const values& a, const values& b, F f) {
    values y(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) y[i] = f(a[i], b[i]);
    return y;
}
const auto plus = [](double a, double b) { return a + b; };
const auto times = [](double a, double b) { return a * b; };
values joined(values a, const values& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

template <class Tensor>
double difference(const Tensor& y, const values& expected) {
    double worst = expected.size() == Tensor::size ? 0 : 1e9;
    for (std::size_t i = 0; i < expected.size() && i < Tensor::size; ++i) {
        const double d = std::abs(double(y[i]) - expected[i]);
        worst = d <= worst ? worst : d;
    }
    return worst;
}

template <class Tensor>
values as_values(const Tensor& x) {
    return values(x.begin(), x.end());
}

}  // namespace

TEST_CASE("residual adds its input, in and around other layers") {
    using net = kaon::network<kaon::input<float, 9>, kaon::dense<21>, kaon::relu,
                              kaon::residual<kaon::dense<7>, kaon::relu, kaon::dense<21>>, kaon::relu, kaon::dense<3>>;
    static_assert(net::output::size == 3);
    static_assert(net::cost::multiplications == 9 * 21 + 21 * 7 + 7 * 21 + 21 * 3);
    const auto p = random_parameters<net>(1);
    const kaon::model<net> model(p);
    const kaon::model<net, kaon::cpu<kaon::scalar_isa>> one_by_one(p);
    for (unsigned seed = 0; seed < 20; ++seed) {
        const auto x = random_event<net::input>(seed);
        const values h = relu(dense(kaon::get<0>(p), as_values(x)));
        const values r = relu(combine(h, dense(kaon::get<2>(p), relu(dense(kaon::get<1>(p), h))), plus));
        const values expected = dense(kaon::get<3>(p), r);
        CHECK(difference(model(x), expected) < 2e-5);
        CHECK(difference(one_by_one(x), expected) < 2e-5);
    }
}

TEST_CASE("parallel branches joined, multiplied and nested, batch == single") {
    using net = kaon::network<kaon::input<float, 5>,
                              kaon::parallel<kaon::chain<kaon::dense<11>, kaon::relu>, kaon::identity,
                                             kaon::chain<kaon::parallel<kaon::dense<3>, kaon::dense<3>>, kaon::multiply>>,
                              kaon::concat, kaon::dense<2>>;
    const auto p = random_parameters<net>(2);
    const kaon::model<net> model(p);
    constexpr std::size_t events = 29;
    std::vector<float> in(events * 5), out(events * 2);
    numbers(3).fill(in.data(), in.size());
    model(kaon::batch_view<const float>{in.data(), events, 5}, kaon::batch_view<float>{out.data(), events, 2});
    for (std::size_t e = 0; e < events; ++e) {
        net::input x{};
        for (std::size_t i = 0; i < 5; ++i) x[i] = in[e * 5 + i];
        const values v = as_values(x);
        const values h = joined(joined(relu(dense(kaon::get<0>(p), v)), v),
                                combine(dense(kaon::get<1>(p), v), dense(kaon::get<2>(p), v), times));
        const values expected = dense(kaon::get<3>(p), h);
        CHECK(difference(model(x), expected) < 2e-5);
        kaon::tensor<float, kaon::shape<2>> row{};
        for (std::size_t o = 0; o < 2; ++o) row[o] = out[e * 2 + o];
        CHECK(difference(row, expected) < 2e-5);
    }
}

TEST_CASE("several inputs and outputs, each a view of its own in a batch") {
    using net =
        kaon::network<kaon::inputs<kaon::input<float, 6>, kaon::input<float, 19>>,
                      kaon::parallel<kaon::chain<kaon::take<0>, kaon::dense<4>>, kaon::chain<kaon::take<1>, kaon::dense<4>>>,
                      kaon::add,
                      kaon::parallel<kaon::chain<kaon::relu, kaon::dense<3>>, kaon::chain<kaon::dense<17>, kaon::relu>>>;
    static_assert(net::output::count == 2);
    const auto p = random_parameters<net>(4);
    const kaon::model<net> model(p);
    constexpr std::size_t events = 21;
    std::vector<float> a(events * 6), b(events * 20), y(events * 3), z(17 * events);
    numbers(5).fill(a.data(), a.size());
    numbers(6).fill(b.data(), b.size());
    model(kaon::batch_view<const float>{a.data(), events, 6}, kaon::batch_view<const float>{b.data(), events, 20},
          kaon::batch_view<float>{y.data(), events, 3}, kaon::batch_view<float>{z.data(), events, 1, events});
    for (std::size_t e = 0; e < events; ++e) {
        kaon::tensor<float, kaon::shape<6>> first{};
        kaon::tensor<float, kaon::shape<19>> second{};
        for (std::size_t i = 0; i < 6; ++i) first[i] = a[e * 6 + i];
        for (std::size_t i = 0; i < 19; ++i) second[i] = b[e * 20 + i];
        const auto outputs = model(first, second);
        const values h = combine(dense(kaon::get<0>(p), as_values(first)), dense(kaon::get<1>(p), as_values(second)), plus);
        const values scores = dense(kaon::get<2>(p), relu(h)), latent = relu(dense(kaon::get<3>(p), h));
        CHECK(difference(kaon::get<0>(outputs), scores) < 2e-5);
        CHECK(difference(kaon::get<1>(outputs), latent) < 2e-5);
        for (std::size_t o = 0; o < 3; ++o) CHECK(std::abs(double(y[e * 3 + o]) - scores[o]) < 2e-5);
        for (std::size_t o = 0; o < 17; ++o) CHECK(std::abs(double(z[o * events + e]) - latent[o]) < 2e-5);
    }
}

namespace {
struct encoder {
    static constexpr char name[] = "encoder";
};
static_assert(encoder::name[0] == 'e');
}  // namespace

TEST_CASE("two layers share parameters") {
    using net = kaon::network<kaon::inputs<kaon::input<float, 8>, kaon::input<float, 8>>,
                              kaon::parallel<kaon::chain<kaon::take<0>, kaon::dense<10, encoder>>,
                                             kaon::chain<kaon::take<1>, kaon::dense<10, kaon::parameters_of<encoder>>>>,
                              kaon::multiply, kaon::dense<1>>;
    static_assert(net::cost::parameters == 8 * 10 + 10 + 10 + 1, "the shared ones count once");
    static_assert(sizeof(net::parameters) == net::cost::parameters * sizeof(float));
    static_assert(net::cost::multiplications == 2 * 80 + 10 + 10);
    const auto p = random_parameters<net>(8);
    const kaon::model<net> model(p);
    const auto a = random_event<kaon::tensor<float, kaon::shape<8>>>(9),
               b = random_event<kaon::tensor<float, kaon::shape<8>>>(10);
    const values h = combine(dense(kaon::get<0>(p), as_values(a)), dense(kaon::get<0>(p), as_values(b)), times);
    CHECK(difference(model(a, b), dense(kaon::get<1>(p), h)) < 2e-5);
}

TEST_CASE("a network of branches with events in lanes") {
    using net = kaon::network<kaon::input<float, 5>, kaon::residual<kaon::dense<5>, kaon::relu>, kaon::softmax>;
    using lanes = kaon::pack<float, 16>;
    using wide = kaon::rebind_scalar<net, lanes>;
    static_assert(std::is_same_v<wide::parameters, net::parameters>);
    const auto p = random_parameters<net>(11);
    const kaon::model<net> model(p);
    const kaon::model<wide> sixteen(p);
    float features[5][16];
    numbers(12).fill(&features[0][0], 5 * 16);
    wide::input x;
    for (std::size_t i = 0; i < 5; ++i) x[i] = lanes::load(features[i]);
    const auto y = sixteen(x);
    for (std::size_t e = 0; e < 16; ++e) {
        net::input event{};
        for (std::size_t i = 0; i < 5; ++i) event[i] = features[i][e];
        const auto expected = model(event);
        for (std::size_t o = 0; o < 5; ++o) CHECK(std::abs(y[o][e] - expected[o]) < 1e-6f);
    }
}
