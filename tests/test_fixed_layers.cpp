// Layers in fixed point: in scalars, in registers and in batches the bits of a plain reference: exact functions in double precision,
// which holds every value here exactly, tables by their entries at hls4ml's addresses in integers.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "raw_values.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ratio>
#include <type_traits>
#include <utility>
#include <vector>

using kaon::fixed;
using kaon::result;
using kaon::ufixed;

namespace {

using scalar_target = kaon::cpu<kaon::scalar_isa>;

/// Raw values at random into arrays of any rank; floats of a batch normalisation as small positive numbers.
template <class T>
void fill(raw_values& random, T& values) {
    if constexpr (std::is_array_v<T>) {
        for (auto& each : values) fill(random, each);
    } else if constexpr (std::is_floating_point_v<T>) {
        values = static_cast<T>(static_cast<double>(random.next<ufixed<8, 1>>())) + T(0.25);
    } else {
        values = random.next<T>();
    }
}

template <class Net>
auto random_parameters(raw_values& random) {
    auto p = std::make_unique<typename Net::parameters>();
    if constexpr (Net::layout::owners::size > 0) {
        auto& first = kaon::get<0>(*p);
        first.each(first, [&](const char*, auto& values) { fill(random, values); });
    }
    return p;
}

/// Outputs of 150 events that differ from expected(x, i, parameters), one by one in scalars and in registers, and as a batch.
template <class Net, class Expected>
int different_bits(const Expected& expected) {
    using x = typename Net::input::scalar;
    using y = typename Net::output::scalar;
    constexpr std::size_t events = 150, in = Net::input::size, out = Net::output::size;
    raw_values random(out);
    const auto p = random_parameters<Net>(random);
    const kaon::model<Net, scalar_target> one_by_one(*p);
    const kaon::model<Net> registers(*p);
    std::vector<x> inputs(events * in);
    random.fill(inputs.data(), inputs.size());
    std::vector<y> batch(events * out);
    registers(kaon::batch_view<const x>{inputs.data(), events, in}, kaon::batch_view<y>{batch.data(), events, out});
    int different = 0;
    for (std::size_t e = 0; e < events; ++e) {
        typename Net::input event;
        for (std::size_t i = 0; i < in; ++i) event[i] = inputs[e * in + i];
        const auto a = one_by_one(event);
        const auto b = registers(event);
        for (std::size_t i = 0; i < out; ++i) {
            const y wanted = expected(event, i, *p);
            different += a[i] != wanted || b[i] != wanted || batch[e * out + i] != wanted;
        }
    }
    return different;
}

/// A function of one value, on formats whose results fit a byte, a half word, a word, and more.
template <class Y, class X, class Layer, class Function>
int different_function(const Function& function) {
    using net = kaon::network<kaon::input<X, 21>, Layer>;
    static_assert(std::is_same_v<typename net::output::scalar, Y>);
    return different_bits<net>([&](const auto& x, std::size_t i, const auto&) { return Y(function(double(x[i]))); });
}

using half_up = fixed<7, 3, kaon::round, kaon::saturate>;
using third = std::ratio<1, 3>;

double line(double x) { return std::fmin(1.0, std::fmax(0.0, double(ufixed<16, 0>(0.2)) * x + 0.5)); }
double leaky(double x) { return x > 0 ? x : double(kaon::constant_scalar<third>(1.0 / 3)) * x; }

/// The entry of a table at hls4ml's address of x, a function of `range` values around zero.
template <class Table, class X>
typename Table::scalar entry(const X& x, int range) {
    constexpr auto size = static_cast<std::int64_t>(Table::size);
    const double scaled = double(x) * double(size) / range;
    std::int64_t index = static_cast<std::int64_t>(scaled) + size / 2;
    index = index < 0 ? 0 : index > size - 1 ? size - 1 : index;
    return Table::scalar::from_raw(Table::raw(static_cast<std::int32_t>(index)));
}

template <class X, class Layer, class Exact, template <std::size_t> class Address, std::size_t Size, class Scalar>
int different_table(int range) {
    using net = kaon::network<kaon::input<X, 19>, Layer>;
    using table = kaon::exact_table<Exact, Address<Size>, Scalar>;
    static_assert(std::is_same_v<typename net::output::scalar, Scalar>);
    return different_bits<net>([&](const auto& x, std::size_t i, const auto&) { return entry<table>(x[i], range); });
}

template <std::size_t N>
int different_features() {
    using x = fixed<8, 3>;
    using w = kaon::weights<fixed<6, 2>>;
    using b = kaon::bias<fixed<9, 5>>;
    using in = kaon::input<x, N>;
    const auto numbers = [](const auto& p) -> const auto& { return kaon::get<0>(p); };
    using bias = kaon::network<in, kaon::basic_bias<b>>;
    using scaler = kaon::network<in, kaon::basic_scaler<w, b>>;
    using rounded = kaon::network<in, kaon::basic_scaler<w, b, result<half_up>>>;
    using prelu = kaon::network<in, kaon::basic_prelu<w>>;
    using sum = fixed<10, 4>;
    using summed = kaon::network<in, kaon::basic_scaler<w, b, kaon::accumulator<sum>>>;
    return different_bits<bias>([&](const auto& v, std::size_t i, const auto& p) {
               return typename bias::output::scalar(double(v[i]) + double(numbers(p).bias[i]));
           }) +
           different_bits<scaler>([&](const auto& v, std::size_t i, const auto& p) {
               return typename scaler::output::scalar(double(v[i]) * double(numbers(p).scale[i]) +
                                                      double(numbers(p).offset[i]));
           }) +
           different_bits<rounded>([&](const auto& v, std::size_t i, const auto& p) {
               return half_up(double(v[i]) * double(numbers(p).scale[i]) + double(numbers(p).offset[i]));
           }) +
           different_bits<prelu>([&](const auto& v, std::size_t i, const auto& p) {
               const double value = double(v[i]);
               return typename prelu::output::scalar(value > 0 ? value : value * double(numbers(p).slope[i]));
           }) +
           different_bits<summed>([&](const auto& v, std::size_t i, const auto& p) {
               return sum(double(sum(double(v[i]) * double(numbers(p).scale[i]))) +
                          double(sum(double(numbers(p).offset[i]))));
           });
}
template <std::size_t... N>
int different_features_of(std::index_sequence<N...>) {
    return (different_features<N>() + ...);
}

}  // namespace

