// Softmax against double precision at every width around a pack's, and no subnormal in any lane, used or not.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstddef>
#include <utility>

namespace {

template <std::size_t N>
void check_softmax(float spread) {
    using net = kaon::network<kaon::input<float, N>, kaon::softmax>;
    const kaon::model<net> model(typename net::parameters{});
    numbers random{unsigned(N)};
    for (int event = 0; event < 50; ++event) {
        typename net::input x;
        random.fill(x.data(), N);
        for (std::size_t i = 0; i < N; ++i) x[i] *= spread;
        std::feclearexcept(FE_UNDERFLOW);
        const auto y = model(x);
        CHECK_MESSAGE(std::fetestexcept(FE_UNDERFLOW) == 0, "a subnormal among ", N, " values within ", spread);

        const double largest = *std::max_element(x.begin(), x.end());
        double sum = 0;
        for (std::size_t i = 0; i < N; ++i) sum += std::exp(double(x[i]) - largest);
        for (std::size_t i = 0; i < N; ++i) {
            const double exact = std::exp(std::max(double(x[i]) - largest, -80.0)) / sum;
            CHECK(double(y[i]) == doctest::Approx(exact).epsilon(2e-6));
        }
    }
}

template <std::size_t... I>
void check_sizes(float spread, std::index_sequence<I...>) {
    (check_softmax<I + 1>(spread), ...);
}

constexpr std::make_index_sequence<2 * kaon::arithmetic<kaon::native, float, 300>::lanes + 1> sizes{};

}  // namespace

TEST_CASE("softmax of as many values as two registers hold and one more, and of fewer") {
    check_sizes(1.0f, sizes);
    check_sizes(30.0f, sizes);
}

TEST_CASE("softmax of values so far apart that the small ones count as 80 below the largest") { check_sizes(300.0f, sizes); }
