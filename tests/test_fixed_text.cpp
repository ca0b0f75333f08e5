// Fixed point as text: every digit out, every mode in, beside printf's exact doubles and beyond what a double holds.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/text.hpp>

#include "raw_values.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>

using kaon::fixed;
using kaon::from_string;
using kaon::to_string;
using kaon::ufixed;

namespace {

/// All digits of a double: glibc prints them exactly.
std::string digits_of(double value) {
    char text[2000];
    std::snprintf(text, sizeof text, "%.1100f", value);
    std::string result = text;
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') result.pop_back();
    return result == "-0" ? "0" : result;
}

/// Values of T whose text is not that of the same double, or does not read back.
template <class T>
int wrong_texts() {
    raw_values random(T::width);
    int wrong = 0;
    for (int i = 0; i < 300; ++i) {
        const T value = random.next<T>();
        const std::string text = to_string(value);
        wrong += text != digits_of(static_cast<double>(value));
        wrong += from_string<T>(text) != value || from_string<T>(text + "e0") != value;
    }
    return wrong;
}

template <class... T>
int wrong_texts(std::tuple<T...>) {
    return (wrong_texts<T>() + ... + 0);
}

/// Doubles that are read from their digits other than T converts them: halves, near halves and beyond the format.
template <int W, int I, bool S, std::size_t Mode>
int wrong_readings() {
    using T =
        kaon::basic_fixed<W, I, S, static_cast<kaon::rounding_mode>(Mode % 9), static_cast<kaon::overflow_mode>(Mode / 9)>;
    int wrong = 0;
    for (int eighth = -(20 << W); eighth <= 20 << W; ++eighth) {
        const double value = eighth * kaon::detail::power_of_two(I - W - 3);
        wrong += from_string<T>(digits_of(value)) != T(value);
    }
    return wrong;
}
template <std::size_t... Mode>
int wrong_readings(std::index_sequence<Mode...>) {
    return (wrong_readings<4, 2, true, Mode>() + ...) + (wrong_readings<4, 6, false, Mode>() + ...) +
           (wrong_readings<1, 0, true, Mode>() + ...) + (wrong_readings<3, -2, true, Mode>() + ...);
}

template <class T>
std::string error_of(const std::string& text) {
    try {
        from_string<T>(text);
    } catch (const kaon::error& error) {
        return error.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("text of fixed point has every digit and reads back") {
    CHECK(wrong_texts(std::tuple<fixed<1, 1>, fixed<4, 2>, fixed<8, 20>, ufixed<8, -3>, fixed<16, 6>, ufixed<32, 0>,
                                 fixed<53, 40>, ufixed<53, 60>, fixed<40, -900>, fixed<33, 1000>>()) == 0);
    CHECK(to_string(fixed<4, 2>(-1.75)) == "-1.75");
    CHECK(to_string(fixed<4, 2>(0.25)) == "0.25");
    CHECK(to_string(ufixed<8, 10>(1020)) == "1020");
    CHECK(to_string(fixed<8, 8>(0)) == "0");
    // No double holds these.
    CHECK(to_string(fixed<64, 1>::from_raw(1)) == "0.000000000000000000108420217248550443400745280086994171142578125");
    CHECK(to_string(fixed<128, 128, kaon::truncate, kaon::saturate>(-1e300)) == "-170141183460469231731687303715884105728");
    CHECK(to_string(ufixed<127, 127, kaon::truncate, kaon::saturate>(1e300)) == "170141183460469231731687303715884105727");
    std::ostringstream stream;
    stream.width(6);
    stream.fill('*');
    stream << fixed<6, 3>(-0.5);
    CHECK(stream.str() == "**-0.5");
}

TEST_CASE("text is read as a double of the same digits is converted, in every mode") {
    CHECK(wrong_readings(std::make_index_sequence<36>()) == 0);
}

TEST_CASE("text is read exactly, beyond what a double holds") {
    using up = fixed<8, 4, kaon::toward_plus_infinity>;
    using down = fixed<8, 4>;
    using even = fixed<8, 4, kaon::round_conv>;
    const std::string zeros(60, '0');
    CHECK(from_string<up>("1." + zeros + "1") == up(1.0625));
    CHECK(from_string<up>("1." + zeros) == up(1));
    CHECK(from_string<down>("-1." + zeros + "1") == down(-1.0625));
    CHECK(from_string<even>("0.03125") == even(0));  // half a step: to even
    CHECK(from_string<even>("0.03125" + zeros + "1") == even(0.0625));
    CHECK(from_string<even>("0.03124" + std::string(60, '9')) == even(0));
    CHECK(from_string<even>("3125e-5") == even(0));
    CHECK(from_string<even>("+.0009375E+2") == even(0.125));
    CHECK(from_string<fixed<128, 128>>("-170141183460469231731687303715884105727").raw() ==
          kaon::detail::raw_min<kaon::detail::int128>(128, true) + 1);
    // Modulo 2^8 of 10^30 + 3, and of what has more zeros than that.
    CHECK(from_string<fixed<8, 8>>("1" + std::string(29, '0') + "3") == fixed<8, 8>(3));
    CHECK(from_string<fixed<8, 8>>("1e7") == fixed<8, 8>(-128));
    CHECK(from_string<fixed<8, 8>>("1e999999999999999999999") == fixed<8, 8>(0));
    CHECK(from_string<fixed<8, 8, kaon::truncate, kaon::saturate>>("-1e999999999999999999999") == fixed<8, 8>(-128));
    CHECK(from_string<fixed<8, 8, kaon::truncate, kaon::saturate_symmetric>>("-129") == fixed<8, 8>(-127));
    CHECK(from_string<up>("1e-999999999999999999999") == up(0.0625));
    CHECK(from_string<down>("-1e-99999") == down(-0.0625));
    CHECK(from_string<down>("-0") == down(0));
    using widest = ufixed<64, 64, kaon::truncate, kaon::saturate>;
    CHECK(from_string<widest>("18446744073709551616") == std::numeric_limits<std::uint64_t>::max());
    CHECK(from_string<widest>("18446744073709551614") == std::numeric_limits<std::uint64_t>::max() - 1);
}

TEST_CASE("what is no decimal number is refused by name") {
    for (const char* text :
         {"", "-", ".", "+.", "e5", "1e", "1e+", "1.2.3", " 1", "1 ", "0x10", "nan", "inf", "1,5", "--1", "1e5.0"}) {
        CAPTURE(text);
        CHECK(error_of<fixed<8, 4>>(text).find("fixed point: '" + std::string(text) + "' is no decimal number") == 0);
    }
    CHECK(error_of<fixed<8, 4>>("1.") == "none");
    CHECK(error_of<fixed<8, 4>>(".5") == "none");
    CHECK(error_of<fixed<8, 4>>(std::string(1000, 'x')).size() < 200);
}

TEST_CASE("a type's name is the manifest's") {
    CHECK(kaon::type_name<fixed<16, 6>>() == "fixed<16,6>");
    CHECK(kaon::type_name<fixed<8, -2, kaon::round>>() == "fixed<8,-2,round>");
    CHECK(kaon::type_name<ufixed<8, 4, kaon::truncate, kaon::saturate>>() == "ufixed<8,4,truncate,saturate>");
    CHECK(kaon::type_name<fixed<9, 4, kaon::away_from_zero, kaon::saturate_symmetric>>() ==
          "fixed<9,4,away_from_zero,saturate_symmetric>");
}
