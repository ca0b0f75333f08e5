// Tables of functions: every entry is the exact value, rounded and overflown as the table's scalar says. The reference is a long double,
// which must lie clearly on one side of where rounding changes; checksums are the same from every compiler.
#include <doctest/doctest.h>

#include <kaon/layers/elu.hpp>
#include <kaon/layers/softmax_types.hpp>
#include <kaon/scalar/table.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ratio>

using kaon::fixed;
using kaon::overflow_mode;
using kaon::rounding_mode;
using kaon::ufixed;

namespace {

using real = long double;

/// Functions of scalar/table_functions.hpp by libm.
/// @{
struct sigmoid {
    using exact = kaon::detail::sigmoid_table;
    static real at(real x) { return 1 / (1 + std::exp(-x)); }
};
struct tangent {
    using exact = kaon::detail::tanh_table;
    static real at(real x) { return std::tanh(x); }
};
struct softplus {
    using exact = kaon::detail::softplus_table;
    static real at(real x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
};
struct softsign {
    using exact = kaon::detail::softsign_table;
    static real at(real x) { return x / (1 + std::fabs(x)); }
};
struct elu {
    using exact = kaon::detail::elu_table;
    static real at(real x) { return std::expm1(x); }
};
struct selu {
    using exact = kaon::detail::selu_table<kaon::selu_constants>;
    static real at(real x) { return real(kaon::selu_constants::gamma) * real(kaon::selu_constants::alpha) * std::expm1(x); }
};
struct silu {
    using exact = kaon::detail::silu_table;
    static real at(real x) { return x / (1 + std::exp(-x)); }
};
struct exponential {
    using exact = kaon::detail::exponential_table;
    static real at(real x) { return std::exp(x); }
};
struct decay {
    using exact = kaon::detail::decay_table;
    static real at(real x) { return std::exp(-x); }
};
struct mirrored {
    using exact = kaon::detail::mirrored_exponential_table;
    static real at(real x) { return std::exp(-x); }
};
struct inverse {
    using exact = kaon::detail::inverse_table<false>;
    static real at(real x) { return 1 / x; }
};
struct inverse_or_zero {
    using exact = kaon::detail::inverse_table<true>;
    static real at(real x) { return x > 0 ? 1 / x : 0; }
};
/// Of hls4ml's least epsilon, and of one with entries that are binary fractions.
template <class Epsilon>
struct inverse_root {
    using exact = kaon::detail::inverse_root_table<Epsilon>;
    static real at(real x) { return 1 / std::sqrt(x + real(Epsilon::num) / real(Epsilon::den)); }
};
/// @}

real rounded(real a, rounding_mode mode) {
    const real below = std::floor(a), rest = a - below;
    const bool odd = std::fmod(below, real(2)) != 0, negative = a < 0;
    switch (mode) {
    case rounding_mode::truncate:
        return below;
    case rounding_mode::truncate_zero:
        return std::trunc(a);
    case rounding_mode::toward_plus_infinity:
        return std::ceil(a);
    case rounding_mode::away_from_zero:
        return negative ? below : std::ceil(a);
    default:
        break;
    }
    if (rest != real(0.5)) return rest > real(0.5) ? below + 1 : below;
    const bool up = mode == rounding_mode::round        ? true
                    : mode == rounding_mode::round_zero ? negative
                    : mode == rounding_mode::round_inf  ? !negative
                    : mode == rounding_mode::round_conv ? odd
                                                        : false;
    return up ? below + 1 : below;
}

template <class Scalar>
std::int64_t raw_of(real value) {
    const real two = 2;
    const real high = std::pow(two, Scalar::width - (Scalar::is_signed ? 1 : 0)) - 1;
    const real low = Scalar::is_signed ? -high - 1 : 0;
    real raw = rounded(std::ldexp(value, Scalar::fraction), Scalar::rounding);
    switch (Scalar::overflow) {
    case overflow_mode::saturate:
        raw = raw > high ? high : raw < low ? low : raw;
        break;
    case overflow_mode::saturate_zero:
        raw = raw > high || raw < low ? 0 : raw;
        break;
    case overflow_mode::saturate_symmetric:
        raw = raw > high ? high : raw < -high ? (Scalar::is_signed ? -high : 0) : raw;
        break;
    default: {
        const real range = std::pow(two, Scalar::width);
        raw -= std::floor(raw / range) * range;
        raw = raw > high ? raw - range : raw;
    }
    }
    return static_cast<std::int64_t>(raw);
}

struct outcome {
    int different;
    int undecided;
};

/// Entries that are not the reference's, and those where it lies within its own error of where rounding changes.
template <class Function, class Address, class Scalar>
outcome compare() {
    using table = kaon::exact_table<typename Function::exact, Address, Scalar>;
    outcome result{0, 0};
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(table::size); ++i) {
        const auto x = static_cast<double>(Address::scalar::from_exact(Address::raw(i)));
        const real value = Function::at(x);
        if (std::isinf(value)) continue;  // of 1/0: below
        const real halves = std::ldexp(value, Scalar::fraction + 1);
        const real distance = std::fabs(halves - std::nearbyint(halves));
        const bool saturated =
            Scalar::overflow != overflow_mode::wrap && std::fabs(value) > std::ldexp(real(1), Scalar::integer);
        const bool exact = x == 0 || distance == 0 || saturated;
        result.undecided += !exact && distance < std::fabs(halves) * std::ldexp(real(1), -60);
        result.different += static_cast<std::int64_t>(table::raw(i)) != raw_of<Scalar>(value);
    }
    return result;
}

template <class Function, class Address, class... Scalars>
void check() {
    const outcome all[] = {compare<Function, Address, Scalars>()...};
    for (const outcome& o : all) {
        CHECK(o.different == 0);
        CHECK(o.undecided == 0);
    }
}

using standard = fixed<18, 8>;
using narrow = ufixed<7, 0>;
using fine = fixed<32, 4, kaon::round_conv, kaon::saturate>;

/// A small table in each of the modes.
template <class Function, template <std::size_t> class Address>
void check_modes() {
    using kaon::saturate, kaon::wrap;
    check<Function, Address<64>, fixed<9, 2, kaon::truncate, saturate>, fixed<9, 2, kaon::truncate_zero, saturate>,
          fixed<9, 2, kaon::round, wrap>, fixed<9, 2, kaon::round_zero, kaon::saturate_zero>,
          fixed<9, 2, kaon::round_min_inf, saturate>, fixed<9, 2, kaon::round_inf, kaon::saturate_symmetric>,
          fixed<9, 1, kaon::round_conv, kaon::saturate_symmetric>, fixed<9, 1, kaon::toward_plus_infinity, wrap>,
          fixed<9, 1, kaon::away_from_zero, kaon::saturate_zero>, ufixed<6, 1, kaon::round, wrap>>();
}

template <class Table>
constexpr std::uint32_t checksum() {
    std::uint32_t sum = 2166136261u;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(Table::size); ++i) {
        sum = (sum ^ static_cast<std::uint32_t>(Table::raw(i))) * 16777619u;
    }
    return sum;
}
template <class Function, class Address, class Scalar>
constexpr std::uint32_t checksum_of = checksum<kaon::exact_table<typename Function::exact, Address, Scalar>>();

}  // namespace

