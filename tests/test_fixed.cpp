// Fixed point: conversions and operators by hand. tests/vendor has them beside the vendors' types.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include <cstdint>
#include <limits>

using kaon::fixed;
using kaon::ufixed;

namespace {

static_assert(double(fixed<4, 2, kaon::round, kaon::wrap>(1.9)) == -2.0);
static_assert(double(fixed<4, 2, kaon::round, kaon::saturate>(1.9)) == 1.75);
static_assert(double(fixed<4, 2>(-0.3)) == -0.5);
static_assert(double(fixed<4, 2, kaon::round>(-0.375)) == -0.25);
static_assert(double(fixed<8, 4>(100.0)) == 4.0);
static_assert(double(ufixed<8, 4, kaon::truncate, kaon::saturate>(-1.0)) == 0.0);
static_assert(double(fixed<8, 10>(257.0)) == 256.0);
static_assert(double(fixed<8, -2>(0.1)) == 0.099609375);
static_assert(double(fixed<64, 32>(-1.5)) == -1.5);
static_assert(fixed<64, 1, kaon::truncate, kaon::saturate>(-2.0).raw() == std::numeric_limits<std::int64_t>::min());
static_assert(fixed<8, 4, kaon::truncate, kaon::saturate>(std::numeric_limits<double>::infinity()).raw() == 127);
static_assert(fixed<8, 4>(std::numeric_limits<double>::quiet_NaN()).raw() == 0);
static_assert(double(fixed<8, 4>(1.5) * fixed<8, 4>(-2.25)) == -3.375);
static_assert(double(fixed<8, 4>(1.5) + fixed<6, 1>(0.03125)) == 1.53125);
static_assert(double(ufixed<8, 4>(1.5) - ufixed<8, 4>(2.0)) == -0.5);
static_assert(std::is_same_v<decltype(fixed<8, 4>() * ufixed<6, 1>()), fixed<14, 5>>);
static_assert(std::is_same_v<decltype(fixed<8, 4>() + ufixed<6, 4>()), fixed<10, 6>>);
static_assert(sizeof(fixed<8, 4>) == 1 && sizeof(fixed<9, 4>) == 2 && sizeof(fixed<33, 4>) == 8);
static_assert(std::is_trivially_copyable_v<fixed<8, 4>>);
static_assert(fixed<8, 4>(1.5) < 1.6 && fixed<8, 4>(1.5) == 1.5f && fixed<8, 4>(-1.5) == fixed<20, 10>(-1.5) &&
              2 > fixed<8, 4>(1.5));
static_assert(fixed<8, 4>(-8.0) < ufixed<8, 8>(255) && fixed<8, 4>(0) > -1e-300 && fixed<8, 4>(0) < 1e300 &&
              fixed<64, 1>(0.5) >= 0.5);
static_assert(!(fixed<8, 4>(1) < std::numeric_limits<double>::quiet_NaN()) &&
              fixed<8, 4>(1) != std::numeric_limits<double>::quiet_NaN());
static_assert(double(fixed<8, 4>(5) / fixed<8, 4>(2)) == 2.5 && double(fixed<8, 4>(-5) / 3) == -1.625);
static_assert(std::is_same_v<decltype(fixed<8, 4>(5) / fixed<8, 4>(2)), fixed<13, 9>>);
static_assert(double(-fixed<8, 4>(-8)) == 8 && std::is_same_v<decltype(-fixed<8, 4>()), fixed<9, 5>>);
static_assert(int(fixed<8, 4>(-7.5)) == -7 && bool(fixed<8, 4>(0.5)) && !bool(fixed<8, 4>(0.01)));
static_assert(double(fixed<8, 4>(3) << 1) == 6 && double(fixed<8, 4>(-3.0625) >> 1) == -1.5625 &&
              double(fixed<8, 4>(5) << 1) == -6);
static_assert(double(fixed<64, 32>(1.5) * fixed<64, 32>(-1.5)) == -2.25 && (fixed<64, 32>() * fixed<64, 32>()).width == 128);
static_assert(fixed<8, 4, kaon::truncate, kaon::saturate_zero>(9).raw() == 0);
static_assert(fixed<8, 4, kaon::truncate, kaon::saturate_symmetric>(-9).raw() == -127);
static_assert(fixed<8, 4, kaon::truncate, kaon::saturate_symmetric>(fixed<8, 4>(-8)).raw() == -127);
static_assert(fixed<9, 4, kaon::truncate, kaon::saturate_symmetric>(fixed<6, 4>(-8)).raw() == -255);
static_assert(fixed<9, 5, kaon::truncate, kaon::saturate_symmetric>(fixed<6, 4>(-8)).raw() == -128);
static_assert(double(fixed<8, 4>(3) + 1) == 4 && double(2u * fixed<8, 4>(-3.5)) == -7 &&
              double(1 - ufixed<8, 4>(3.5)) == -2.5);
constexpr fixed<8, 4> changed(fixed<8, 4> a) {
    ++a;
    a += 1;
    a *= fixed<8, 4>(1.5);
    a -= 0;
    return a;
}
static_assert(double(changed(1)) == 4.5);
static_assert(ufixed<64, 64>(~std::uint64_t{0}).raw() > 0 && fixed<1, 1>(-1).raw() == -1);
static_assert(float(fixed<64, 64>((std::int64_t{1} << 62) + 1)) == 4611686018427387904.0f);

}  // namespace

TEST_CASE("conversions from double, digit by digit and at once, agree at the edges") {
    for (const double value : {0.0, 1e-310, -1e-310, 1.25, -1.25, 7.9375, 7.96875, -8.03125, 1e10, -1e10, 1e300, -1e300}) {
        const kaon::detail::decomposed d = kaon::detail::decompose(value);
        using type = fixed<8, 4, kaon::away_from_zero, kaon::saturate>;
        CHECK(type(value).raw() ==
              kaon::detail::requantized(d.mantissa, -d.exponent - 4, type::rounding, type::overflow, 8, true));
    }
}