TEST_CASE("exact functions") {
    using x = fixed<9, 4>;
    CHECK(different_function<fixed<27, 5>, x, kaon::leaky_relu<third>>(leaky) == 0);
    CHECK(different_function<half_up, x, kaon::leaky_relu<third, result<half_up>>>(leaky) == 0);
    CHECK(different_function<half_up, fixed<8, 8>, kaon::leaky_relu<third, result<half_up>>>(leaky) == 0);
    CHECK(different_function<x, x, kaon::clip<std::ratio<-3, 2>, std::ratio<6>>>(
              [](double v) { return std::fmin(6.0, std::fmax(-1.5, v)); }) == 0);
    using slope = kaon::weights<ufixed<16, 0>>;
    using offset = kaon::bias<ufixed<2, 0>>;
    using hard_sigmoid = kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>, slope, offset, result<half_up>>;
    CHECK(different_function<half_up, x, hard_sigmoid>(line) == 0);
    using hard_silu = kaon::hard_silu<std::ratio<1, 5>, std::ratio<1, 2>, slope, offset, result<fixed<16, 6>>>;
    CHECK(different_function<fixed<16, 6>, x, hard_silu>([](double v) { return v * line(v); }) == 0);
    using hard_tanh = kaon::hard_tanh<std::ratio<1, 5>, std::ratio<1, 2>, slope, offset, result<half_up>>;
    CHECK(different_function<half_up, x, hard_tanh>([](double v) { return 2 * line(v) - 1; }) == 0);
    // Wider than any lane.
    using wide = fixed<40, 12>;
    CHECK(different_function<fixed<44, 12>, wide, kaon::leaky_relu<std::ratio<3, 8>, result<fixed<44, 12>>>>(
              [](double v) { return v > 0 ? v : 0.375 * v; }) == 0);
}

