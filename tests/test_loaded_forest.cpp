// Forests whose shape is known when they are loaded: the bits of the compiled ones, and what is refused.
#include <doctest/doctest.h>

#include <kaon/io/loaded_forest.hpp>
#include <kaon/kaon.hpp>

#include "forest_file.hpp"
#include "random_forest.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

template <class Scalar>
kaon::loaded_forest<Scalar> loaded(const std::string& file) {
    return kaon::loaded_forest<Scalar>(file.data(), file.size(), "forest.safetensors");
}

/// Leaves whose sums are rounded, so that another order shows.
template <class P>
void roughen(P& p) {
    std::mt19937 engine(3);
    std::normal_distribution<double> normal;
    constexpr std::size_t nodes = sizeof p.values / sizeof p.values[0];
    std::size_t leaf = 0;
    for (std::size_t n = 0; n < nodes; ++n) {
        if (p.features[n] != -1) continue;
        p.values[n] = static_cast<std::decay_t<decltype(p.values[0])>>(normal(engine));
        if (const auto row = row_of_leaves(p, leaf++, 0)) {
            for (auto& v : *row) v = static_cast<std::decay_t<decltype(v)>>(normal(engine));
        }
    }
}

template <class T>
bool same(const T* a, const T* b, std::size_t count) {
    return std::memcmp(a, b, count * sizeof(T)) == 0;
}

/// Rows, and the same with columns together.
template <class Scalar>
struct events {
    static constexpr std::size_t rows = 33;
    std::vector<Scalar> x, columns;

    events(std::size_t features, bool categories) : x(rows * features), columns(rows * features) {
        random_features(9, x, true, categories);
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t i = 0; i < features; ++i) columns[i * rows + r] = x[r * features + i];
        }
    }
};

/// Against kaon::model of the same parameters: one event, and batches of every size up to 2 W + 1.
template <class Scalar, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs,
          class Link, class... Options>
void check(const char* link, bool exact = true) {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    using net = kaon::network<kaon::input<Scalar, Features>, layer, Link>;
    constexpr std::size_t tests = kaon::detail::category_sizes<Options...>::tests, rows = events<Scalar>::rows;
    static_assert(net::bound::leaves::size > 0);
    CAPTURE(Features);
    CAPTURE(Depth);
    auto p = std::make_unique<typename net::parameters>();
    auto& trees = kaon::get<0>(*p);
    random_forest<Depth>(unsigned(Features + Trees), Features, trees, tests);
    if constexpr (tests > 0) random_tests(7, Features, trees);
    roughen(trees);
    const auto model = std::make_unique<const kaon::model<net>>(*p);
    const auto forest = loaded<Scalar>(file_of<layer>(trees, Features, link));
    const events<Scalar> e(Features, tests > 0);
    const auto equal = [&](const Scalar* a, const Scalar* b, std::size_t count) {
        if (exact) return same(a, b, count);
        for (std::size_t i = 0; i < count; ++i) {
            if (!(std::fabs(a[i] - b[i]) <= Scalar(1e-6) * (1 + std::fabs(a[i])))) return false;
        }
        return true;
    };
    std::size_t wrong = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        typename net::input event;
        for (std::size_t i = 0; i < Features; ++i) event[i] = e.x[r * Features + i];
        const auto expected = (*model)(event);
        Scalar y[Outputs];
        forest(e.x.data() + r * Features, y);
        wrong += !equal(expected.values, y, Outputs);
    }
    CHECK(wrong == 0);
    for (std::size_t n = 1; n <= rows; ++n) {
        std::vector<Scalar> expected(n * Outputs), y(n * Outputs);
        (*model)({e.x.data(), n, Features}, {expected.data(), n, Outputs});
        forest(e.x.data(), n, y.data());
        wrong += !equal(expected.data(), y.data(), n * Outputs);
        (*model)({e.columns.data(), n, 1, rows}, {expected.data(), n, 1, n});
        forest({e.columns.data(), n, 1, rows}, {y.data(), n, 1, n});
        wrong += !equal(expected.data(), y.data(), n * Outputs);
    }
    CHECK(wrong == 0);
}

/// Against the definition: sums are exact in any order, as check_forest.hpp has them.
template <class Scalar, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth, std::size_t Outputs,
          class... Options>
