// Rows that end where the caller's memory ends: nothing is read or written beyond, whatever the width. For sanitizers.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <memory>
#include <vector>

namespace {

template <std::size_t In, std::size_t Out, class... Layers>
double batch_against_single() {
    using net = kaon::network<kaon::input<float, In>, kaon::dense<Out>, Layers...>;
    auto p = std::make_unique<typename net::parameters>();
    numbers(In).fill(&kaon::get<0>(*p).weights[0][0], In * Out);
    numbers(Out).fill(kaon::get<0>(*p).bias, Out);
    const kaon::model<net> model(*p);
    double worst = 0;
    for (const std::size_t rows : {1u, 3u, 4u, 8u, 19u}) {
        std::vector<float> x(rows * In), y(rows * Out);
        numbers(5).fill(x.data(), x.size());
        model(kaon::batch_view<const float>{x.data(), rows, In}, kaon::batch_view<float>{y.data(), rows, Out});
        for (std::size_t r = 0; r < rows; ++r) {
            typename net::input event;
            for (std::size_t i = 0; i < In; ++i) event[i] = x[r * In + i];
            const auto expected = model(event);
            for (std::size_t o = 0; o < Out; ++o) {
                const double d = std::abs(double(y[r * Out + o]) - double(expected[o]));
                worst = d <= worst ? worst : d;
            }
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("dense and softmax keep to the caller's rows") {
    CHECK(batch_against_single<1, 1, kaon::relu>() < 1e-5);
    CHECK(batch_against_single<3, 5, kaon::softmax>() < 1e-5);
    CHECK(batch_against_single<5, 9, kaon::tanh>() < 1e-5);
    CHECK(batch_against_single<17, 17, kaon::softmax>() < 1e-5);
    CHECK(batch_against_single<33, 31, kaon::relu>() < 1e-5);
}

TEST_CASE("a network that begins with softmax or an activation keeps to the caller's rows") {
    CHECK(batch_against_single<7, 3>() < 1e-5);
    using net = kaon::network<kaon::input<float, 5>, kaon::softmax>;
    const kaon::model<net> model(net::parameters{});
    std::vector<float> x(11 * 5), y(11 * 5);
    numbers(6).fill(x.data(), x.size());
    model(kaon::batch_view<const float>{x.data(), 11, 5}, kaon::batch_view<float>{y.data(), 11, 5});
    for (std::size_t r = 0; r < 11; ++r) {
        double sum = 0;
        for (std::size_t i = 0; i < 5; ++i) sum += std::exp(double(x[r * 5 + i]));
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(double(y[r * 5 + i]) == doctest::Approx(std::exp(double(x[r * 5 + i])) / sum).epsilon(1e-6));
    }
}
