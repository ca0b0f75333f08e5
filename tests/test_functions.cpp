// exp, log, erf, tanh and what is made of them: within the bounds of docs/functions.md over their whole range, in float and double,
// on scalars and packs alike. Floats: one in 509 of all there are; KAON_EXHAUSTIVE=1 takes every one.
#include <doctest/doctest.h>

#include <kaon/simd/error_function.hpp>
#include <kaon/simd/exponential.hpp>
#include <kaon/simd/logarithm.hpp>
#include <kaon/simd/pack.hpp>
#include <kaon/simd/registers.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace {

template <class T>
using native_pack = kaon::pack<T, kaon::arithmetic<kaon::native, T, 64>::lanes>;

/// The largest error in units of the exact value's last place; NaN for a number, or a number for NaN, counts as infinite.
template <class T, class Wide>
struct worst_error {
    double units = 0;
    T at = 0;

    void add(T x, T got, Wide exact) {
        double error = 0;
        if (std::isnan(exact) || std::isinf(static_cast<T>(exact))) {
            error =
                std::isnan(exact) == std::isnan(got) && (std::isnan(exact) || got == static_cast<T>(exact)) ? 0 : INFINITY;
        } else {
            const T rounded = std::fabs(static_cast<T>(exact));
            const Wide unit = Wide(std::nextafter(rounded, std::numeric_limits<T>::infinity())) - Wide(rounded);
            error = static_cast<double>(std::fabs(Wide(got) - exact) / unit);
            if (std::isnan(error)) error = INFINITY;
        }
        if (error > units) {
            units = error;
            at = x;
        }
    }
};

/// Every `step`-th float between two bounds, a pack at a time.
template <class Function>
double worst_of_floats(const char* name, Function function, double (*exact)(double), float first, float last) {
    using lanes = native_pack<float>;
    const std::uint64_t step = std::getenv("KAON_EXHAUSTIVE") ? 1 : std::getenv("KAON_EMULATED") ? 8191 : 509;
    worst_error<float, double> worst;
    for (std::uint64_t next = 0; next < (std::uint64_t(1) << 32);) {
        float x[lanes::lanes], y[lanes::lanes];
        for (auto& value : x) {
            const auto bits = static_cast<std::uint32_t>(next);
            std::memcpy(&value, &bits, sizeof value);
            next += step;
        }
        function(lanes::load(x)).store(y);
        for (std::size_t l = 0; l < lanes::lanes; ++l) {
            if (x[l] >= first && x[l] <= last) worst.add(x[l], y[l], exact(double(x[l])));
        }
    }
    MESSAGE(std::string(name) << ", float: " << worst.units << " at " << worst.at);
    return worst.units;
}

/// Doubles between two bounds: spread over the interval, and over all magnitudes.
template <class Function>
double worst_of_doubles(const char* name, Function function, long double (*exact)(long double), double first, double last) {
    using lanes = native_pack<double>;
    std::mt19937_64 random(20180406);
    std::uniform_real_distribution<double> linear(first, last), exponent(-60, std::log2(std::fmax(-first, last)));
    worst_error<double, long double> worst;
    const int count = std::getenv("KAON_EMULATED") ? 25000 : 400000;
    for (int i = 0; i < count; ++i) {
        double x[lanes::lanes], y[lanes::lanes];
        for (auto& value : x) {
            value = i % 2 ? linear(random) : std::exp2(exponent(random)) * (i % 4 && first < 0 ? -1 : 1);
            value = std::fmin(std::fmax(value, first), last);
        }
        function(lanes::load(x)).store(y);
        for (std::size_t l = 0; l < lanes::lanes; ++l) worst.add(x[l], y[l], exact(static_cast<long double>(x[l])));
    }
    MESSAGE(std::string(name) << ", double: " << worst.units << " at " << worst.at);
    return worst.units;
}