TEST_CASE("sigmoid and tanh") {
    check<sigmoid, kaon::within_eight<1024>, standard, fine>();
    check<tangent, kaon::within_four<1024>, standard, fine>();
    check_modes<sigmoid, kaon::within_eight>();
    check_modes<tangent, kaon::within_four>();
}

TEST_CASE("softplus, softsign and silu") {
    check<softplus, kaon::within_eight<1024>, standard, fine>();
    check<softsign, kaon::within_eight<1024>, standard, fine>();
    check<silu, kaon::within_eight<256>, standard, fine>();
    check_modes<softplus, kaon::within_eight>();
    check_modes<softsign, kaon::within_eight>();
    check_modes<silu, kaon::within_eight>();
}

TEST_CASE("elu and selu") {
    check<elu, kaon::down_to_minus_eight<1024>, standard, fine>();
    check<selu, kaon::down_to_minus_eight<1024>, standard, fine>();
    check_modes<elu, kaon::down_to_minus_eight>();
    check_modes<selu, kaon::down_to_minus_eight>();
}

TEST_CASE("exponentials: wrapped, saturated, of high bits of inputs with much and with little range") {
    using kaon::high_bits_address;
    using saturated = fixed<18, 8, kaon::round, kaon::saturate>;
    check<exponential, kaon::within_eight<1024>, standard>();
    check<exponential, high_bits_address<1024, fixed<16, 6>>, saturated>();
    check<exponential, high_bits_address<64, fixed<12, 4>>, fixed<20, 4>>();
    check<exponential, high_bits_address<256, fixed<40, 20>>, saturated>();
    check<decay, high_bits_address<1024, ufixed<15, 5>>, saturated, narrow>();
    check<decay, high_bits_address<2, ufixed<8, -3>>, fine>();
    check<decay, high_bits_address<64, ufixed<31, 28>>, saturated>();
    check<mirrored, high_bits_address<128, fixed<9, 4>>, saturated, standard>();
}

