// fixed.cpp: a forest in fixed point on one event, kaon beside conifer's C++ emulation on ap_fixed: ns an event, every score compared.
//     g++ -std=c++17 -O3 -march=native -DNDEBUG -Wno-uninitialized -I include -isystem "$(tests/vendor/ap_types PYTHON)" \
//         -isystem "$(tests/vendor/conifer PYTHON)" bench/forests/fixed.cpp
#include "../../tests/random_forest.hpp"

#include <kaon/scalar/ap_fixed.hpp>

#include <backends/cpp/include/conifer.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <vector>

namespace {

using sixteen = ap_fixed<16, 6>;
struct configuration : conifer::ConiferConfiguration {
    using threshold_t = sixteen;
    using score_t = sixteen;
    using weight_t = sixteen;
    static const bool useAddTree = false;
};

constexpr std::size_t features = 16, rows = 4096;
using fixed = kaon::fixed<16, 6>;
using net = kaon::network<kaon::input<fixed, features>,
                          kaon::forest<100, 3100, 4, 1, kaon::less_or_equal, kaon::accumulator<fixed>>>;

template <class P>
nlohmann::json as_conifer(const P& p) {
    nlohmann::json all = {{"n_classes", 2},
                          {"n_trees", P::trees},
                          {"n_features", features},
                          {"norm", 1},
                          {"splitting_convention", "<="},
                          {"init_predict", {double(p.base[0])}},
                          {"trees", nlohmann::json::array()}};
    std::size_t leaf_number = 0;
    for (std::size_t t = 0; t < P::trees; ++t) {
        const auto begin = p.roots[t], end = t + 1 < P::trees ? p.roots[t + 1] : std::int32_t(P::nodes);
        nlohmann::json tree;
        for (auto n = begin; n < end; ++n) {
            const bool leaf = p.features[n] == -1;
            std::vector<double> one(features, 0.0);
            if (!leaf) one[std::size_t(p.features[n])] = 1;
            tree["feature"].push_back(leaf ? -2 : p.features[n]);
            tree["weight"].push_back(one);
            tree["threshold"].push_back(leaf ? 0.0 : double(p.values[n]));
            tree["value"].push_back(leaf ? double(p.leaves[leaf_number++][0]) : 0.0);
            tree["children_left"].push_back(leaf ? -1 : n - begin + 1);
            tree["children_right"].push_back(leaf ? -1 : p.right[n] - begin);
        }
        all["trees"].push_back({tree});
    }
    return all;
}

/// ns of the fastest 64 events of `passes` passes.
template <class F>
double nanoseconds(int passes, F run) {
    double best = 1e30;
    for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t first = 0; first < rows; first += 64) {
            const auto start = std::chrono::steady_clock::now();
            for (std::size_t row = first; row < first + 64; ++row) run(row);
            const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
            best = taken.count() < best ? taken.count() : best;
        }
    }
    return best / 64;
}

}  // namespace

int main(int, char** arguments) {
    auto p = std::make_unique<net::parameters>();
    random_forest<4>(1, features, kaon::get<0>(*p));
    const auto model = std::make_unique<kaon::model<net>>(*p);
    const std::string file = std::string(arguments[0]) + ".json";
    std::ofstream(file) << as_conifer(kaon::get<0>(*p));
    const conifer::BDT<configuration> emulation(file);
    std::remove(file.c_str());

    std::vector<net::input> events(rows);
    std::vector<std::vector<sixteen>> same(rows);
    std::mt19937 engine(2);
    std::normal_distribution<double> normal;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < features; ++i) {
            events[row][i] = fixed(normal(engine));
            same[row].push_back(sixteen(double(events[row][i])));
        }
    }
    std::vector<double> scores(rows), theirs(rows);
    const double kaon_ns = nanoseconds(15, [&](std::size_t row) { scores[row] = double((*model)(events[row])[0]); });
    const double conifer_ns =
        nanoseconds(3, [&](std::size_t row) { theirs[row] = emulation.decision_function(same[row])[0].to_double(); });
    std::size_t different = 0;
    for (std::size_t row = 0; row < rows; ++row) different += scores[row] != theirs[row];
    std::printf("kaon %.1f ns, conifer %.1f ns (%.0f times), %zu of %zu scores differ\n", kaon_ns, conifer_ns,
                conifer_ns / kaon_ns, different, rows);
    return different != 0;
}
