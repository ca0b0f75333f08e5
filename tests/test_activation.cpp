// Activations against double precision, at every width around a pack's, with NaN beyond the last value and in it.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

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

TEST_CASE("softmax of a NaN is NaN everywhere") {
    using net = kaon::network<kaon::input<float, 5>, kaon::softmax>;
    const kaon::model<net> model(net::parameters{});
    const net::input x = {{1, 2, not_a_number, 4, 5}};
    const auto y = model(x);
    for (const float score : y) CHECK(std::isnan(score));
}
