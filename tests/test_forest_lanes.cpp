// Forests in fixed point in registers: every bit of the definition, one event and batches; beside trees that are traversed.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "fixed_forest.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

using kaon::fixed, kaon::ufixed, kaon::weights, kaon::bias, kaon::accumulator, kaon::result, kaon::less_or_equal;

template <class Trees>
inline constexpr bool are_complete = false;
template <class Target, class T, std::size_t N, class Shape>
inline constexpr bool are_complete<kaon::detail::complete_trees<Target, T, N, Shape>> = true;

constexpr bool has_avx2 = kaon::detail::register_size<kaon::native_isa> >= 32;
constexpr bool has_avx512 = kaon::detail::register_size<kaon::native_isa> == 64;

/// The bits of what a forest says of rows of events, alone, in batches of every size and by columns, on Target.
template <class Target, class Net, class Input>
std::size_t differing(const typename Net::parameters& p, const std::vector<Input>& x,
                      const std::vector<std::int64_t>& expected) {
    using result_type = typename Net::output::scalar;
    constexpr std::size_t in = Net::input::size, out = Net::output::size;
    const std::size_t rows = x.size() / in;
    const auto model = std::make_unique<kaon::model<Net, Target>>(p);
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        typename Net::input event;
        std::fill(std::begin(event.values), std::end(event.values),
                  Input::from_raw(-1));  // never read beyond the last value
        std::copy_n(x.data() + row * in, in, event.values);
        const auto single = (*model)(event);
        for (std::size_t o = 0; o < out; ++o) wrong += single[o].raw() != expected[row * out + o];
    }
    const auto untouched = result_type::from_raw(1);
    for (std::size_t batch = 1; batch <= 17 && batch < rows; ++batch) {
        std::vector<result_type> y((batch + 1) * out, untouched);
        (*model)({x.data(), batch, in}, {y.data(), batch, out});
        for (std::size_t i = 0; i < batch * out; ++i) wrong += y[i].raw() != expected[i];
        for (std::size_t i = batch * out; i < y.size(); ++i) wrong += y[i].raw() != untouched.raw();
    }
    std::vector<Input> columns(x.size());
    std::vector<result_type> y(rows * out), z(rows * out);
    for (std::size_t i = 0; i < x.size(); ++i) columns[i % in * rows + i / in] = x[i];
    (*model)({x.data(), rows, in}, {y.data(), rows, out});
    (*model)({columns.data(), rows, 1, rows}, {z.data(), rows, 1, rows});
    for (std::size_t i = 0; i < rows * out; ++i) {
        wrong += y[i].raw() != expected[i];
        wrong += z[i % out * rows + i / out].raw() != expected[i];
    }
    return wrong;
}

/// Whether the trees of a layer are complete ones on this target.
template <class Input, std::size_t Features, class Layer>
inline constexpr bool completes =
    are_complete<typename Layer::template bind<kaon::tensor<Input, kaon::shape<Features>>>::template trees<kaon::native>>;

static_assert(!completes<fixed<8, 4>, 65, kaon::forest<5, 25, 2, 1>>, "more features than registers hold");
static_assert(completes<fixed<12, 4>, 9, kaon::forest<3, 201, 6, 1>> == has_avx2);
static_assert(!completes<fixed<12, 4>, 9, kaon::forest<3, 301, 7, 1>>, "too deep");
static_assert(!completes<fixed<33, 10>, 4, kaon::forest<5, 25, 2, 1>>, "wider than a lane");
static_assert(!completes<fixed<20, 10>, 4, kaon::forest<5, 25, 2, 1, bias<fixed<62, 20>>>>, "sums wider than a lane");

/// Complete: whether the trees are, on this target.
template <bool Complete, class Input, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth,
          std::size_t Outputs, class... Options>
void check() {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    using net = kaon::network<kaon::input<Input, Features>, layer>;
    using bound = typename layer::template bind<kaon::tensor<Input, kaon::shape<Features>>>;
    using types = typename bound::types;
    static_assert(completes<Input, Features, layer> == Complete);
    constexpr std::size_t rows = 41;
    CAPTURE(Trees);
    CAPTURE(Features);
    auto p = std::make_unique<typename net::parameters>();
    auto& trees = kaon::get<0>(*p);
    random_numbers<Depth>(Trees + Features, Features, trees);
    // Every feature where there are so many nodes, else the last ones.
    std::size_t next = Features;
    for (auto& feature : trees.features) {
        if (feature >= 0) feature = std::int32_t(next = (next == 0 ? Features : next) - 1);
    }
    REQUIRE(kaon::detail::first_bad_tree<Depth, Features>(trees) == Trees);
    raw_values random(7);
    std::vector<Input> x(rows * Features);
    random.fill(x.data(), x.size());
    // On thresholds, and a step beside them.
    for (std::size_t node = 0; node < std::min(Nodes, 3 * rows); ++node) {
        if (trees.features[node] < 0) continue;
        Input& v = x[node % rows * Features + std::size_t(trees.features[node])];
        v = Input::from_raw(Input(trees.values[node]).raw() + std::int64_t(node / rows) - 1);
    }
    std::vector<std::int64_t> expected;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t o = 0; o < Outputs; ++o) {
            const auto sum = raw_sum<typename types::leaf, layer::or_equal>(trees, x.data() + row * Features, o);
            expected.push_back(typename types::result(types::sum::from_raw(sum)).raw());
        }
    }
    CHECK(differing<kaon::native, net>(*p, x, expected) == 0);
}

}  // namespace

