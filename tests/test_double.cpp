// Networks of doubles: every layer against long double, at every width around a pack's, one event and batches.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <cstddef>
#include <ratio>
#include <vector>

namespace {

using real = long double;
using values = std::vector<real>;

/// Largest difference of a network of doubles, one event and batches, to `exact`, relative to values above 1.
template <class Net, class Exact>
double worst_difference(const typename Net::parameters& p, Exact exact, double spread) {
    constexpr std::size_t rows = 11, in = Net::input::size, out = Net::output::size;
    const kaon::model<Net> model(p);
    std::vector<double> x(rows * in), y(rows * out);
    numbers(unsigned(in + out)).fill(x.data(), x.size());
    for (auto& v : x) v *= spread;
    model(kaon::batch_view<const double>{x.data(), rows, in}, kaon::batch_view<double>{y.data(), rows, out});
    double worst = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        typename Net::input event;
        for (auto& v : event.values) v = std::nan("");  // what lies beyond the last value is never read as one
        for (std::size_t i = 0; i < in; ++i) event[i] = x[row * in + i];
        const auto single = model(event);
        const values expected = exact(values(event.begin(), event.end()));
        for (std::size_t i = 0; i < out; ++i) {
            for (const double got : {single[i], y[row * out + i]}) {
                const auto difference =
                    double(std::fabs(real(got) - expected[i]) / std::fmax(real(1), std::fabs(expected[i])));
                worst = difference <= worst ? worst : difference;
            }
        }
    }
    return worst;
}

template <class Layer, std::size_t N>
void check_function(real (*exact)(real)) {
    using net = kaon::network<kaon::input<double, N>, Layer>;
    for (const double spread : {0.01, 3.0, 50.0}) {
        CHECK(worst_difference<net>(
                  {},
                  [&](values x) {
                      for (auto& v : x) v = exact(v);
                      return x;
                  },
                  spread) < 2e-15);
    }
}
constexpr std::size_t lanes = kaon::arithmetic<kaon::native, double, 100>::lanes;

template <class Layer>
void check_activation(real (*exact)(real)) {
    check_function<Layer, 1>(exact);
    check_function<Layer, 2 * lanes + 1>(exact);
}

template <std::size_t N>
void check_vectors() {
    using norm = kaon::layer_norm<std::ratio<1, 1000>>;
    using net = kaon::network<kaon::input<double, N>, kaon::dense<N + 2>, norm, kaon::prelu, kaon::scaler,
                              kaon::basic_bias<>, kaon::dense<N>, kaon::softmax>;
    typename net::parameters p;
    numbers(unsigned(N)).fill(reinterpret_cast<double*>(&p), sizeof p / sizeof(double));
    const auto exact = [&](const values& x) {
        const auto dense = [](const auto& d, const values& v, std::size_t outputs) {
            values y(outputs);
            for (std::size_t o = 0; o < outputs; ++o) {
                y[o] = d.bias[o];
                for (std::size_t i = 0; i < v.size(); ++i) y[o] += v[i] * real(d.weights[i][o]);
            }
            return y;
        };
        values y = dense(kaon::get<0>(p), x, N + 2);
        real mean = 0, variance = 0;
        for (const real v : y) mean += v / real(y.size());
        for (const real v : y) variance += (v - mean) * (v - mean) / real(y.size());
        for (std::size_t i = 0; i < y.size(); ++i) {
            real& v = y[i];
            v = (v - mean) / std::sqrt(variance + real(1e-3)) * real(kaon::get<1>(p).scale[i]) +
                real(kaon::get<1>(p).offset[i]);
            v = v > 0 ? v : v * real(kaon::get<2>(p).slope[i]);
            v = v * real(kaon::get<3>(p).scale[i]) + real(kaon::get<3>(p).offset[i]) + real(kaon::get<4>(p).bias[i]);
        }
        y = dense(kaon::get<5>(p), y, N);
        real largest = y[0], sum = 0;
        for (const real v : y) largest = std::fmax(largest, v);
        for (auto& v : y) sum += v = std::exp(v - largest);
        for (auto& v : y) v /= sum;
        return y;
    };
    CHECK(worst_difference<net>(p, exact, 1.0) < 1e-13);
}
}  // namespace

TEST_CASE("activations of doubles") {
    check_activation<kaon::relu>([](real x) { return std::fmax(x, real(0)); });
    check_activation<kaon::sigmoid>([](real x) { return 1 / (1 + std::exp(-x)); });
    check_activation<kaon::tanh>([](real x) { return std::tanh(x); });
    check_activation<kaon::elu<std::ratio<3, 2>>>([](real x) { return x > 0 ? x : real(1.5) * std::expm1(x); });
    check_activation<kaon::selu>(
        [](real x) { return real(1.0507009873554804934) * (x > 0 ? x : real(1.6732632423543772848) * std::expm1(x)); });
    check_activation<kaon::gelu>([](real x) { return x / 2 * std::erfc(-x * std::sqrt(real(0.5))); });
    check_activation<kaon::gelu_tanh>([](real x) {
        return x / 2 * (1 + std::tanh(std::sqrt(real(2) / std::acos(real(-1))) * (x + real(0.044715) * x * x * x)));
    });
    check_activation<kaon::silu>([](real x) { return x / (1 + std::exp(-x)); });
    check_activation<kaon::softplus>([](real x) { return std::fmax(x, real(0)) + std::log1p(std::exp(-std::fabs(x))); });
    check_activation<kaon::exp>([](real x) { return std::exp(x); });
    check_activation<kaon::softsign>([](real x) { return x / (1 + std::fabs(x)); });
    check_activation<kaon::leaky_relu<std::ratio<1, 5>>>([](real x) { return x > 0 ? x : real(0.2) * x; });
    check_activation<kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>>>(
        [](real x) { return std::fmin(std::fmax(real(0.2) * x + real(0.5), real(0)), real(1)); });
    check_activation<kaon::hard_silu<std::ratio<1, 6>, std::ratio<1, 2>>>(
        [](real x) { return x * std::fmin(std::fmax(x / 6 + real(0.5), real(0)), real(1)); });
    check_activation<kaon::clip<std::ratio<-1, 3>, std::ratio<6>>>(
        [](real x) { return std::fmin(std::fmax(x, -real(1) / 3), real(6)); });
}

TEST_CASE("vectors of doubles") {
    check_vectors<1>();
    check_vectors<lanes - 1>();
    check_vectors<lanes>();
    check_vectors<2 * lanes + 1>();
}

TEST_CASE("packs of events of doubles") {
    using net = kaon::network<kaon::input<double, 3>, kaon::dense<5>, kaon::tanh, kaon::dense<2>, kaon::softmax>;
    using events = kaon::pack<double, 16>;
    using packed = kaon::rebind_scalar<net, events>;
    net::parameters p;
    numbers(4).fill(reinterpret_cast<double*>(&p), sizeof p / sizeof(double));
    double x[3][16];
    numbers(5).fill(&x[0][0], 48);
    packed::input event;
    for (std::size_t i = 0; i < 3; ++i) event[i] = events::load(x[i]);
    const auto all = kaon::model<packed>(p)(event);
    for (std::size_t l = 0; l < 16; ++l) {
        const auto one = kaon::model<net>(p)({{x[0][l], x[1][l], x[2][l]}});
        for (std::size_t i = 0; i < 2; ++i) CHECK(all[i][l] == doctest::Approx(one[i]).epsilon(1e-14));
    }
}