const auto exponential = [](auto x) { return kaon::exponential(x); };
const auto exponential_minus_one = [](auto x) { return kaon::exponential_minus_one(x); };
const auto hyperbolic_tangent = [](auto x) { return kaon::hyperbolic_tangent(x); };
const auto logistic = [](auto x) { return kaon::logistic(x); };
const auto error_function = [](auto x) { return kaon::error_function(x); };
const auto logarithm = [](auto x) { return kaon::logarithm(x); };
const auto logarithm_of_one_plus = [](auto x) { return kaon::logarithm_of_one_plus(x); };

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("functions of floats are within their bounds") {
    CHECK(worst_of_floats("exp", exponential, std::exp, -87, 87) < 1.5);
    CHECK(worst_of_floats("exp - 1", exponential_minus_one, std::expm1, -87, 87) < 2);
    CHECK(worst_of_floats("tanh", hyperbolic_tangent, std::tanh, -infinity, infinity) < 3);
    CHECK(worst_of_floats(
              "sigmoid", logistic, [](double x) { return 1 / (1 + std::exp(-x)); }, -87, infinity) < 3.5);
    CHECK(worst_of_floats("erf", error_function, std::erf, -infinity, infinity) < 3);
    CHECK(worst_of_floats("log", logarithm, std::log, -infinity, infinity) < 2.5);
    CHECK(worst_of_floats("log(1 + x)", logarithm_of_one_plus, std::log1p, 0, 1) < 2.5);
}

TEST_CASE("functions of doubles are within their bounds") {
    CHECK(worst_of_doubles("exp", exponential, std::exp, -708, 708) < 1.5);
    CHECK(worst_of_doubles("exp - 1", exponential_minus_one, std::expm1, -708, 708) < 2);
    CHECK(worst_of_doubles("tanh", hyperbolic_tangent, std::tanh, -25, 25) < 3);
    CHECK(worst_of_doubles(
              "sigmoid", logistic, [](long double x) { return 1 / (1 + std::exp(-x)); }, -708, 60) < 3.5);
    CHECK(worst_of_doubles("erf", error_function, std::erf, -7, 7) < 3);
    CHECK(worst_of_doubles("log", logarithm, std::log, 0, 1e300) < 2.5);
    CHECK(worst_of_doubles("log(1 + x)", logarithm_of_one_plus, std::log1p, 0, 1) < 2.5);
}

TEST_CASE_TEMPLATE("what has no number, and what is beyond the range", T, float, double, kaon::pack<float, 4>,
                   kaon::pack<double, 2>, kaon::pack<float, 64>) {
    using lane = kaon::lane_of<T>;
    using limits = std::numeric_limits<lane>;
    const auto first = [](const T& v) {
        if constexpr (std::is_floating_point_v<T>) {
            return v;
        } else {
            return v[0];
        }
    };
    const T nan(limits::quiet_NaN()), inf(limits::infinity()), minus(-limits::infinity()), zero(lane(0)), one(lane(1));
    CHECK(std::isnan(first(kaon::exponential(nan))));
    CHECK(std::isnan(first(kaon::exponential_minus_one(nan))));
    CHECK(std::isnan(first(kaon::hyperbolic_tangent(nan))));
    CHECK(std::isnan(first(kaon::logistic(nan))));
    CHECK(std::isnan(first(kaon::error_function(nan))));
    CHECK(std::isnan(first(kaon::logarithm(nan))));
    CHECK(std::isnan(first(kaon::logarithm(minus))));
    CHECK(std::isnan(first(kaon::logarithm(T(lane(-1))))));
    CHECK(first(kaon::logarithm(zero)) == -limits::infinity());
    CHECK(first(kaon::logarithm(inf)) == limits::infinity());
    CHECK(first(kaon::logarithm(one)) == 0);
    CHECK(first(kaon::logarithm(T(limits::denorm_min()))) == doctest::Approx(std::log(limits::denorm_min())));
    CHECK(first(kaon::hyperbolic_tangent(inf)) == 1);
    CHECK(first(kaon::hyperbolic_tangent(minus)) == -1);
    CHECK(first(kaon::error_function(inf)) == 1);
    CHECK(first(kaon::error_function(minus)) == -1);
    CHECK(first(kaon::logistic(inf)) == 1);
    const lane last = kaon::detail::exponential_range<lane>::last;
    CHECK(first(kaon::exponential(inf)) == first(kaon::exponential(T(last))));
    CHECK(first(kaon::exponential(minus)) == first(kaon::exponential(T(-last))));
    CHECK(first(kaon::logistic(minus)) == first(kaon::logistic(T(-last))));
    CHECK(first(kaon::exponential_of_nonpositive(minus)) ==
          first(kaon::exponential(T(kaon::detail::exponential_range<lane>::lowest))));
}