TEST_CASE("every value beside every threshold, in lanes of 8 bits") {
    using input = fixed<5, 3>;
    const auto check_all = [](auto option, auto or_equal) {
        using net = kaon::network<kaon::input<input, 16>,
                                  kaon::forest<128, 384, 1, 1, weights<fixed<7, 4>>, bias<fixed<20, 4>>, decltype(option)>>;
        typename net::parameters p{};
        auto& trees = kaon::get<0>(p);
        random_numbers<1>(1, 16, trees);
        for (int t = 0; t < 128; ++t) {
            trees.features[3 * t] = t % 16;
            trees.values[3 * t] = fixed<7, 4>::from_raw(t / 16 * 16 + (t + t / 16) % 16 - 64);
        }
        std::vector<input> x;
        std::vector<std::int64_t> expected;
        for (int v = -16; v < 16; ++v) {
            x.insert(x.end(), 16, input::from_raw(v));
            expected.push_back(raw_sum<fixed<20, 4>, or_equal.value>(trees, x.data() + x.size() - 16, 0));
        }
        CHECK(differing<kaon::native, net>(p, x, expected) == 0);
        if constexpr (or_equal.value) CHECK(differing<kaon::cpu<kaon::scalar_isa>, net>(p, x, expected) == 0);
    };
    check_all(less_or_equal{}, std::true_type{});
    check_all(weights<fixed<7, 4>>{}, std::false_type{});
}

TEST_CASE("lanes of 8 bits") {
    check<has_avx2, fixed<2, 1>, 5, 7, 35, 2, 3, weights<fixed<4, 2>>, bias<fixed<8, 4>>>();
    check<has_avx2, fixed<8, 4>, 16, 70, 350, 3, 1, weights<fixed<12, 6>>, bias<fixed<16, 4>>, less_or_equal>();
    check<has_avx2, ufixed<8, 4>, 61, 65, 325, 2, 1, weights<ufixed<9, 4>>, bias<ufixed<33, 9>>>();
    check<has_avx2, ufixed<7, 4>, 16, 9, 45, 2, 2, accumulator<fixed<5, 2>>, bias<fixed<9, 3>>>();
}

TEST_CASE("lanes of 16 bits") {
    check<has_avx2, fixed<16, 6>, 16, 70, 700, 4, 1, less_or_equal>();
    check<has_avx2, fixed<16, 6>, 64, 40, 200, 3, 1, bias<fixed<20, 9>>, accumulator<fixed<18, 8>>>();
    check<has_avx2, ufixed<16, 8>, 17, 33, 165, 2, 1, weights<fixed<20, 10>>, bias<ufixed<16, 8>>, less_or_equal>();
    check<has_avx512, fixed<11, 5>, 100, 35, 175, 2, 2, bias<fixed<12, 4>>, accumulator<fixed<7, 3, kaon::round>>,
          result<fixed<6, 3, kaon::round, kaon::saturate>>>();
    check<has_avx2, fixed<9, 5>, 8, 21, 105, 2, 1, bias<fixed<16, 4>>, accumulator<ufixed<16, 2, kaon::round>>,
          less_or_equal>();
    check<has_avx2, fixed<12, 4>, 9, 3, 3, 0, 1>();
}

TEST_CASE("lanes of 32 bits") {
    check<has_avx2, fixed<32, 10>, 20, 19, 95, 3, 1, bias<fixed<40, 20>>>();
    check<has_avx512, ufixed<32, 16>, 60, 20, 100, 2, 1, bias<fixed<12, 4>>, result<ufixed<8, 2, kaon::round>>,
          less_or_equal>();
}

TEST_CASE("vectors") {
    check<has_avx2, fixed<16, 6>, 16, 35, 175, 3, 3, kaon::vector_leaves, bias<fixed<20, 9>>>();
    check<has_avx2, ufixed<8, 6>, 7, 5, 25, 2, 2, kaon::vector_leaves, accumulator<fixed<8, 2>>, less_or_equal>();
}

TEST_CASE("what follows, and what stands beside") {
    using input = fixed<10, 4>;
    using trees = kaon::forest<20, 100, 3, 2, less_or_equal, weights<input>, bias<input>>;
    using net = kaon::network<kaon::input<input, 16>, kaon::parallel<kaon::chain<trees, kaon::relu>, trees>, kaon::concat>;
    auto p = std::make_unique<typename net::parameters>();
    random_numbers<3>(1, 16, kaon::get<0>(*p));
    random_numbers<3>(2, 16, kaon::get<1>(*p));
    std::vector<input> x(19 * 16);
    raw_values random(3);
    random.fill(x.data(), x.size());
    std::vector<std::int64_t> expected;
    for (std::size_t row = 0; row < 19; ++row) {
        for (std::size_t o = 0; o < 4; ++o) {
            const input* const event = x.data() + row * 16;
            const auto sum = o < 2 ? raw_sum<input, true>(kaon::get<0>(*p), event, o)
                                   : raw_sum<input, true>(kaon::get<1>(*p), event, o - 2);
            expected.push_back(o < 2 ? std::max(sum, std::int64_t{0}) : sum);
        }
    }
    CHECK(differing<kaon::native, net>(*p, x, expected) == 0);
}
