// Activations against double precision, at every width around a pack's, with NaN beyond the last value and in it.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <ratio>
#include <utility>

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct no_bound {
    static constexpr float value = std::numeric_limits<float>::infinity();
};

/// An activation of so many values, all of memory that a tensor of them has.
struct of_width {
    std::size_t values;
    void (*run)(const float* x, float* y);
};

template <class Layer, std::size_t N>
of_width with_width() {
    using net = kaon::network<kaon::input<float, N>, Layer>;
    return {N, [](const float* x, float* y) {
                typename net::input event;
                std::copy(x, x + std::size(event.values), event.values);
                const auto result = kaon::model<net>(typename net::parameters{})(event);
                std::copy(result.begin(), result.end(), y);
            }};
}

using exact_function = double (*)(double);

void check_width(const of_width& activation, exact_function exact, float spread) {
    const std::size_t n = activation.values;
    numbers random{unsigned(n)};
    float x[64], y[64];
    for (int event = 0; event < 50; ++event) {
        std::fill(std::begin(x), std::end(x), not_a_number);
        random.fill(x, n);
        for (std::size_t i = 0; i < n; ++i) x[i] *= spread;
        activation.run(x, y);
        for (std::size_t i = 0; i < n; ++i) {
            CHECK_MESSAGE(std::abs(double(y[i]) - exact(double(x[i]))) < 3e-7 * std::max(1.0, std::abs(exact(double(x[i])))),
                          n, " values, of ", x[i]);
        }

        const auto at = static_cast<std::size_t>(event) % n;
        x[at] = not_a_number;
        activation.run(x, y);
        for (std::size_t i = 0; i < n; ++i) CHECK(std::isnan(y[i]) == (i == at));
    }
}

template <class Layer, std::size_t... I>
void check_widths(exact_function exact, std::index_sequence<I...>) {
    for (const of_width& activation : {with_width<Layer, I + 1>()...}) {
        check_width(activation, exact, 5.0f);
        check_width(activation, exact, 100.0f);
    }
}

constexpr std::make_index_sequence<2 * kaon::arithmetic<kaon::native, float, 300>::lanes + 1> widths{};

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

TEST_CASE("e^x") {
    for (const float spread : {5.0f, 80.0f})
        check_width(
            with_width<kaon::exp, 37>(), [](double x) { return std::exp(x); }, spread);
    for (const float x : {-87.5f, -60.0f, 60.0f, 87.5f, 88.5f}) {
        CHECK(double(kaon::exponential_function::apply(x)) == doctest::Approx(std::exp(double(x))).epsilon(3e-7));
    }
    CHECK(std::isinf(kaon::exponential_function::apply(89.0f)));
    CHECK(kaon::exponential_function::apply(-110.0f) == 0.0f);
    CHECK(std::isnan(kaon::exponential_function::apply(not_a_number)));
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
