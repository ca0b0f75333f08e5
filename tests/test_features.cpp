// Layers with numbers of their own for each feature, and slices: equal to a double-precision reference for every size up to
// two registers and one more, batch == single, packs of events == single.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <cstddef>
#include <ratio>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using values = std::vector<double>;

template <class Layer>
struct reference;
template <>
struct reference<kaon::basic_bias<>> {
    template <class P>
    static values of(const P& p, values x) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += double(p.bias[i]);
        return x;
    }
};
template <>
struct reference<kaon::scaler> {
    template <class P>
    static values of(const P& p, values x) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * double(p.scale[i]) + double(p.offset[i]);
        return x;
    }
};
template <>
struct reference<kaon::prelu> {
    template <class P>
    static values of(const P& p, values x) {
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] > 0 ? x[i] : x[i] * double(p.slope[i]);
        return x;
    }
};
using norm = kaon::layer_norm<std::ratio<1, 1000>>;
template <>
struct reference<norm> {
    template <class P>
    static values of(const P& p, values x) {
        double mean = 0, variance = 0;
        for (const double v : x) mean += v / double(x.size());
        for (const double v : x) variance += (v - mean) * (v - mean) / double(x.size());
        for (auto& v : x) v = (v - mean) / std::sqrt(variance + 1e-3);
        return reference<kaon::scaler>::of(p, x);
    }
};

using batch_norm = kaon::batch_norm<std::ratio<1, 1000>>;
template <>
struct reference<batch_norm> {
    template <class P>
    static values of(const P& p, values x) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = (x[i] - double(p.mean[i])) / std::sqrt(double(p.variance[i]) + 1e-3) * double(p.scale[i]) +
                   double(p.offset[i]);
        }
        return x;
    }
};

template <class P>
void make_valid(P&) {}
template <class T, std::size_t N>
void make_valid(kaon::batch_norm_parameters<T, N>& p) {
    for (auto& v : p.variance) v = std::abs(v) + T(0.05);
}

template <class Layer, std::size_t N>
void check() {
    using net = kaon::network<kaon::input<float, N>, Layer>;
    auto p = random_parameters<net>(unsigned(N));
    make_valid(kaon::get<0>(p));
    const kaon::model<net> model(p);
    constexpr std::size_t rows = 19, lanes = 4;
    std::vector<float> in(rows * N), out(rows * N);
    numbers(unsigned(77 + N)).fill(in.data(), in.size());
    for (auto& v : in) v = v * 3 + 1;
    model(kaon::batch_view<const float>{in.data(), rows, N}, kaon::batch_view<float>{out.data(), rows, N});

    using events = kaon::pack<float, lanes, kaon::cpu<kaon::scalar_isa>>;
    using packed = kaon::rebind_scalar<net, events>;
    static_assert(std::is_same_v<typename packed::parameters, typename net::parameters>);
    typename packed::input four{};
    for (std::size_t i = 0; i < N; ++i) {
        float lane[lanes];
        for (std::size_t l = 0; l < lanes; ++l) lane[l] = in[l * N + i];
        four[i] = events::load(lane);
    }
    const auto four_results = kaon::model<packed>(p)(four);

    double worst = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        kaon::tensor<float, kaon::shape<N>> event;
        for (auto& v : event.values) v = std::nanf("");  // what lies beyond the features is never read as a value
        values x(N);
        for (std::size_t i = 0; i < N; ++i) x[i] = double(event[i] = in[row * N + i]);
        const auto y = model(event);
        const values expected = reference<Layer>::of(kaon::get<0>(p), x);
        for (std::size_t i = 0; i < N; ++i) {
            for (const float got : {y[i], out[row * N + i], row < lanes ? four_results[i][row] : y[i]}) {
                const double distance = std::abs(double(got) - expected[i]) / (1 + std::abs(expected[i]));
                worst = distance <= worst ? worst : distance;
            }
        }
    }
    INFO(N, " features");
    CHECK(worst < 2e-5);
}

template <class Layer, std::size_t... N>
void check_sizes(std::index_sequence<N...>) {
    (check<Layer, N + 1>(), ...);
}
using up_to_two_registers = std::make_index_sequence<2 * kaon::arithmetic<kaon::native, float, 300>::lanes + 1>;

}  // namespace

TEST_CASE_TEMPLATE("a layer of numbers a feature is equal to the reference", layer, kaon::basic_bias<>, kaon::scaler,
                   kaon::prelu, norm, batch_norm) {
    check_sizes<layer>(up_to_two_registers{});
    check<layer, 300>();
}

TEST_CASE("slices split a vector, and concat joins them again") {
    using first = kaon::slice<0, 3>;
    using middle = kaon::slice<3, 17>;
    using last = kaon::slice<20, 2>;
    using net = kaon::network<kaon::input<float, 22>, kaon::parallel<middle, last, first>, kaon::concat>;
    net::input event;
    for (std::size_t i = 0; i < 22; ++i) event[i] = float(i);
    const auto y = kaon::model<net>(net::parameters{})(event);
    for (std::size_t i = 0; i < 17; ++i) CHECK(y[i] == float(3 + i));
    CHECK(y[17] == 20.0f);
    CHECK(y[18] == 21.0f);
    for (std::size_t i = 0; i < 3; ++i) CHECK(y[19 + i] == float(i));
}

TEST_CASE("a slice is of any scalar") {
    using number = kaon::fixed<9, 4>;
    using net = kaon::network<kaon::input<number, 5>, kaon::slice<3, 2>>;
    net::input event;
    for (std::size_t i = 0; i < 5; ++i) event[i] = number(0.5 * double(i));
    const auto y = kaon::model<net>(net::parameters{})(event);
    CHECK(double(y[0]) == 1.5);
    CHECK(double(y[1]) == 2.0);
}

TEST_CASE("features are scaled before a network and by packs that a softmax reads") {
    using net = kaon::network<kaon::input<float, 5>, kaon::scaler, kaon::dense<7>, kaon::prelu, norm, kaon::softmax>;
    const auto p = random_parameters<net>(5);
    const auto event = random_event<net::input>(6);
    const auto y = kaon::model<net>(p)(event);
    double sum = 0;
    for (const float v : y) sum += double(v);
    CHECK(std::abs(sum - 1) < 1e-5);
    static_assert(net::cost::parameters == 10 + 42 + 7 + 14);
}

TEST_CASE("the compiler's square root is the nearest double or one beside it") {
    for (const double x : {0.0, 1e-300, 1e-9, 0.25, 0.3, 1.0, 2.0, 3.0, 1e9, 1e300}) {
        CHECK(std::abs(kaon::detail::constant_square_root(x) - std::sqrt(x)) <= 2.3e-16 * std::sqrt(x));
    }
    CHECK(std::isnan(kaon::detail::constant_square_root(-1.0)));
    CHECK(std::isnan(kaon::detail::constant_square_root(std::nan(""))));
    static_assert(kaon::detail::constant_square_root(4.0) == 2.0);
}
