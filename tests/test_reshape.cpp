// Layers that leave the values as they are, and tables of rows: equal to their definition on every size, alone, in chains, in
// batches and in named graphs.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

template <std::size_t Count, std::size_t Rows, std::size_t Width>
void check_embedding() {
    using net = kaon::network<kaon::input<std::int32_t, Count>, kaon::embedding<Rows, Width>>;
    static_assert(std::is_same_v<typename net::output, kaon::tensor<float, kaon::shape<Count, Width>>>);
    static_assert(net::cost::parameters == Rows * Width);
    const auto p = random_parameters<net>(unsigned(Count + 100 * Width));
    const kaon::model<net> model(p);
    constexpr std::size_t rows = 11;
    std::vector<std::int32_t> in(rows * Count);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::int32_t(i * 7 % (Rows + 2)) - 1;  // and one on either side
    in[0] = std::numeric_limits<std::int32_t>::min();
    in[1 % in.size()] = std::numeric_limits<std::int32_t>::max();
    std::vector<float> out(rows * Count * Width + 1, 42.0f);
    model(kaon::batch_view<const std::int32_t>{in.data(), rows, Count},
          kaon::batch_view<float>{out.data(), rows, Count * Width});
    CHECK(out.back() == 42.0f);
    bool equal = true;
    for (std::size_t row = 0; row < rows; ++row) {
        typename net::input event{};
        for (std::size_t i = 0; i < Count; ++i) event[i] = in[row * Count + i];
        const auto y = model(event);
        for (std::size_t i = 0; i < Count; ++i) {
            const bool known = event[i] >= 0 && event[i] < std::int32_t(Rows);
            for (std::size_t k = 0; k < Width; ++k) {
                const float expected = known ? kaon::get<0>(p).weights[event[i]][k] : 0.0f;
                equal = equal && y[i * Width + k] == expected && out[(row * Count + i) * Width + k] == expected;
            }
        }
    }
    INFO(Count, " of ", Width);
    CHECK(equal);
}

template <std::size_t... Width>
void check_widths(std::index_sequence<Width...>) {
    (check_embedding<1, 5, Width + 1>(), ...);
    (check_embedding<3, 4, Width + 1>(), ...);
}

}  // namespace

TEST_CASE("an embedding gives rows of its table, and zeros for integers that it does not know") {
    check_widths(std::make_index_sequence<2 * kaon::arithmetic<kaon::native, float, 300>::lanes + 1>{});
    check_embedding<40, 1, 1>();
}

TEST_CASE("an embedding beside features") {
    using net = kaon::network<
        kaon::inputs<kaon::input<float, 3>, kaon::input<std::int64_t, 2>>,
        kaon::parallel<kaon::take<0>, kaon::chain<kaon::take<1>, kaon::embedding<6, 5>, kaon::flatten, kaon::relu>>,
        kaon::concat>;
    static_assert(net::output::size == 13);
    const auto p = random_parameters<net>(3);
    const kaon::model<net> model(p);
    const auto y = model({{1.0f, 2.0f, 3.0f}}, {{4, 1}});
    for (std::size_t i = 0; i < 3; ++i) CHECK(y[i] == float(i + 1));
    for (std::size_t k = 0; k < 5; ++k) {
        CHECK(y[3 + k] == std::fmax(kaon::get<0>(p).weights[4][k], 0.0f));
        CHECK(y[8 + k] == std::fmax(kaon::get<0>(p).weights[1][k], 0.0f));
    }
}

TEST_CASE("an embedding in double and in fixed point") {
    using number = kaon::fixed<10, 3>;
    using in_double = kaon::network<kaon::input<std::uint8_t, 2>, kaon::embedding<3, 2, kaon::weights<double>>>;
    using in_fixed = kaon::network<kaon::input<std::uint8_t, 2>, kaon::embedding<3, 2, kaon::weights<number>>>;
    in_double::parameters d{};
    in_fixed::parameters f{};
    for (std::size_t i = 0; i < 6; ++i) {
        kaon::get<0>(d).weights[i / 2][i % 2] = 0.1 * double(i);
        kaon::get<0>(f).weights[i / 2][i % 2] = number(0.25 * double(i));
    }
    const auto yd = kaon::model<in_double>(d)({{2, 255}});
    const auto yf = kaon::model<in_fixed>(f)({{2, 255}});
    CHECK(yd[1] == 0.1 * 5);
    CHECK(yd[2] == 0);
    CHECK(double(yf[0]) == 1.0);
    CHECK(double(yf[3]) == 0);
}

