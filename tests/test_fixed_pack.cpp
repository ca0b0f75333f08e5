// Packs of fixed-point scalars: every conversion and operator has the bits of the scalars'.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "raw_values.hpp"

#include <cstdint>
#include <string>
#include <utility>

using kaon::basic_fixed;

namespace {

template <class From, class To>
int different_conversions() {
    using A = kaon::arithmetic<kaon::native, From, 16>;
    raw_values random(From::width * 64 + To::width);
    int different = 0;
    for (int turn = 0; turn < 40; ++turn) {
        From x[A::lanes];
        To y[A::lanes];
        random.fill(x, A::lanes);
        kaon::quantized<To>(A::load(x)).store(y);
        for (std::size_t l = 0; l < A::lanes; ++l) different += y[l].raw() != To(x[l]).raw();
    }
    return different;
}

/// Pairs of formats that shift either way, by little or by more than a lane, with either sign and room enough or not.
template <std::size_t I, kaon::rounding_mode Q, kaon::overflow_mode O>
int conversion() {
    constexpr int from_width = 2 + int(I * 7 % 31), to_width = 2 + int(I * 11 % 31);
    constexpr int from_integer = from_width - int(I * 5 % 24) + 4, to_integer = to_width - int(I * 3 % 9);
    using from = basic_fixed<from_width, from_integer, I % 3 != 0>;
    using to = basic_fixed<to_width, to_integer, I % 4 != 0, Q, O>;
    return different_conversions<from, to>();
}

template <kaon::rounding_mode Q, std::size_t... I>
int conversions(std::index_sequence<I...>) {
    return (conversion<I + 40 * std::size_t(Q), Q, static_cast<kaon::overflow_mode>(I % 4)>() + ...);
}

template <class A, class B>
int different_operations() {
    constexpr std::size_t lanes = kaon::arithmetic<kaon::native, A, 4>::lanes;
    using a_pack = kaon::pack<A, lanes, kaon::native>;
    using b_pack = kaon::pack<B, lanes, kaon::native>;
    raw_values random(A::width * 64 + B::width);
    int different = 0;
    const auto count = [&](const auto& packed, const auto* a, const auto* b, auto f) {
        decltype(f(a[0], b[0])) values[lanes];
        packed.store(values);
        for (std::size_t l = 0; l < lanes; ++l) different += values[l].raw() != f(a[l], b[l]).raw();
    };
    for (int turn = 0; turn < 20; ++turn) {
        A a[lanes], c[lanes];
        B b[lanes];
        random.fill(a, lanes);
        random.fill(c, lanes);
        random.fill(b, lanes);
        const auto x = a_pack::load(a);
        const auto y = b_pack::load(b);
        const auto z = a_pack::load(c);
        count(x + y, a, b, [](auto p, auto q) { return p + q; });
        count(x - y, a, b, [](auto p, auto q) { return p - q; });
        count(x * y, a, b, [](auto p, auto q) { return p * q; });
        count(maximum(x, z), a, c, [](auto p, auto q) { return maximum(p, q); });
        count(minimum(x, z), a, c, [](auto p, auto q) { return minimum(p, q); });
        count(select(less(x, z), x, z), a, c, [](auto p, auto q) { return p < q ? p : q; });
    }
    return different;
}

template <std::size_t... I>
int operations(std::index_sequence<I...>) {
    return (different_operations<basic_fixed<2 + int(I * 7 % 31), int(I * 5 % 17), I % 3 != 0>,
                                 basic_fixed<2 + int(I * 13 % 31), int(I * 3 % 9), I % 2 != 0>>() +
            ...);
}

}  // namespace

TEST_CASE_TEMPLATE_DEFINE("conversions of packs, every overflow mode", mode, conversions_of_packs) {
    CHECK(conversions<mode::value>(std::make_index_sequence<24>{}) == 0);
}
template <kaon::rounding_mode Q>
using rounding = std::integral_constant<kaon::rounding_mode, Q>;
TEST_CASE_TEMPLATE_INVOKE(conversions_of_packs, rounding<kaon::truncate>, rounding<kaon::truncate_zero>,
                          rounding<kaon::round>, rounding<kaon::round_zero>, rounding<kaon::round_min_inf>,
                          rounding<kaon::round_inf>, rounding<kaon::round_conv>, rounding<kaon::toward_plus_infinity>,
                          rounding<kaon::away_from_zero>);

TEST_CASE("conversions of packs that need 64 bits or more") {
    using kaon::fixed, kaon::ufixed;
    CHECK(different_conversions<fixed<40, 20>, fixed<16, 6>>() == 0);
    CHECK(different_conversions<fixed<64, 32>, fixed<12, 40, kaon::round_conv, kaon::saturate>>() == 0);
    CHECK(different_conversions<fixed<12, 4>, fixed<64, 20, kaon::round, kaon::saturate>>() == 0);
    CHECK(different_conversions<ufixed<33, 9>, ufixed<35, 3, kaon::truncate, kaon::saturate_zero>>() == 0);
    CHECK(different_conversions<fixed<60, 30>, fixed<100, 50>>() == 0);
    CHECK(different_conversions<fixed<20, 10>, ufixed<64, 30>>() == 0);
}

template <class From, std::size_t... Q>
int conversions_to_one_bit(std::index_sequence<Q...>) {
    return (
        (different_conversions<From, kaon::basic_fixed<1, 9, true, static_cast<kaon::rounding_mode>(Q), kaon::saturate>>() +
         different_conversions<
             From, kaon::basic_fixed<1, 4, true, static_cast<kaon::rounding_mode>(Q), kaon::saturate_symmetric>>() +
         different_conversions<From, kaon::basic_fixed<1, 9, false, static_cast<kaon::rounding_mode>(Q)>>()) +
        ...);
}

TEST_CASE("conversions of packs to one bit, and from one") {
    CHECK(conversions_to_one_bit<kaon::fixed<8, 4>>(std::make_index_sequence<9>{}) == 0);
    CHECK(conversions_to_one_bit<kaon::ufixed<8, 4>>(std::make_index_sequence<9>{}) == 0);
    CHECK(different_conversions<kaon::fixed<1, 3>, kaon::fixed<7, 2, kaon::round, kaon::saturate>>() == 0);
    CHECK(different_conversions<kaon::ufixed<32, 16>, kaon::ufixed<8, 1, kaon::round, kaon::saturate>>() == 0);
}

TEST_CASE("operators of packs") {
    CHECK(operations(std::make_index_sequence<31>{}) == 0);
    CHECK(different_operations<kaon::fixed<33, 12>, kaon::fixed<20, 2>>() == 0);
    CHECK(different_operations<kaon::fixed<50, 12>, kaon::fixed<50, 30>>() == 0);
}