void check_sums() {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    using sizes = kaon::detail::category_sizes<Options...>;
    constexpr bool vectors = kaon::detail::has_option<kaon::vector_leaves, Options...>;
    constexpr std::size_t rows = events<Scalar>::rows;
    CAPTURE(Features);
    CAPTURE(Depth);
    const auto trees = std::make_unique<kaon::forest_parameters<Scalar, Scalar, Trees, Nodes, Outputs, layer::missing,
                                                                sizes::tests, sizes::words, vectors ? Outputs : 0>>();
    random_forest<Depth>(unsigned(Features + Trees), Features, *trees, sizes::tests);
    if constexpr (sizes::tests > 0) random_tests(7, Features, *trees);
    const auto forest = loaded<Scalar>(file_of<layer>(*trees, Features, "none"));
    CHECK(forest.features() == Features);
    CHECK(forest.outputs() == Outputs);
    CHECK(forest.trees() == Trees);
    CHECK(forest.nodes() == Nodes);
    CHECK(forest.depth() == Depth);
    const events<Scalar> e(Features, sizes::tests > 0);
    std::vector<Scalar> y(rows * Outputs), z(rows * Outputs);
    forest(e.x.data(), rows, y.data());
    forest({e.columns.data(), rows, 1, rows}, {z.data(), rows, 1, rows});
    std::size_t wrong = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        Scalar one[Outputs];
        forest(e.x.data() + r * Features, one);
        for (std::size_t o = 0; o < Outputs; ++o) {
            double scale = 0;
            const double expected = forest_sum<layer::or_equal>(*trees, e.x.data() + r * Features, o, scale);
            for (const Scalar got : {one[o], y[r * Outputs + o], z[o * rows + r]}) wrong += double(got) != expected;
        }
    }
    CHECK(wrong == 0);
}

using categories = kaon::splits_by_category<5, 6>;
using kaon::less_or_equal;
using kaon::missing_by_direction;
using kaon::vector_leaves;

/// x1 < 0.5 ? (x0 < -1 ? 1 : 2) : 4;  x0 < 3 ? 8 : 16; and 32
struct small {
    std::vector<std::int32_t> roots{0, 5}, features{1, 0, -1, -1, -1, 0, -1, -1}, right{4, 3, 0, 0, 0, 7, 0, 0},
        missing_left{1, 0, 0, 0, 0, 0, 0, 0};
    std::vector<float> values{0.5f, -1, 1, 2, 4, 3, 8, 16}, base{32};
    std::string metadata = said(2, false, "none");

    forest_weights arrays() const {
        forest_weights w;
        w.add("roots", roots);
        w.add("features", features);
        w.add("right", right);
        w.add("missing_left", missing_left);
        w.add("values", values);
        w.add("base", base);
        return w;
    }
};

template <class Change>
std::string refusal(Change change) {
    small s;
    change(s);
    try {
        (void)loaded<float>(s.arrays().file(s.metadata));
    } catch (const kaon::error& error) {
        return error.what();
    }
    return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the bits of compiled forests") {
    check<float, 20, 40, 800, 4, 1, kaon::sigmoid, less_or_equal, missing_by_direction>("sigmoid");
    check<float, 40, 51, 1001, 5, 3, kaon::softmax>("softmax", false);
    check<float, 7, 40, 440, 4, 3, kaon::identity, vector_leaves, categories>("none");
    check<float, 7, 20, 400, 9, 5, kaon::exp, vector_leaves, missing_by_direction, categories>("exponential");
    check<double, 9, 17, 119, 3, 1, kaon::tanh, missing_by_direction>("tanh");
}

TEST_CASE("sums, on both sides of every choice of a form") {
    check_sums<float, 7, 20, 20, 0, 2>();
    check_sums<float, 7, 21, 61, 1, 1, less_or_equal>();
    check_sums<float, 5, 17, 119, 3, 1, missing_by_direction>();
    check_sums<float, 64, 40, 600, 5, 1, less_or_equal>();
    check_sums<float, 65, 40, 600, 5, 1>();
    check_sums<float, 120, 20, 600, 6, 1, missing_by_direction>();
    check_sums<float, 257, 20, 600, 6, 1>();
    check_sums<float, 11, 51, 511, 4, 3, categories, less_or_equal, missing_by_direction>();
    check_sums<float, 7, 9, 701, 64, 1, missing_by_direction>();
    check_sums<float, 300, 30, 1000, 9, 2, less_or_equal, missing_by_direction>();
    check_sums<float, 300, 30, 1000, 9, 2, categories, vector_leaves>();
    check_sums<double, 9, 40, 1000, 8, 2, less_or_equal, categories>();
    check_sums<double, 9, 40, 440, 6, 3, vector_leaves>();
}

