// Activations against double precision, at every width around a pack's, with NaN beyond the last value and in it.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <ratio>
#include <utility>

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct no_bound {
    static constexpr float value = std::numeric_limits<float>::infinity();
};

template <class Layer, std::size_t N>
void check_width(double (*exact)(double), float spread) {
    using net = kaon::network<kaon::input<float, N>, Layer>;
    const kaon::model<net> model(typename net::parameters{});
    numbers random{unsigned(N)};
    for (int event = 0; event < 50; ++event) {
        typename net::input x;
        std::fill(std::begin(x.values), std::end(x.values), not_a_number);
        random.fill(x.data(), N);
        for (std::size_t i = 0; i < N; ++i) x[i] *= spread;
        const auto y = model(x);
        for (std::size_t i = 0; i < N; ++i) {
            CHECK_MESSAGE(std::abs(double(y[i]) - exact(double(x[i]))) < 3e-7 * std::max(1.0, std::abs(exact(double(x[i])))),
                          net::input::size, " values, of ", x[i]);
        }

        const auto at = static_cast<std::size_t>(event) % N;
        x[at] = not_a_number;
        const auto with_nan = model(x);
        for (std::size_t i = 0; i < N; ++i) CHECK(std::isnan(with_nan[i]) == (i == at));
    }
}

template <class Layer, std::size_t... I>
void check_widths(double (*exact)(double), std::index_sequence<I...>) {
    (check_width<Layer, I + 1>(exact, 5.0f), ...);
    (check_width<Layer, I + 1>(exact, 100.0f), ...);
}

constexpr std::make_index_sequence<33> widths{};

}  // namespace

TEST_CASE("relu") {
    check_widths<kaon::relu>([](double x) { return std::max(x, 0.0); }, widths);
}

TEST_CASE("sigmoid") {
    check_widths<kaon::sigmoid>([](double x) { return 1 / (1 + std::exp(-x)); }, widths);
}

TEST_CASE("tanh") {
    check_widths<kaon::tanh>([](double x) { return std::tanh(x); }, widths);
}

TEST_CASE("rectifiers") {
    check_widths<kaon::leaky_relu<std::ratio<1, 5>>>([](double x) { return x > 0 ? x : 0.2 * x; }, widths);
    check_widths<kaon::clip<std::ratio<-1>, std::ratio<6>>>([](double x) { return std::min(std::max(x, -1.0), 6.0); },
                                                            widths);
    check_widths<kaon::clip<std::ratio<1>, no_bound>>([](double x) { return std::max(x, 1.0); }, widths);
}

TEST_CASE("exponential units") {
    check_widths<kaon::elu<std::ratio<3, 2>>>([](double x) { return x > 0 ? x : 1.5 * std::expm1(x); }, widths);
    check_widths<kaon::selu>([](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x)); },
                             widths);
    check_widths<kaon::softplus>([](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, widths);
}

TEST_CASE("softsign and the straight sigmoids") {
    check_widths<kaon::softsign>([](double x) { return x / (1 + std::abs(x)); }, widths);
    check_widths<kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>>>(
        [](double x) { return std::min(std::max(0.2 * x + 0.5, 0.0), 1.0); }, widths);
    check_widths<kaon::hard_silu<std::ratio<1, 6>, std::ratio<1, 2>>>(
        [](double x) { return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0); }, widths);
}

TEST_CASE("values weighted by a sigmoid or a distribution") {
    check_widths<kaon::silu>([](double x) { return x / (1 + std::exp(-x)); }, widths);
    check_widths<kaon::gelu>([](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }, widths);
    check_widths<kaon::gelu_tanh>(
        [](double x) { return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }, widths);
}

TEST_CASE("no activation turns a large value into a wrong one") {
    for (const float x : {1e10f, 1e30f, 3e38f}) {
        CHECK(kaon::silu_function::apply(x) == x);
        CHECK(kaon::gelu_function::apply(x) == x);
        CHECK(kaon::gelu_tanh_function::apply(x) == x);
        CHECK(kaon::softplus_function::apply(x) == x);
        CHECK(kaon::softsign_function::apply(x) == 1.0f);
        CHECK(std::abs(kaon::silu_function::apply(-x)) < 1e-15f);
        CHECK(std::abs(kaon::gelu_function::apply(-x)) < 1e-15f);
        CHECK(std::abs(kaon::gelu_tanh_function::apply(-x)) < 1e-15f);
        CHECK(kaon::softplus_function::apply(-x) < 1e-15f);
        CHECK(kaon::softsign_function::apply(-x) == -1.0f);
        CHECK(kaon::elu_function<std::ratio<1>>::apply(-x) == -1.0f);
    }
}

TEST_CASE("softmax of a NaN is NaN everywhere") {
    using net = kaon::network<kaon::input<float, 5>, kaon::softmax>;
    const kaon::model<net> model(net::parameters{});
    const net::input x = {{1, 2, not_a_number, 4, 5}};
    const auto y = model(x);
    for (const float score : y) CHECK(std::isnan(score));
}
