// Laws of whole networks: batch == single, events in lanes == single, scalar target == registers, no allocation.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <cstdlib>
#include <new>
#include <thread>
#include <type_traits>
#include <vector>

namespace {
std::size_t allocations = 0;
}

// None is inlined: else a compiler sees free() meet operator new, or operator delete malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto unit = static_cast<std::size_t>(alignment);
    if (void* p = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

struct fc1 {
    static constexpr char name[] = "fc1";
};
static_assert(fc1::name[0] == 'f');

template <class T>
using tagger = kaon::network<kaon::input<T, 16>, kaon::dense<64, fc1>, kaon::relu, kaon::dense<32>, kaon::tanh,
                             kaon::dense<32>, kaon::sigmoid, kaon::dense<5>, kaon::softmax>;
using net = tagger<float>;

static_assert(net::output::size == 5);
static_assert(net::cost::multiplications == 16 * 64 + 64 * 32 + 32 * 32 + 32 * 5);
static_assert(net::cost::parameters == net::cost::multiplications + 64 + 32 + 32 + 5);
static_assert(std::is_trivially_copyable_v<kaon::model<net>>);
static_assert(noexcept(std::declval<const kaon::model<net>&>()(std::declval<const net::input&>())));

net::parameters make_parameters() {
    net::parameters p;
    numbers(7).fill(reinterpret_cast<float*>(&p), sizeof p / sizeof(float));
    return p;
}
const net::parameters parameters = make_parameters();
const kaon::model<net> model(parameters);

using bound_net = kaon::network<kaon::input<float, 3>, kaon::dense<2>, kaon::relu, kaon::dense<2>, kaon::relu>;
constexpr bound_net::parameters bound_parameters = {
    {{{{-3.0f, 0.0f}, {0.0f, 0.0f}, {0.0f, 0.5f}}, {0.0f, 0.0f}}},
    {{{{1.0f, -1.0f}, {1.0f, -1.0f}}, {0.25f, 0.25f}}},
};

std::vector<float> events(std::size_t n) {
    std::vector<float> x(n * 16);
    numbers(11).fill(x.data(), x.size());
    return x;
}

net::input event(const std::vector<float>& x, std::size_t row) {
    net::input e;
    for (std::size_t i = 0; i < 16; ++i) e[i] = x[row * 16 + i];
    return e;
}

/// The network in double precision, with the C library's functions.
std::vector<double> reference(const net::input& x) {
    std::vector<double> a(x.begin(), x.end());
    const auto dense = [&a](const auto& p, auto f) {
        std::vector<double> y;
        for (std::size_t o = 0; o < std::extent_v<std::remove_reference_t<decltype(p.bias)>>; ++o) {
            double sum = double(p.bias[o]);
            for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * double(p.weights[i][o]);
            y.push_back(f(sum));
        }
        a = y;
    };
    dense(kaon::get<0>(parameters), [](double v) { return v > 0 ? v : 0; });
    dense(kaon::get<1>(parameters), [](double v) { return std::tanh(v); });
    dense(kaon::get<2>(parameters), [](double v) { return 1 / (1 + std::exp(-v)); });
    dense(kaon::get<3>(parameters), [](double v) { return std::exp(v); });
    double sum = 0;
    for (const double v : a) sum += v;
    for (double& v : a) v /= sum;
    return a;
}

}  // namespace

TEST_CASE("a network equals the double-precision reference") {
    const auto x = events(100);
    for (std::size_t row = 0; row < 100; ++row) {
        const auto y = model(event(x, row));
        const auto expected = reference(event(x, row));
        for (std::size_t o = 0; o < 5; ++o) CHECK(double(y[o]) == doctest::Approx(expected[o]).epsilon(2e-5));
    }
}

TEST_CASE("a batch of any size and layout equals its events one by one, and writes nothing beyond") {
    const std::size_t most = 37;
    const auto x = events(most);
    std::vector<float> columns(x.size());
    for (std::size_t row = 0; row < most; ++row) {
        for (std::size_t i = 0; i < 16; ++i) columns[i * most + row] = x[row * 16 + i];
    }
    for (std::size_t n = 0; n <= most; ++n) {
        std::vector<float> y(n * 7 + 1, -1.0f), y_columns(n * 5 + 1, -1.0f);
        model({x.data(), n, 16}, {y.data(), n, 7});
        model({columns.data(), n, 1, most}, {y_columns.data(), n, 1, n});
        for (std::size_t row = 0; row < n; ++row) {
            const auto single = model(event(x, row));
            for (std::size_t o = 0; o < 5; ++o) {
                CHECK(y[row * 7 + o] == doctest::Approx(single[o]).epsilon(1e-5));
                CHECK(y_columns[o * n + row] == doctest::Approx(single[o]).epsilon(1e-5));
            }
            CHECK(y[row * 7 + 5] == -1.0f);
            CHECK(y[row * 7 + 6] == -1.0f);
        }
        CHECK(y.back() == -1.0f);
        CHECK(y_columns.back() == -1.0f);
    }
}