/// Bounds inside the format, between two of its values, and beyond it, where inputs round and overflow in ways of their own.
template <class X>
int different_clip() {
    constexpr double step = 1.0 / double(std::int64_t{1} << (X::width - X::integer));
    const auto held = [](double low, double high) { return [=](double v) { return std::fmin(high, std::fmax(low, v)); }; };
    using between = kaon::clip<std::ratio<-11, 20>, std::ratio<41, 20>>;
    const double low = X::is_signed ? std::floor(-0.55 / step + 0.5) * step : 0.0;
    return different_function<X, X, kaon::clip<std::ratio<-1, 2>, std::ratio<2>>>(held(X::is_signed ? -0.5 : 0.0, 2.0)) +
           different_function<X, X, between>(held(low, std::floor(2.05 / step + 0.5) * step)) +
           different_function<X, X, kaon::clip<std::ratio<1>, std::ratio<1000>>>(held(1.0, 1000.0)) +
           different_function<half_up, X, kaon::clip<std::ratio<1>, std::ratio<3>, result<half_up>>>(held(1.0, 3.0));
}

TEST_CASE("clip where the input's type rounds and overflows") {
    using namespace kaon;
    CHECK(different_clip<fixed<8, 4, kaon::round, saturate>>() == 0);
    CHECK(different_clip<fixed<9, 5, round_conv, saturate_zero>>() == 0);
    CHECK(different_clip<fixed<12, 4, truncate_zero, saturate_symmetric>>() == 0);
    CHECK(different_clip<fixed<20, 6, toward_plus_infinity, saturate>>() == 0);
    CHECK(different_clip<ufixed<7, 3, round_inf, saturate>>() == 0);
    CHECK(different_clip<ufixed<16, 5, away_from_zero, wrap>>() == 0);
    CHECK(different_clip<fixed<44, 10, kaon::round, saturate_symmetric>>() == 0);
}

TEST_CASE("tables") {
    using kaon::table, kaon::within_eight, kaon::within_four;
    using standard = fixed<18, 8>;
    using small = fixed<8, 1, kaon::round, kaon::saturate>;
    CHECK(different_table<fixed<16, 6>, kaon::sigmoid, kaon::detail::sigmoid_table, within_eight, 1024, standard>(16) == 0);
    CHECK(different_table<fixed<8, 5>, kaon::basic_sigmoid<table<small, 64>>, kaon::detail::sigmoid_table, within_eight, 64,
                          small>(16) == 0);
    CHECK(different_table<ufixed<16, 3>, kaon::basic_tanh<table<small, 256>>, kaon::detail::tanh_table, within_four, 256,
                          small>(8) == 0);
    CHECK(different_table<fixed<33, 9>, kaon::softplus, kaon::detail::softplus_table, within_eight, 1024, standard>(16) ==
          0);
    CHECK(different_table<fixed<12, 4>, kaon::softsign, kaon::detail::softsign_table, within_eight, 1024, standard>(16) ==
          0);
    CHECK(different_table<fixed<12, 4>, kaon::silu, kaon::detail::silu_table, within_eight, 1024, standard>(16) == 0);
}

constexpr std::int16_t squares[] = {0, 1, 4, 9, 16, 9, 4, 1};  // of 0, ..., 3, -4, ..., -1

TEST_CASE("a table of all values") {
    using net = kaon::network<kaon::input<fixed<3, 3>, 17>,
                              kaon::tabulated<kaon::table<ufixed<5, 5>, 8>, kaon::table_values<squares>>>;
    CHECK(different_bits<net>(
              [](const auto& x, std::size_t i, const auto&) { return ufixed<5, 5>(double(x[i]) * double(x[i])); }) == 0);
}

