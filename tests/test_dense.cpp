// Laws of dense: equal to a double-precision reference for every size up to two registers and one, whatever the padding holds.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace {

template <class T, std::size_t In, std::size_t Out>
double largest_error() {
    using net = kaon::network<kaon::input<T, In>, kaon::dense<Out>, kaon::relu>;
    numbers random(static_cast<unsigned>(100 * In + Out));
    auto p = std::make_unique<typename net::parameters>();
    random.fill(&kaon::get<0>(*p).weights[0][0], In * Out);
    random.fill(kaon::get<0>(*p).bias, Out);
    const kaon::model<net> model(*p);

    typename net::input x;
    for (auto& value : x.values) value = std::numeric_limits<T>::quiet_NaN();  // what lies beyond the input is poison
    random.fill(x.data(), In);
    const auto y = model(x);

    double worst = 0;
    for (std::size_t o = 0; o < Out; ++o) {
        double sum = kaon::get<0>(*p).bias[o];
        for (std::size_t i = 0; i < In; ++i) sum += double(x[i]) * double(kaon::get<0>(*p).weights[i][o]);
        const double error = std::abs(double(y[o]) - (sum > 0 ? sum : 0));
        worst = error <= worst ? worst : error;  // NaN wins
    }
    return worst;
}

template <class T, std::size_t In, std::size_t... Out>
double largest_error(std::index_sequence<Out...>) {
    double worst = 0;
    for (const double error : {largest_error<T, In, Out + 1>()...}) worst = error <= worst ? worst : error;
    return worst;
}

template <std::size_t... In>
double largest_error_of_inputs(std::index_sequence<In...>) {
    double worst = 0;
    for (const double error : {largest_error<float, In + 1, 5>()...}) worst = error <= worst ? worst : error;
    return worst;
}

using up_to_two_registers = std::make_index_sequence<2 * kaon::arithmetic<kaon::native, float, 300>::lanes + 1>;

}  // namespace

TEST_CASE("dense equals a double-precision reference for 1 to 2W+1 outputs") {
    CHECK(largest_error<float, 7>(up_to_two_registers{}) < 3e-6);
}

TEST_CASE("dense equals a double-precision reference for 1 to 2W+1 inputs") {
    CHECK(largest_error_of_inputs(up_to_two_registers{}) < 1e-5);
}

TEST_CASE("dense equals a double-precision reference for many inputs and outputs") {
    CHECK(largest_error<float, 33, 2>() < 1e-5);
    CHECK(largest_error<float, 64, 130>() < 2e-5);
    CHECK(largest_error<float, 300, 300>() < 1e-4);
}

TEST_CASE("dense in double") { CHECK(largest_error<double, 17>(std::make_index_sequence<17>{}) < 1e-14); }