TEST_CASE("events in lanes: a pack of sixteen is a scalar") {
    using lanes = kaon::pack<float, 16>;
    using wide = kaon::rebind_scalar<net, lanes>;
    static_assert(sizeof(wide::parameters) == sizeof(net::parameters));
    wide::parameters p;
    for (std::size_t i = 0; i < sizeof p / sizeof(float); ++i) {
        reinterpret_cast<float*>(&p)[i] = reinterpret_cast<const float*>(&parameters)[i];
    }
    const kaon::model<wide> wide_model(p);
    const auto x = events(16);
    wide::input e;
    for (std::size_t i = 0; i < 16; ++i) {
        float values[16];
        for (std::size_t l = 0; l < 16; ++l) values[l] = x[l * 16 + i];
        e[i] = lanes::load(values);
    }
    const auto y = wide_model(e);
    for (std::size_t l = 0; l < 16; ++l) {
        const auto single = model(event(x, l));
        for (std::size_t o = 0; o < 5; ++o) CHECK(y[o][l] == doctest::Approx(single[o]).epsilon(1e-5));
    }
}

TEST_CASE("the scalar target gives what registers give") {
    const kaon::model<net, kaon::cpu<kaon::scalar_isa>> scalar(parameters);
    const auto x = events(20);
    for (std::size_t row = 0; row < 20; ++row) {
        const auto a = model(event(x, row));
        const auto b = scalar(event(x, row));
        for (std::size_t o = 0; o < 5; ++o) CHECK(a[o] == doctest::Approx(b[o]).epsilon(1e-5));
    }
}

TEST_CASE("parameters bound to the type give the same as a value") {
    const kaon::constant_model<bound_net, bound_parameters> bound;
    const kaon::model<bound_net> value(bound_parameters);
    const bound_net::input x = {{1, -2, 3}};
    const auto a = bound(x);
    const auto b = value(x);
    for (std::size_t o = 0; o < 2; ++o) CHECK(a[o] == b[o]);
    CHECK(a[0] == 1.75f);  // relu(-3) + relu(1.5) + 0.25
    CHECK(a[1] == 0.0f);
}

TEST_CASE("a network that begins with an activation") {
    using net3 = kaon::network<kaon::input<float, 3, 7>, kaon::relu>;
    const kaon::model<net3> relu{net3::parameters{}};
    net3::input x{};
    for (std::size_t i = 0; i < 21; ++i) x[i] = static_cast<float>(i) - 10;
    const auto y = relu(x);
    for (std::size_t i = 0; i < 21; ++i) CHECK(y[i] == (i > 10 ? static_cast<float>(i) - 10 : 0.0f));
}

TEST_CASE("forward allocates nothing") {
    const auto x = events(64);
    std::vector<float> y(64 * 5);
    auto before = allocations;
    // What is counted. No new-expressions: a compiler may leave those out.
    constexpr std::align_val_t alignment{alignof(net::input)};
    ::operator delete(::operator new(1));
    ::operator delete(::operator new(sizeof(net::input), alignment), alignment);
    REQUIRE(allocations == before + 2);

    before = allocations;
    const auto single = model(event(x, 0));
    model({x.data(), 64, 16}, {y.data(), 64, 5});
    CHECK(allocations == before);
    CHECK(y[0] == doctest::Approx(single[0]).epsilon(1e-5));
}

TEST_CASE("one model, several threads") {
    const auto x = events(256);
    std::vector<float> expected(256 * 5), y(256 * 5);
    model({x.data(), 256, 16}, {expected.data(), 256, 5});
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] { model({x.data() + t * 64 * 16, 64, 16}, {y.data() + t * 64 * 5, 64, 5}); });
    }
    for (auto& thread : threads) thread.join();
    CHECK(y == expected);
}