TEST_CASE("shapes change and values stay, in C order") {
    using net = kaon::network<kaon::input<float, 4, 5>, kaon::flatten, kaon::reshape<2, 5, 2>, kaon::relu>;
    static_assert(std::is_same_v<net::output, kaon::tensor<float, kaon::shape<2, 5, 2>>>);
    static_assert(net::cost::parameters == 0 && net::cost::multiplications == 0);
    const auto x = random_event<net::input>(9);
    const auto y = kaon::model<net>(net::parameters{})(x);
    for (std::size_t i = 0; i < 20; ++i) CHECK(y[i] == std::fmax(x[i], 0.0f));
}

TEST_CASE("views cost nothing: the same numbers with and without them") {
    using plain = kaon::network<kaon::input<float, 20>, kaon::dense<9>, kaon::relu, kaon::dense<4>, kaon::softmax>;
    using viewed =
        kaon::network<kaon::input<float, 4, 5>, kaon::dropout, kaon::flatten, kaon::dropout, kaon::dense<9>, kaon::dropout,
                      kaon::relu, kaon::reshape<3, 3>, kaon::flatten, kaon::dense<4>, kaon::softmax, kaon::dropout>;
    static_assert(plain::cost::stack_bytes == viewed::cost::stack_bytes);
    const auto p = random_parameters<plain>(12);
    viewed::parameters q{};
    kaon::get<0>(q) = kaon::get<0>(p);
    kaon::get<1>(q) = kaon::get<1>(p);
    constexpr std::size_t rows = 13;
    std::vector<float> in(rows * 20), out(rows * 4);
    numbers(5).fill(in.data(), in.size());
    const kaon::model<viewed> model(q);
    model(kaon::batch_view<const float>{in.data(), rows, 20}, kaon::batch_view<float>{out.data(), rows, 4});
    for (std::size_t row = 0; row < rows; ++row) {
        plain::input x{};
        viewed::input z{};
        for (std::size_t i = 0; i < 20; ++i) x[i] = z[i] = in[row * 20 + i];
        const auto expected = kaon::model<plain>(p)(x), got = model(z);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(got[i] == expected[i]);
            CHECK(std::abs(out[row * 4 + i] - expected[i]) < 1e-6f);
        }
    }
}

TEST_CASE("a network of views alone, and of fixed point") {
    using number = kaon::fixed<9, 4>;
    using net = kaon::network<kaon::input<number, 2, 3>, kaon::flatten, kaon::dropout>;
    net::input x{};
    for (std::size_t i = 0; i < 6; ++i) x[i] = number(0.25 * double(i));
    const auto y = kaon::model<net>(net::parameters{})(x);
    for (std::size_t i = 0; i < 6; ++i) CHECK(double(y[i]) == 0.25 * double(i));
}

TEST_CASE("a counted input keeps its count through dropout") {
    using net = kaon::network<kaon::input<float, kaon::up_to<4>, 2>, kaon::dropout, kaon::relu, kaon::dropout>;
    net::input x{};
    x.count = 3;
    CHECK(kaon::model<net>(net::parameters{})(x).count == 3);
}

TEST_CASE("nodes of a graph change shapes") {
    struct flat;
    struct sum;
    using net = kaon::network<kaon::inputs<kaon::input<float, 2, 3>, kaon::input<float, 6>>,
                              kaon::named_graph<kaon::gives<sum, flat>, kaon::node<flat, kaon::flatten, kaon::from_input<0>>,
                                                kaon::node<sum, kaon::add, flat, kaon::from_input<1>>>>;
    net::parameters p{};
    const auto y = kaon::model<net>(p)({{1, 2, 3, 4, 5, 6}}, {{10, 20, 30, 40, 50, 60}});
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(kaon::get<0>(y)[i] == 11.0f * float(i + 1));
        CHECK(kaon::get<1>(y)[i] == float(i + 1));
    }
}
