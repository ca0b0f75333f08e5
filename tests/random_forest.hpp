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

/// Sets of categories below 70, the first one empty; features are any.
template <class P>
void random_tests(unsigned seed, std::size_t features, P& p) {
    std::mt19937 engine(seed);
    constexpr std::size_t tests = sizeof p.test_sets / sizeof p.test_sets[0], words = sizeof p.sets / sizeof p.sets[0];
    static_assert(words >= 4);
    // A set of no word, then one of all the others.
    p.sets[0] = 0;
    p.sets[1] = std::int32_t(words - 2);
    for (std::size_t w = 2; w < words; ++w) p.sets[w] = static_cast<std::int32_t>(engine() & engine());
    for (std::size_t t = 0; t < tests; ++t) {
        p.test_features[t] = std::int32_t(engine() % features);
        p.test_sets[t] = t == 0 ? 0 : 1;
    }
}

/// Whether x is of the set that a test asks for.
template <bool OrEqual, class P>
bool test_says(const P& p, std::size_t test, double x) {
    const std::int32_t begin = p.test_sets[test];
    if (!(OrEqual ? x > -1 : x >= 0) || x >= 32.0 * p.sets[begin]) return false;
    const auto category = std::size_t(x);
    return (static_cast<std::uint32_t>(p.sets[std::size_t(begin) + 1 + category / 32]) >> (category % 32) & 1) != 0;
}

template <class P>
auto row_of_leaves(P& p, std::size_t leaf, int) -> decltype(&p.leaves[leaf]) {
    return &p.leaves[leaf];
}
template <class P>
auto row_of_leaves(P& p, std::size_t, long) -> decltype(&p.base) {
    return nullptr;
}

/// Leaves of random trees are split until there are `Nodes`, the first tree's first one down to level Depth before. Thresholds are
/// few, so that features of the same values lie on them.
template <std::size_t Depth, class P>
void random_forest(unsigned seed, std::size_t features, P& p, std::size_t tests = 0) {
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
    [[maybe_unused]] std::size_t leaf = 0;
    const auto write = [&](const auto& self, std::size_t n) -> void {
        const std::size_t here = next++;
        p.right[here] = 0;
        set_direction(p, here, engine() % 2 == 0, 0);
        if (all[n].left == 0) {
            p.features[here] = -1;
            p.values[here] = float(int(engine() % 2001) - 1000) / 512;
            if (const auto row = row_of_leaves(p, leaf++, 0)) {
                for (auto& v : *row) v = float(int(engine() % 2001) - 1000) / 512;
            }
            return;
        }
        p.features[here] = std::int32_t(engine() % (features + tests));
        if (p.features[here] >= std::int32_t(features)) p.features[here] = std::int32_t(features) - 2 - p.features[here];
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

template <bool OrEqual, class P, class T>
auto asked_by_category(const P& p, std::size_t node, const T* x, bool& left, int) -> decltype(p.sets[0] == 0) {
    if (p.features[node] >= -1) return false;
    const auto test = std::size_t(-2 - p.features[node]);
    const T v = x[p.test_features[test]];
    left = std::isnan(v) ? goes_left_without_value(p, node, false, 0) : test_says<OrEqual>(p, test, double(v));
    return true;
}
template <bool OrEqual, class P, class T>
bool asked_by_category(const P&, std::size_t, const T*, bool&, long) {
    return false;
}

/// The leaf that an event reaches.
template <bool OrEqual, class P, class T>
std::size_t reached_leaf(const P& p, std::size_t tree, const T* x) {
    auto n = std::size_t(p.roots[tree]);
    while (p.features[n] != -1) {
        bool left = false;
        if (!asked_by_category<OrEqual>(p, n, x, left, 0)) {
            const T v = x[p.features[n]];
            left = std::isnan(v) ? goes_left_without_value(p, n, OrEqual, 0) : OrEqual ? v <= p.values[n] : v < p.values[n];
        }
        n = left ? n + 1 : std::size_t(p.right[n]);
    }
    return n;
}

/// The sum of an output, and into `scale` that of the absolute numbers.
template <bool OrEqual, class P, class T>
double forest_sum(const P& p, const T* x, std::size_t output, double& scale) {
    constexpr std::size_t trees = sizeof p.roots / sizeof p.roots[0], outputs = sizeof p.base / sizeof p.base[0];
    double sum = p.base[output];
    scale = std::fabs(sum);
    const bool vectors = row_of_leaves(p, 0, 0) != nullptr;
    for (std::size_t t = vectors ? 0 : output; t < trees; t += vectors ? 1 : outputs) {
        const std::size_t n = reached_leaf<OrEqual>(p, t, x);
        double leaf = double(p.values[n]);
        if (vectors) {
            std::size_t number = 0;
            for (std::size_t before = 0; before < n; ++before) number += p.features[before] == -1;
            leaf = double((*row_of_leaves(p, number, 0))[output]);
        }
        sum += leaf;
        scale += std::fabs(leaf);
    }
    return sum;
}

/// Features that lie on the thresholds of random_forest or between them, or are categories and what is none.
template <class T>
void random_features(unsigned seed, std::vector<T>& x, bool missing, bool categories = false) {
    std::mt19937 engine(seed);
    for (auto& v : x) {
        v = T(int(engine() % 21) - 10) / 8;
        if (categories && engine() % 3 != 0) v = T(int(engine() % 300) - 12) / 2;
        if (missing && engine() % 5 == 0) v = T(std::nan(""));
    }
}
