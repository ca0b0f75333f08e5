// Forests beside conifer's own: its C++ emulation (conifer.h) and its firmware's trees (BDT_unrolled.h), on ap_fixed, every bit.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/ap_fixed.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <backends/cpp/include/conifer.h>
#include <backends/xilinxhls/firmware/BDT_unrolled.h>

#include "../random_forest.hpp"

namespace {

template <class Fixed>
using ap = typename kaon::detail::as_ap<Fixed>::type;

/// Emulation and firmware multiply each feature with a weight: one, for the feature that a node asks.
using weight = ap_fixed<18, 8>;

/// Doubles of no format: what the types make of them is a part of the comparison.
template <class P>
void random_doubles(unsigned seed, P& p) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> thresholds(-9, 9), leaves(-3, 3);
    for (std::size_t n = 0; n < P::nodes; ++n) p.values[n] = p.features[n] == -1 ? leaves(engine) : thresholds(engine);
    for (auto& b : p.base) b = leaves(engine);
}

template <class P>
std::vector<nlohmann::json> json_trees(const P& p, std::size_t features) {
    std::vector<nlohmann::json> trees;
    for (std::size_t t = 0; t < P::trees; ++t) {
        const auto begin = std::size_t(p.roots[t]), end = t + 1 < P::trees ? std::size_t(p.roots[t + 1]) : P::nodes;
        nlohmann::json tree;
        for (std::size_t n = begin; n < end; ++n) {
            const bool leaf = p.features[n] == -1;
            std::vector<double> one(features, 0.0);
            if (!leaf) one[std::size_t(p.features[n])] = 1;
            tree["feature"].push_back(leaf ? -2 : p.features[n]);
            tree["weight"].push_back(one);
            tree["threshold"].push_back(leaf ? 0.0 : p.values[n]);
            tree["value"].push_back(leaf ? p.values[n] : 0.0);
            tree["children_left"].push_back(leaf ? -1 : int(n - begin + 1));
            tree["children_right"].push_back(leaf ? -1 : int(std::size_t(p.right[n]) - begin));
        }
        trees.push_back(tree);
    }
    return trees;
}

template <class Threshold, class Score>
struct configuration : conifer::ConiferConfiguration {
    using threshold_t = ap<Threshold>;
    using score_t = ap<Score>;
    using weight_t = weight;
    static const bool useAddTree = false;
};

/// The firmware's leaf of one tree.
template <std::size_t Features, class Input, class Threshold, class Score>
ap<Score> firmware_leaf(const nlohmann::json& t, const ap<Input>* x, bool or_equal) {
    constexpr int most = 100;
    using input_array = ap<Input>[Features];
    using tree = BDT::Tree<0, most, most, int(Features), input_array, ap<Score>, weight, ap<Threshold>>;
    const auto made = std::make_unique<tree>();
    const auto nodes = t["feature"].size();
    REQUIRE(nodes <= most);
    for (std::size_t n = 0; n < most; ++n) {
        // What is no node is an inner one that nothing reaches.
        const bool there = n < nodes;
        made->feature[n] = there ? t["feature"][n].get<int>() : -2;
        for (std::size_t f = 0; f < Features; ++f) made->weight[n][f] = there ? t["weight"][n][f].get<double>() : 0.0;
        made->threshold[n] = there ? t["threshold"][n].get<double>() : 0.0;
        made->value[n] = there ? t["value"][n].get<double>() : 0.0;
        made->children_left[n] = there ? t["children_left"][n].get<int>() : 0;
        made->children_right[n] = there ? t["children_right"][n].get<int>() : 0;
        made->parent[n] = 0;
    }
    for (std::size_t n = 0; n < nodes; ++n) {
        for (const int child : {made->children_left[n], made->children_right[n]}) {
            if (child > 0) made->parent[child] = int(n);
        }
    }
    ap<Input> copy[Features];
    std::copy(x, x + Features, copy);
    using compare = bool (*)(const ap<Input>*, const ap<Threshold>*);
    const compare with_equal = [](const ap<Input>* a, const ap<Threshold>* b) { return *a <= *b; };
    const compare without = [](const ap<Input>* a, const ap<Threshold>* b) { return *a < *b; };
    return made->template decision_function<ap<Input>, ap<Threshold>>(copy, or_equal ? with_equal : without);
}

template <class T>
std::int64_t raw_of(const T& value) {
    return static_cast<std::int64_t>(std::ldexp(value.to_double(), kaon::format_of<T>::fraction));
}

template <class Input, class Threshold, class Score, std::size_t Features, std::size_t Trees, std::size_t Nodes,
          std::size_t Depth, std::size_t Classes, class... Split>
