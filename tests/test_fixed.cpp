// Fixed point: conversions by hand, and one network with the same bits in scalars and in registers.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

using kaon::fixed;
using kaon::ufixed;

namespace {

using scalar = kaon::cpu<kaon::scalar_isa>;

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

/// Random raw values, the extremes among them.
template <class T>
void fill_raw(std::vector<std::int64_t>& state, T* values, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        state[0] =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(state[0]) * 6364136223846793005u + 1442695040888963407u);
        const std::int64_t bits = state[0] >> 20;
        values[i] = bits % 11 == 0 ? T::from_raw(kaon::detail::raw_min(T::width, T::is_signed)) : T::from_raw(bits);
    }
}

/// Outputs that differ between the scalar loop and registers, over 200 events, one by one and as a batch.
template <class Net>
int different_bits() {
    std::vector<std::int64_t> state{static_cast<std::int64_t>(Net::cost::multiplications)};
    auto p = std::make_unique<typename Net::parameters>();
    auto& first = kaon::get<0>(*p);
    fill_raw(state, &first.weights[0][0], sizeof first.weights / sizeof first.weights[0][0]);
    fill_raw(state, first.bias, sizeof first.bias / sizeof first.bias[0]);
    if constexpr (Net::layout::owners::size > 1) {
        auto& second = kaon::get<1>(*p);
        fill_raw(state, &second.weights[0][0], sizeof second.weights / sizeof second.weights[0][0]);
        fill_raw(state, second.bias, sizeof second.bias / sizeof second.bias[0]);
    }
    const kaon::model<Net, scalar> one_by_one(*p);
    const kaon::model<Net> registers(*p);

    constexpr std::size_t events = 203, in = Net::input::size, out = Net::output::size;
    std::vector<typename Net::input::scalar> x(events * in);
    fill_raw(state, x.data(), x.size());
    std::vector<typename Net::output::scalar> batch(events * out);
    registers(kaon::batch_view<const typename Net::input::scalar>{x.data(), events, in},
              kaon::batch_view<typename Net::output::scalar>{batch.data(), events, out});
    int different = 0;
    for (std::size_t e = 0; e < events; ++e) {
        typename Net::input event;
        for (std::size_t i = 0; i < in; ++i) event[i] = x[e * in + i];
        const auto expected = one_by_one(event);
        const auto y = registers(event);
        for (std::size_t o = 0; o < out; ++o) different += y[o] != expected[o] || batch[e * out + o] != expected[o];
    }
    return different;
}

template <class X, std::size_t In, std::size_t Out, class... Options>
using one_layer = kaon::network<kaon::input<X, In>, kaon::dense<Out, Options...>>;

template <std::size_t... Out>
int different_bits_by_size(std::index_sequence<Out...>) {
    using x = fixed<8, 3>;
    return (different_bits<one_layer<x, 7, Out + 1, kaon::weights<fixed<6, 1>>>>() + ...) +
           (different_bits<one_layer<x, 8, Out + 1, kaon::result<fixed<8, 4, kaon::round, kaon::saturate>>>>() + ...);
}

}  // namespace

TEST_CASE("dense has the same bits in scalars and in registers, exact sums") {
    CHECK(different_bits_by_size(std::make_index_sequence<33>{}) == 0);
}

TEST_CASE("dense has the same bits in scalars and in registers, for every kind of precision") {
    using x = fixed<16, 6>;
    using kaon::accumulator, kaon::result, kaon::weights, kaon::bias;
    CHECK(different_bits<one_layer<x, 16, 20>>() == 0);                             // 38-bit sums
    CHECK(different_bits<one_layer<x, 16, 20, accumulator<fixed<16, 6>>>>() == 0);  // products truncated
    CHECK(different_bits<one_layer<x, 16, 20, accumulator<fixed<26, 6>>>>() == 0);  // sums wrap
    CHECK(different_bits<one_layer<x, 16, 20, accumulator<fixed<32, 12>>>>() == 0);
    CHECK(different_bits<one_layer<x, 3, 20, weights<fixed<8, 2>>, bias<fixed<20, 5>>>>() == 0);  // finer bias
    CHECK(different_bits<one_layer<ufixed<15, 3>, 4, 9, weights<fixed<16, 8>>, result<ufixed<9, 7, kaon::round>>>>() == 0);
    CHECK(different_bits<one_layer<fixed<8, 8>, 33, 17, result<fixed<12, 6, kaon::truncate, kaon::saturate>>>>() == 0);
}

TEST_CASE("a network of dense, relu and residual has the same bits in scalars and in registers") {
    using act = ufixed<8, 4, kaon::round, kaon::saturate>;
    using net = kaon::network<kaon::input<fixed<8, 4>, 13>, kaon::dense<21, kaon::weights<fixed<7, 1>>>,
                              kaon::basic_relu<kaon::result<act>>,
                              kaon::residual<kaon::dense<21, kaon::weights<fixed<7, 1>>, kaon::result<fixed<10, 5>>>>>;
    static_assert(std::is_same_v<net::output::scalar, fixed<11, 6>>);
    CHECK(different_bits<net>() == 0);
}
