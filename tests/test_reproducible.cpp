// The reproducible target: the same bits whatever the instruction set, the compiler, its flags, and the way to call. The hashes
// stand here: each build of this test compares with them.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"
#include "random_forest.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ratio>
#include <string>
#include <vector>

namespace {

/// FNV-1a of the bits.
template <class T>
std::uint64_t hash(const std::vector<T>& values) {
    std::uint64_t result = 14695981039346656037u;
    for (const T& value : values) {
        unsigned char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        for (const unsigned char byte : bytes) result = (result ^ byte) * 1099511628211u;
    }
    return result;
}

/// Random parameters by a generator whose numbers are the same everywhere; what is to be positive is made so.
template <class Net, class T>
std::uint64_t hash_of_results(const char* name) {
    typename Net::parameters p;
    numbers(2026).fill(reinterpret_cast<T*>(&p), sizeof p / sizeof(T));
    constexpr std::size_t rows = 37, in = Net::input::size, out = Net::output::size;
    std::vector<T> x(rows * in), singles(rows * out), batch(rows * out);
    numbers(11).fill(x.data(), x.size());
    for (auto& v : x) v *= T(2);
    const auto fill = [&](const auto& model) {
        for (std::size_t row = 0; row < rows; ++row) {
            typename Net::input event;
            std::memcpy(event.data(), x.data() + row * in, in * sizeof(T));
            const auto y = model(event);
            std::memcpy(singles.data() + row * out, y.data(), out * sizeof(T));
        }
        model(kaon::batch_view<const T>{x.data(), rows, in}, kaon::batch_view<T>{batch.data(), rows, out});
    };
    fill(kaon::model<Net, kaon::reproducible<>>(p));
    CHECK(std::memcmp(singles.data(), batch.data(), singles.size() * sizeof(T)) == 0);
    const std::uint64_t result = hash(singles);
    MESSAGE(std::string(name) << " 0x" << std::string([&] {
                char text[17];
                std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(result));
                return std::string(text);
            }()));
    return result;
}

using norm = kaon::layer_norm<std::ratio<1, 1000>>;

template <class T>
using tagger = kaon::network<kaon::input<T, 16>, kaon::dense<64>, kaon::relu, kaon::dense<32>, kaon::relu, kaon::dense<32>,
                             kaon::relu, kaon::dense<5>, kaon::softmax>;
template <class T>
using functions = kaon::network<kaon::input<T, 7>, kaon::dense<19>, kaon::tanh, kaon::dense<23>, kaon::gelu, norm,
                                kaon::dense<13>, kaon::sigmoid, kaon::dense<40>, kaon::softplus, kaon::prelu, kaon::softmax>;
template <class T>
using branches = kaon::network<
    kaon::input<T, 33>, kaon::scaler, kaon::residual<kaon::dense<33>, kaon::silu>,
    kaon::parallel<kaon::chain<kaon::dense<3>, kaon::elu<std::ratio<1, 3>>>, kaon::chain<kaon::dense<17>, kaon::gelu_tanh>>,
    kaon::concat, kaon::selu, kaon::dense<1>>;

}  // namespace

TEST_CASE("bits of floats") {
    CHECK(hash_of_results<tagger<float>, float>("tagger") == 0x5857f6ec90c69f26);
    CHECK(hash_of_results<branches<float>, float>("branches") == 0x925ae473e2fa39da);
}

TEST_CASE("bits of doubles") { CHECK(hash_of_results<functions<double>, double>("functions") == 0xd235757419b424ff); }

TEST_CASE("bits without registers") {
    using net = kaon::network<kaon::input<float, 5>, kaon::dense<3>, kaon::tanh, kaon::dense<19>, kaon::softmax>;
    const auto p = random_parameters<net>(8);
    const auto x = random_event<net::input>(9);
    const auto a = kaon::model<net, kaon::reproducible<>>(p)(x);
    const auto b = kaon::model<net, kaon::reproducible<kaon::cpu<kaon::scalar_isa>>>(p)(x);
    CHECK(std::memcmp(a.data(), b.data(), 19 * sizeof(float)) == 0);
}

TEST_CASE("trees are added in one order, with registers and without, one event and batches") {
    using net = kaon::network<kaon::input<float, 16>, kaon::forest<100, 1500, 4, 1>>;
    constexpr std::size_t rows = 37;
    net::parameters p{};
    auto& trees = kaon::get<0>(p);
    random_forest<4>(3, 16, trees);
    // Leaves whose sums round.
    for (std::size_t n = 0; n < 1500; ++n) {
        if (trees.features[n] < 0) trees.values[n] = 1.0f / (3.0f + static_cast<float>(n));
    }
    std::vector<float> x(rows * 16), batch(rows);
    numbers(11).fill(x.data(), x.size());
    const kaon::model<net, kaon::reproducible<>> a(p);
    const kaon::model<net, kaon::reproducible<kaon::cpu<kaon::scalar_isa>>> b(p);
    a(kaon::batch_view<const float>{x.data(), rows, 16}, kaon::batch_view<float>{batch.data(), rows, 1});
    for (std::size_t row = 0; row < rows; ++row) {
        net::input event;
        std::memcpy(event.data(), x.data() + row * 16, sizeof event);
        CHECK(a(event)[0] == batch[row]);
        CHECK(b(event)[0] == batch[row]);
    }
}

TEST_CASE("the values are those of the default target, within rounding") {
    using net = tagger<float>;
    const auto p = random_parameters<net>(5);
    const auto x = random_event<net::input>(6);
    const auto a = kaon::model<net>(p)(x);
    const auto b = kaon::model<net, kaon::reproducible<>>(p)(x);
    for (std::size_t i = 0; i < 5; ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-4));
}