TEST_CASE("10,000 trees, some of 64 levels; movable") {
    constexpr std::size_t trees = 10000, depth = 64;
    std::vector<std::int32_t> roots, features, right;
    std::vector<float> values, base{0.5f};
    std::mt19937 engine(1);
    for (std::size_t t = 0; t < trees; ++t) {
        roots.push_back(std::int32_t(values.size()));
        // Each level a leaf and the next one.
        for (std::size_t level = 0; level < (t % 50 == 0 ? depth : t % 7); ++level) {
            for (const bool leaf : {false, true}) {
                features.push_back(leaf ? -1 : std::int32_t(engine() % 20));
                right.push_back(leaf ? 0 : std::int32_t(values.size()) + 2);
                values.push_back(leaf ? float(engine() % 256) / 256 : float(int(engine() % 9) - 6) / 4);
            }
        }
        features.push_back(-1);
        right.push_back(0);
        values.push_back(float(engine() % 256) / 256);
    }
    forest_weights w;
    w.add("roots", roots);
    w.add("features", features);
    w.add("right", right);
    w.add("values", values);
    w.add("base", base);
    auto there = loaded<float>(w.file(said(20, false, "none")));
    const auto forest = std::move(there);
    CHECK(forest.trees() == trees);
    CHECK(forest.depth() == depth);
    std::vector<float> x(9 * 20), y(9);
    random_features(4, x, true);
    forest(x.data(), 9, y.data());
    for (std::size_t r = 0; r < 9; ++r) {
        double sum = 0.5;
        for (std::size_t t = 0; t < trees; ++t) {
            auto n = std::size_t(roots[t]);
            while (features[n] != -1) {
                n = x[r * 20 + std::size_t(features[n])] < values[n] ? n + 1 : std::size_t(right[n]);
            }
            sum += double(values[n]);
        }
        float one = 0;
        forest(x.data() + r * 20, &one);
        CHECK(double(one) == sum);  // multiples of 1/256
        CHECK(double(y[r]) == sum);
    }
}

TEST_CASE("what is no forest is refused by name") {
    CHECK(refusal([](small&) {}).empty());
    const auto loop = refusal([](small& s) { s.right[0] = 0; });
    CHECK(loop ==
          "forest.safetensors: tensor 'bdt' holds in tree 0 no tree of at most 256 levels over 2 features, depth first; "
          "convert "
          "the model again");
    CHECK(has(refusal([](small& s) { s.features[5] = 2; }), "holds in tree 1 no tree"));
    CHECK(has(refusal([](small& s) { s.features[5] = -2; }), "holds in tree 1 no tree"));
    CHECK(has(refusal([](small& s) { s.right[5] = 1 << 30; }), "holds in tree 1 no tree"));
    CHECK(has(refusal([](small& s) { s.roots[1] = -1; }), "holds in tree 0 no tree"));
    CHECK(has(refusal([](small& s) { s.values[0] = std::nanf(""); }), "tensor 'bdt.values' is not finite at [0]"));
    CHECK(has(refusal([](small& s) { s.right.pop_back(); }), "tensor 'bdt.right' has shape [7], the network's is [8]"));
    CHECK(has(refusal([](small& s) { s.base.clear(); }), "'bdt.base' is no list of 1 to 256 numbers"));
    CHECK(has(refusal([](small& s) { s.base.resize(3); }), "has 2 trees of 8 nodes for 3 outputs"));
    CHECK(has(refusal([](small& s) { s.base.resize(257); }), "is no list of 1 to 256 numbers"));
}

TEST_CASE("what a file has to say") {
    CHECK(has(refusal([](small& s) { s.metadata = ""; }), "the file does not say 'forest.features' in its __metadata__"));
    CHECK(has(refusal([](small& s) { s.metadata = said(0, false, "none"); }), "says '0' forest.features, not 1 to 4096"));
    CHECK(has(refusal([](small& s) { s.metadata = said(4097, false, "none"); }), "not 1 to 4096"));
    CHECK(has(refusal([](small& s) { s.metadata = said(2, false, "relu"); }),
              "says 'relu' for forest.link, not one of none, "));
    const std::string two = small().arrays().file(said(2, false, "none"));
    const std::string twice = [&] {
        forest_weights w = small().arrays();
        w.entries += ",\"other.roots\":{\"dtype\":\"I32\",\"shape\":[0],\"data_offsets\":[" + std::to_string(w.data.size()) +
                     "," + std::to_string(w.data.size()) + "]}";
        return w.file(said(2, false, "none"));
    }();
    CHECK_THROWS_WITH_AS(loaded<float>(twice), doctest::Contains("tensor 'other.roots' is of a second forest"), kaon::error);
    CHECK_THROWS_WITH_AS(kaon::loaded_forest<float>("/no/such.safetensors"), doctest::Contains("does not exist"),
                         kaon::error);
    CHECK(loaded<double>(two).trees() == 2);  // doubles read F32
}