TEST_CASE("reciprocals, infinite at zero") {
    using kaon::high_bits_address;
    using saturated = fixed<18, 8, kaon::round, kaon::saturate>;
    using address = high_bits_address<1024, fixed<18, 8>>;
    check<inverse, address, saturated, standard>();
    check<inverse, high_bits_address<64, ufixed<8, 12>>, fixed<24, 1>>();
    check<inverse_or_zero, kaon::positive_address<1024, 6>, standard, saturated>();
    CHECK(kaon::exact_table<inverse::exact, address, saturated>::raw(0) == 131071);
    CHECK(kaon::exact_table<inverse::exact, address, standard>::raw(0) == 0);
    CHECK(kaon::exact_table<inverse::exact, address, fixed<18, 8, kaon::round, kaon::saturate_zero>>::raw(0) == 0);
}

TEST_CASE("reciprocals of square roots") {
    using saturated = ufixed<8, 5, kaon::round_conv, kaon::saturate>;
    using thousandth = inverse_root<std::ratio<1, 1000>>;
    check<thousandth, kaon::positive_address<4096, 0>, saturated, standard, ufixed<40, 6>>();
    check<thousandth, kaon::positive_address<64, -3>, saturated, standard, ufixed<3, 5>>();
    check<inverse_root<std::ratio<1, 1000000000>>, kaon::positive_address<1024, 0>, saturated, standard>();
    check<inverse_root<std::ratio<1, 4>>, kaon::positive_address<1024, 2>, saturated, standard, fine>();
    // 1 / sqrt(1/4 + i/16) is 2 and 1 there, which no rounding may move.
    using exact = kaon::exact_table<kaon::detail::inverse_root_table<std::ratio<1, 4>>, kaon::positive_address<16, 0>,
                                    ufixed<8, 2, kaon::toward_plus_infinity>>;
    static_assert(exact::raw(0) == 128 && exact::raw(12) == 64 && exact::raw(11) == 67);
}

TEST_CASE("a table has the same entries from every compiler") {
    using narrow_address = kaon::high_bits_address<1024, ufixed<15, 5>>;
    static_assert(checksum_of<sigmoid, kaon::within_eight<1024>, standard> == 2402729766u);
    static_assert(checksum_of<softplus, kaon::within_eight<1024>, standard> == 3807229604u);
    static_assert(checksum_of<decay, narrow_address, narrow> == 2050589511u);
}

TEST_CASE("the largest tables, and the least") {
    check<sigmoid, kaon::within_eight<4096>, standard>();
    check<exponential, kaon::within_eight<2>, standard>();
}
