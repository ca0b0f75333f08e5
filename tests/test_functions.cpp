// exp, log and erf within their stated bounds, on floats and packs alike.
#include <doctest/doctest.h>

#include <kaon/simd/error_function.hpp>
#include <kaon/simd/exponential.hpp>
#include <kaon/simd/logarithm.hpp>
#include <kaon/simd/pack.hpp>

#include <cmath>

namespace {

/// The largest error in units of the exact value's last place, from `first` to `last` by `step`; NaN counts as infinite.
template <class Function>
double worst_error(Function function, double (*exact)(double), float first, float last, float step) {
    double worst = 0;
    for (float x = first; x <= last; x += step) {
        const double expected = exact(double(x));
        const float rounded = static_cast<float>(std::abs(expected));
        const double ulp = double(std::nextafter(rounded, INFINITY)) - double(rounded);
        const double error = std::abs(double(function(x)) - expected) / ulp;
        worst = error <= worst ? worst : std::isnan(error) ? double(INFINITY) : error;
    }
    MESSAGE("largest error, units in the last place: " << worst);
    return worst;
}

}  // namespace

TEST_CASE("exponential is within 2 units in the last place on [-87, 87]") {
    CHECK(worst_error([](float x) { return kaon::exponential(x); }, std::exp, -87.0f, 87.0f, 1.7e-3f) < 2);
}

TEST_CASE("log(1 + x) is within 3 units in the last place on [0, 1]") {
    CHECK(worst_error([](float x) { return kaon::logarithm_of_one_plus(x); }, std::log1p, 0.0f, 1.0f, 1.3e-5f) < 3);
    CHECK(worst_error([](float x) { return kaon::logarithm_of_one_plus(x); }, std::log1p, 0.0f, 1e-5f, 1e-10f) < 3);
}

TEST_CASE("erf is within 4 units in the last place") {
    CHECK(worst_error([](float x) { return kaon::error_function(x); }, std::erf, -6.0f, 6.0f, 9.7e-5f) < 4);
    CHECK(worst_error([](float x) { return kaon::error_function(x); }, std::erf, -1e-3f, 1e-3f, 1.1e-8f) < 4);
    CHECK(kaon::error_function(1e30f) == 1.0f);
    CHECK(kaon::error_function(-INFINITY) == -1.0f);
}

TEST_CASE("functions of a pack are those of its lanes") {
    using lanes = kaon::pack<float, 8>;
    for (float x = -8.0f; x < 8.0f; x += 0.037f) {
        CHECK(kaon::error_function(lanes(x))[3] == doctest::Approx(kaon::error_function(x)).epsilon(1e-6));
        const float unit = x / 16 + 0.5f;
        CHECK(kaon::logarithm_of_one_plus(lanes(unit))[7] ==
              doctest::Approx(kaon::logarithm_of_one_plus(unit)).epsilon(1e-6));
    }
}

TEST_CASE("exponential of a pack") {
    using lanes = kaon::pack<float, 8>;
    for (float x = -80.0f; x < 80.0f; x += 0.37f) {
        CHECK(kaon::exponential(lanes(x))[5] == doctest::Approx(kaon::exponential(x)).epsilon(1e-6));
    }
}

TEST_CASE("exponential is clamped, never infinite") {
    CHECK(kaon::exponential(1000.0f) == kaon::exponential(87.0f));
    CHECK(kaon::exponential(-1000.0f) == kaon::exponential(-87.0f));
}