TEST_CASE("features with numbers of their own, of every size") {
    CHECK(different_features_of(std::index_sequence<1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 64, 65>{}) == 0);
}

TEST_CASE("a batch normalisation is the scaler of its numbers in double precision") {
    using w = fixed<16, 4>;
    using net = kaon::network<kaon::input<fixed<10, 4>, 9>,
                              kaon::batch_norm<std::ratio<1, 1000>, kaon::weights<w>, result<fixed<18, 8>>>>;
    CHECK(different_bits<net>([](const auto& v, std::size_t i, const auto& parameters) {
              const auto& p = kaon::get<0>(parameters);
              const double scale = double(p.scale[i]) / std::sqrt(double(p.variance[i]) + 0.001);
              const double offset = double(p.offset[i]) - double(p.mean[i]) * scale;
              return fixed<18, 8>(double(v[i]) * double(w(scale)) + double(w(offset)));
          }) == 0);
}

TEST_CASE("an embedding of fixed point, and what follows it") {
    using w = fixed<7, 2>;
    using net = kaon::network<kaon::input<std::int32_t, 3>, kaon::embedding<5, 4, kaon::weights<w>>, kaon::flatten,
                              kaon::slice<2, 9>, kaon::basic_relu<result<ufixed<5, 1, kaon::round, kaon::saturate>>>>;
    raw_values random(1);
    const auto p = random_parameters<net>(random);
    const kaon::model<net> model(*p);
    const net::input x{{4, -1, 2}};
    const auto y = model(x);
    for (std::size_t i = 0; i < 9; ++i) {
        const std::size_t place = i + 2, row = place / 4;
        const double value = row == 1 ? 0.0 : double(kaon::get<0>(*p).weights[row == 0 ? 4 : 2][place % 4]);
        CHECK(y[i] == net::output::scalar(std::fmax(0.0, value)));
    }
}

/// gelu at -8, -7, ..., 7 in steps of 1/32, cut toward minus infinity; from double precision.
constexpr std::int16_t gelu_entries[16] = {-1, -1, -1, -1, -1, -1, -2, -6, 0, 26, 62, 95, 127, 159, 191, 223};

TEST_CASE("gelu is a table that is listed") {
    using entry = kaon::fixed<10, 5>;
    using input = kaon::fixed<9, 5>;
    using net =
        kaon::network<kaon::input<input, 21>, kaon::basic_gelu<kaon::table<entry, 16>, kaon::table_values<gelu_entries>>>;
    const kaon::model<net> model{net::parameters{}};
    net::input x;
    for (int first = -256; first < 256; first += 21) {
        for (int i = 0; i < 21; ++i) x[std::size_t(i)] = input::from_raw(first + i);
        const auto y = model(x);
        for (std::size_t i = 0; i < 21; ++i) {
            // Toward zero to a whole number, then within the table.
            const int whole = static_cast<int>(x[i]);
            const int index = whole < -8 ? 0 : whole > 7 ? 15 : whole + 8;
            CHECK(y[i].raw() == gelu_entries[index]);
        }
    }
}

TEST_CASE("layers merge after tables, and softmax is the same alone, in a batch, in registers") {
    using net = kaon::network<
        kaon::input<fixed<9, 4>, 7>,
        kaon::parallel<kaon::sigmoid, kaon::chain<kaon::basic_tanh<kaon::table<fixed<12, 2>, 512>>, kaon::dropout>>,
        kaon::basic_multiply<result<fixed<14, 3, kaon::round>>>, kaon::softmax>;
    const kaon::model<net, scalar_target> one_by_one(net::parameters{});
    CHECK(different_bits<net>([&](const auto& x, std::size_t i, const auto&) { return one_by_one(x)[i]; }) == 0);
    net::input x{{1.0, -2.0, 0.5, 0.0, 3.0, -3.5, 2.5}};
    double sum = 0;
    for (const auto& y : one_by_one(x)) sum += double(y);
    CHECK(sum == doctest::Approx(1).epsilon(0.02));
}

