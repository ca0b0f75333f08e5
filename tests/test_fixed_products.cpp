// Sums of fixed-point products: the forms that registers have, each with the bits of the scalar loop.
#include <doctest/doctest.h>

#include "fixed_bits.hpp"

#include <cstddef>
#include <utility>

using kaon::accumulator, kaon::bias, kaon::fixed, kaon::result, kaon::ufixed, kaon::weights;
using kaon::detail::product_form;

namespace {

template <class X, std::size_t In, std::size_t Out, class... Options>
using one_layer = kaon::network<kaon::input<X, In>, kaon::dense<Out, Options...>>;

/// The form that a target sums a layer's products in.
template <class Target, class X, std::size_t In, class... Options>
constexpr product_form form =
    kaon::detail::product_traits<Target, X, typename kaon::precision<X, In, Options...>::sums>::form();

using avx2 = kaon::cpu<kaon::avx2>;
using vnni = kaon::cpu<kaon::avx512_vnni>;
static_assert(form<avx2, fixed<8, 4>, 16, weights<fixed<6, 1>>> == product_form::pairs);
static_assert(form<vnni, fixed<8, 4>, 16, weights<fixed<6, 1>>> == product_form::fours);
static_assert(form<vnni, fixed<9, 4>, 16, weights<fixed<6, 1>>> == product_form::pairs);
static_assert(form<vnni, fixed<8, 4>, 16, weights<fixed<6, 1>>, bias<fixed<16, 2>>> ==
              product_form::pairs);  // weights gain five bits
static_assert(form<avx2, fixed<16, 6>, 64> == product_form::split_pairs);
static_assert(form<avx2, fixed<16, 6>, 1000> == product_form::any);
static_assert(form<avx2, fixed<16, 6>, 64, accumulator<fixed<16, 6>>> == product_form::high_products);
static_assert(form<avx2, fixed<16, 6>, 64, accumulator<fixed<16, 6, kaon::round>>> == product_form::high_products);
static_assert(form<kaon::cpu<kaon::sse2>, fixed<16, 6>, 64, accumulator<fixed<16, 6, kaon::round>>> == product_form::any);
static_assert(form<avx2, fixed<16, 6>, 64, accumulator<fixed<16, 6, kaon::round_conv>>> == product_form::any);
static_assert(form<avx2, fixed<8, 6>, 57, weights<fixed<6, 3>>, accumulator<fixed<12, 8>>> == product_form::halves);
static_assert(form<avx2, fixed<40, 6>, 4> == product_form::scalar);

/// Inputs that leave a part of a step over, outputs that fill registers and that do not.
template <class X, class... Options>
int different_by_size() {
    return different_bits<one_layer<X, 3, 5, Options...>>() + different_bits<one_layer<X, 13, 33, Options...>>();
}

/// The nest alone, on one event.
template <class X, std::size_t In, std::size_t Out, class... Options>
int different_sums() {
    using input = kaon::tensor<X, kaon::shape<In>>;
    using bound = typename kaon::dense<Out, Options...>::template bind<input>;
    using output = typename bound::output;
    using scalars = kaon::cpu<kaon::scalar_isa>;
    raw_values random(In * 64 + X::width);
    int different = 0;
    for (int turn = 0; turn < 20; ++turn) {
        typename bound::parameters p;
        input x;
        random.fill(&p.weights[0][0], In * Out);
        random.fill(p.bias, Out);
        random.fill(x.values, In);
        const kaon::tensor_rows<input, 1> source{&x};
        output y, expected;
        bound::template forward<kaon::native>(bound::template repack<kaon::native>(p), source,
                                              kaon::detail::tensor_sink<output>{&y});
        bound::template forward<scalars>(bound::template repack<scalars>(p), source,
                                         kaon::detail::tensor_sink<output>{&expected});
        for (std::size_t o = 0; o < Out; ++o) different += y[o].raw() != expected[o].raw();
    }
    return different;
}

/// One form, with every rounding mode of its sums that it has.
template <product_form Form, class X, class W, int SumWidth, int SumInteger, std::size_t... Q>
int different_modes(std::index_sequence<Q...>) {
    const auto with = [](auto mode) {
        using sum = fixed<SumWidth, SumInteger, static_cast<kaon::rounding_mode>(decltype(mode)::value)>;
        static_assert(form<kaon::native, X, 7, weights<W>, accumulator<sum>> == Form);
        return different_sums<X, 7, 6, weights<W>, accumulator<sum>>();
    };
    return (with(std::integral_constant<std::size_t, Q>{}) + ...);
}
using all_modes = std::make_index_sequence<9>;

/// Widths from 2 to 32 bits with every kind of sum.
template <std::size_t I>
int different_widths() {
    constexpr int x_width = 2 + int(I % 31), w_width = 2 + int(I * 13 % 31), sum_width = 2 + int(I * 17 % 31);
    constexpr auto q = static_cast<kaon::rounding_mode>(I % 9);
    using x = kaon::basic_fixed<x_width, x_width / 2, I % 3 != 1>;
    using w = kaon::basic_fixed<w_width, int(I % 5), I % 4 != 2>;
    using sum = kaon::basic_fixed<sum_width, sum_width / 2 + 1, true, q>;
    using y = kaon::basic_fixed<2 + int(I * 7 % 31), 6, I % 2 != 0, q, static_cast<kaon::overflow_mode>(I % 4)>;
    if constexpr (I % 2 == 0) {
        return different_sums<x, 5, 9, weights<w>, accumulator<sum>>();
    } else {
        return different_sums<x, 6, 5, weights<w>, bias<fixed<12, 5>>, result<y>>();
    }
}
template <std::size_t... I>
int different_widths(std::index_sequence<I...>) {
    return (different_widths<I>() + ...);
}

}  // namespace

