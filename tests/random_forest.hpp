// random_forest.hpp: seeded forests of any shape, and their sums in double precision by the definition.
#pragma once

#include <kaon/kaon.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

template <class P>
auto set_direction(P& p, std::size_t node, bool left, int) -> decltype(void(p.missing_left)) {
    p.missing_left[node] = left;
}
template <class P>
void set_direction(P&, std::size_t, bool, long) {}
template <class P>
auto goes_left_without_value(const P& p, std::size_t node, bool, int) -> decltype(p.missing_left[node] != 0) {
    return p.missing_left[node] != 0;
}
template <class P>
bool goes_left_without_value(const P&, std::size_t, bool by_rule, long) {
    return by_rule;
}

/// Leaves of random trees are split until there are `Nodes`, the first tree's first one down to level Depth before. Thresholds are
/// few, so that features of the same values lie on them.
template <std::size_t Depth, class P>
void random_forest(unsigned seed, std::size_t features, P& p) {
    constexpr std::size_t trees = sizeof p.roots / sizeof p.roots[0], nodes = sizeof p.values / sizeof p.values[0];
    struct node {
        std::size_t depth, left, right;
    };
    std::mt19937 engine(seed);
    std::vector<node> all(trees);
    const auto split = [&](std::size_t n) {
        all[n].left = all.size();
        all[n].right = all.size() + 1;
        all.push_back({all[n].depth + 1, 0, 0});
        all.push_back({all[n].depth + 1, 0, 0});
    };
    for (std::size_t n = 0; all[n].depth < Depth; n = all[n].left) split(n);
    while (all.size() < nodes) {
        const std::size_t n = engine() % all.size();
        if (all[n].left == 0 && all[n].depth < Depth) split(n);
    }
    std::size_t next = 0;
    const auto write = [&](const auto& self, std::size_t n) -> void {
        const std::size_t here = next++;
        p.right[here] = 0;
        set_direction(p, here, engine() % 2 == 0, 0);
        if (all[n].left == 0) {
            p.features[here] = -1;
            p.values[here] = float(int(engine() % 2001) - 1000) / 512;
            return;
        }
        p.features[here] = std::int32_t(engine() % features);
        p.values[here] = float(int(engine() % 9) - 4) / 4;
        self(self, all[n].left);
        p.right[here] = std::int32_t(next);
        self(self, all[n].right);
    };
    for (std::size_t t = 0; t < trees; ++t) {
        p.roots[t] = std::int32_t(next);
        write(write, t);
    }
    for (auto& b : p.base) b = float(int(engine() % 2001) - 1000) / 512;
}

/// The sum of an output, and into `scale` that of the absolute numbers.
template <bool OrEqual, class P, class T>
double forest_sum(const P& p, const T* x, std::size_t output, double& scale) {
    constexpr std::size_t trees = sizeof p.roots / sizeof p.roots[0], outputs = sizeof p.base / sizeof p.base[0];
    double sum = p.base[output];
    scale = std::fabs(sum);
    for (std::size_t t = output; t < trees; t += outputs) {
        auto n = std::size_t(p.roots[t]);
        while (p.features[n] >= 0) {
            const T v = x[p.features[n]];
            const bool left = std::isnan(v) ? goes_left_without_value(p, n, OrEqual, 0)
                              : OrEqual     ? v <= p.values[n]
                                            : v < p.values[n];
            n = left ? n + 1 : std::size_t(p.right[n]);
        }
        sum += double(p.values[n]);
        scale += std::fabs(double(p.values[n]));
    }
    return sum;
}

/// Features that lie on the thresholds of random_forest or between them.
template <class T>
void random_features(unsigned seed, std::vector<T>& x, bool missing) {
    std::mt19937 engine(seed);
    for (auto& v : x) {
        v = T(int(engine() % 21) - 10) / 8;
        if (missing && engine() % 5 == 0) v = T(std::nan(""));
    }
}