/// Layer normalisation step by step, every one cast to Sum, of a table in Entry of variances below 2^-Power.
template <std::size_t N, class Sum, class Entry, std::size_t Size, int Power, class Y>
int different_layer_norm() {
    using epsilon = std::ratio<1, 1000>;
    using net =
        kaon::network<kaon::input<fixed<10, 4>, N>,
                      kaon::layer_norm<epsilon, kaon::accumulator<Sum>, kaon::weights<fixed<8, 2>>, kaon::bias<fixed<9, 3>>,
                                       kaon::table<Entry, Size>, kaon::table_range_power<Power>, result<Y>>>;
    static_assert(std::is_same_v<typename net::output::scalar, Y>);
    constexpr double entries_in_one = double(Size) * double(1 << Power);
    return different_bits<net>([](const auto& x, std::size_t i, const auto& parameters) {
        const auto& p = kaon::get<0>(parameters);
        const double share = double(Sum(1.0 / double(N)));
        double sum = 0, squares = 0;
        for (std::size_t j = 0; j < N; ++j) sum = double(Sum(sum + double(Sum(double(x[j])))));
        const double mean = double(Sum(sum * share));
        const auto difference = [&](std::size_t j) { return double(Sum(double(Sum(double(x[j]))) - mean)); };
        for (std::size_t j = 0; j < N; ++j) {
            squares = double(Sum(squares + double(Sum(difference(j) * difference(j)))));
        }
        const double index = double(Sum(squares * share)) * entries_in_one;
        const double held = std::fmin(double(Size) - 1, std::fmax(0.0, std::trunc(index)));
        const double factor = double(Entry(1 / std::sqrt(0.001 + held / entries_in_one)));
        return Y(difference(i) * factor * double(p.scale[i]) + double(p.offset[i]));
    });
}
template <std::size_t... N>
int different_layer_norms_of(std::index_sequence<N...>) {
    using namespace kaon;
    // hls4ml's own; sums that wrap; unsigned ones that saturate, and a table of few entries.
    return (different_layer_norm<N, fixed<14, 4, round_conv, saturate>, ufixed<8, 5, round_conv, saturate>, 4096, 0,
                                 fixed<16, 6>>() +
            ...) +
           (different_layer_norm<N, fixed<20, 9>, fixed<12, 5, kaon::truncate, saturate>, 256, 2, half_up>() + ...) +
           (different_layer_norm<N, fixed<22, 8, kaon::round, wrap>, ufixed<16, 6>, 1024, 0, fixed<30, 12>>() + ...) +
           (different_layer_norm<N, ufixed<16, 6, kaon::truncate, saturate>, ufixed<9, 4, kaon::round, saturate>, 64, 1,
                                 fixed<18, 8, kaon::round, saturate>>() +
            ...);
}

TEST_CASE("layer normalisation, of every size") {
    CHECK(different_layer_norms_of(std::index_sequence<1, 2, 3, 5, 8, 16, 17, 33>{}) == 0);
}

TEST_CASE("layer normalisation without a result is exact") {
    using net =
        kaon::network<kaon::input<fixed<10, 4>, 6>, kaon::layer_norm<std::ratio<1, 1000>, kaon::accumulator<fixed<14, 4>>,
                                                                     kaon::weights<fixed<8, 2>>, kaon::bias<fixed<9, 3>>>>;
    // 14 + 8 + 8 bits of the product, one more of the sum.
    static_assert(net::output::scalar::width == 31 && net::output::scalar::fraction == 10 + 3 + 6);
    CHECK(different_bits<net>([](const auto& x, std::size_t i, const auto& parameters) {
              const kaon::model<net, scalar_target> alone(parameters);
              return alone(x)[i];
          }) == 0);
}