TEST_CASE("exact sums: four and two products a lane") {
    CHECK(different_by_size<fixed<8, 3>, weights<fixed<6, 1>>>() == 0);
    CHECK(different_by_size<ufixed<8, 3>, weights<fixed<8, 1>>, result<fixed<8, 4, kaon::round, kaon::saturate>>>() == 0);
    CHECK(different_by_size<fixed<8, 8>, weights<fixed<7, 1>>, bias<fixed<16, 2>>>() == 0);
    CHECK(different_by_size<fixed<16, 6>, accumulator<fixed<32, 12>>>() == 0);
}

TEST_CASE("exact sums beyond 32 bits") {
    CHECK(different_by_size<fixed<16, 6>>() == 0);
    CHECK(different_by_size<ufixed<15, 6>, weights<fixed<16, 2>>, bias<fixed<16, 8>>>() == 0);
    CHECK(different_sums<fixed<16, 6>, 127, 5>() == 0);
    CHECK(different_sums<fixed<24, 6>, 20, 5>() == 0);
    CHECK(different_sums<fixed<34, 6>, 20, 5>() == 0);
}

TEST_CASE("every product rounded: in halves, as high products, in lanes that hold it") {
    CHECK(different_by_size<fixed<8, 6>, weights<fixed<6, 3>>, bias<fixed<10, 7>>, accumulator<fixed<12, 8>>>() == 0);
    CHECK(different_by_size<fixed<16, 6>, accumulator<fixed<16, 6>>>() == 0);
    CHECK(different_by_size<fixed<16, 6>, accumulator<fixed<16, 6, kaon::round>>>() == 0);
    CHECK(different_by_size<fixed<16, 6>, accumulator<fixed<16, 6, kaon::round_conv>>>() == 0);
    CHECK(different_sums<fixed<16, 1>, 9, 20, weights<fixed<16, 1>>, accumulator<fixed<16, 2>>>() == 0);
    CHECK(different_sums<fixed<20, 6>, 9, 20, accumulator<fixed<26, 10, kaon::truncate_zero>>>() == 0);
}

TEST_CASE("every rounding mode of sums, in each form that rounds products") {
    CHECK(different_modes<product_form::halves, fixed<8, 6>, fixed<7, 3>, 12, 10>(all_modes{}) == 0);
    CHECK(different_modes<product_form::any, fixed<18, 6>, fixed<9, 3>, 20, 10>(all_modes{}) == 0);
    CHECK(different_modes<product_form::any, fixed<24, 6>, fixed<20, 3>, 34, 10>(all_modes{}) == 0);
}

TEST_CASE("widths from 2 to 32 bits, every mode") { CHECK(different_widths(std::make_index_sequence<31>{}) == 0); }

TEST_CASE("a network of dense, relu and residual") {
    using act = ufixed<8, 4, kaon::round, kaon::saturate>;
    using net =
        kaon::network<kaon::input<fixed<8, 4>, 13>, kaon::dense<21, weights<fixed<7, 1>>>, kaon::basic_relu<result<act>>,
                      kaon::residual<kaon::dense<21, weights<fixed<7, 1>>, result<fixed<10, 5>>>>>;
    static_assert(std::is_same_v<net::output::scalar, fixed<11, 6>>);
    CHECK(different_bits<net>() == 0);
}