void check(unsigned seed, double norm) {
    using doubles = kaon::network<kaon::input<double, Features>, kaon::forest<Trees, Nodes, Depth, Classes, Split...>>;
    using layer = kaon::forest<Trees, Nodes, Depth, Classes, kaon::weights<Threshold>, kaon::bias<Score>,
                               kaon::accumulator<Score>, Split...>;
    using net = kaon::network<
        kaon::input<Input, Features>, layer,
        kaon::basic_scaler<kaon::weights<Score>, kaon::bias<Score>, kaon::accumulator<Score>, kaon::result<Score>>>;
    constexpr bool or_equal = layer::or_equal;

    auto given = std::make_unique<typename doubles::parameters>();
    auto& from = kaon::get<0>(*given);
    random_forest<Depth>(seed, Features, from);
    random_doubles(seed, from);
    auto p = std::make_unique<typename net::parameters>();
    auto& to = kaon::get<0>(*p);
    std::copy(from.roots, from.roots + Trees, to.roots);
    std::copy(from.features, from.features + Nodes, to.features);
    std::copy(from.right, from.right + Nodes, to.right);
    std::size_t leaf = 0;
    for (std::size_t n = 0; n < Nodes; ++n) {
        to.values[n] = Threshold(from.features[n] == -1 ? 0 : from.values[n]);
        if (from.features[n] == -1) to.leaves[leaf++][0] = Score(from.values[n]);
    }
    for (std::size_t c = 0; c < Classes; ++c) {
        to.base[c] = Score(from.base[c]);
        kaon::get<1>(*p).scale[c] = Score(norm);
        kaon::get<1>(*p).offset[c] = Score(0);
    }
    const auto model = std::make_unique<kaon::model<net>>(*p);

    const auto trees = json_trees(from, Features);
    const std::string file = "test_conifer_" + std::to_string(seed) + ".json";
    if constexpr (std::is_same_v<Input, Threshold>) {
        nlohmann::json all;
        for (std::size_t t = 0; t < Trees; ++t) all["trees"][t / Classes].push_back(trees[t]);
        all["n_classes"] = Classes == 1 ? 2 : int(Classes);
        all["n_trees"] = int(Trees / Classes);
        all["n_features"] = int(Features);
        all["norm"] = norm;
        all["init_predict"] = std::vector<double>(from.base, from.base + Classes);
        all["splitting_convention"] = or_equal ? "<=" : "<";
        std::ofstream(file) << all;
    }
    std::unique_ptr<conifer::BDT<configuration<Threshold, Score>>> emulation;
    if constexpr (std::is_same_v<Input, Threshold>) {
        emulation = std::make_unique<conifer::BDT<configuration<Threshold, Score>>>(file);
        std::remove(file.c_str());
    }

    std::mt19937 engine(seed + 1);
    std::uniform_real_distribution<double> values(-10, 10);
    std::size_t wrong = 0;
    for (int row = 0; row < 60; ++row) {
        typename net::input x;
        std::vector<ap<Input>> features;
        for (std::size_t i = 0; i < Features; ++i) {
            // A third of them lie on thresholds.
            const double value = engine() % 3 == 0 ? from.values[engine() % Nodes] : values(engine);
            x[i] = Input(value);
            features.push_back(ap<Input>(value));
            wrong += x[i].raw() != raw_of(features.back());
        }
        const auto y = (*model)(x);
        std::vector<ap<Score>> scores(Classes);
        for (std::size_t c = 0; c < Classes; ++c) {
            scores[c] = from.base[c];
            for (std::size_t t = c; t < Trees; t += Classes) {
                scores[c] += firmware_leaf<Features, Input, Threshold, Score>(trees[t], features.data(), or_equal);
            }
            scores[c] *= ap<Score>(norm);
            wrong += y[c].raw() != raw_of(scores[c]);
        }
        if constexpr (std::is_same_v<Input, Threshold>) {
            const auto emulated = emulation->decision_function(features);
            for (std::size_t c = 0; c < Classes; ++c) wrong += y[c].raw() != raw_of(emulated[c]);
        }
    }
    CHECK(wrong == 0);
}

using kaon::fixed;

}  // namespace

TEST_CASE("conifer's emulation and firmware: inputs, thresholds and scores of one precision") {
    using standard = fixed<18, 8>;
    check<standard, standard, standard, 5, 12, 120, 4, 1, kaon::less_or_equal>(1, 1.0);
    check<standard, standard, standard, 5, 12, 120, 4, 1>(2, 0.3);
}

TEST_CASE("sums that wrap, classes, rounded thresholds and scores, trees of eight levels") {
    check<fixed<10, 5>, fixed<10, 5>, fixed<9, 3, kaon::round>, 4, 12, 84, 3, 3, kaon::less_or_equal>(3, -0.7);
    check<fixed<12, 5, kaon::round, kaon::saturate>, fixed<12, 5, kaon::round, kaon::saturate>, fixed<14, 6>, 6, 8, 160, 8,
          1>(4, 0.125);
}

TEST_CASE("the firmware with inputs of another precision than thresholds") {
    check<fixed<16, 6>, fixed<9, 5>, fixed<16, 6>, 5, 12, 120, 4, 1, kaon::less_or_equal>(5, 1.0);
    check<fixed<8, 5>, fixed<14, 5, kaon::round>, fixed<12, 4>, 5, 12, 120, 4, 2>(6, 0.9);
}
