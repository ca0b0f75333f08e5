// exp within its stated bound, on floats and packs alike.
#include <doctest/doctest.h>

#include <kaon/simd/exponential.hpp>
#include <kaon/simd/pack.hpp>

#include <cmath>

TEST_CASE("exponential is within 2 units in the last place on [-87, 87]") {
    double worst = 0;
    for (float x = -87.0f; x <= 87.0f; x += 1.7e-3f) {
        const double exact = std::exp(double(x));
        const float rounded = static_cast<float>(exact);
        const double ulp = double(std::nextafter(rounded, INFINITY)) - double(rounded);
        const double error = std::abs(double(kaon::exponential(x)) - exact) / ulp;
        worst = error <= worst ? worst : error;
    }
    MESSAGE("largest error, units in the last place: " << worst);
    CHECK(worst < 2);
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
