// fixed_forest.hpp: random forests in fixed point, and their sums by the definition.
#pragma once

#include "random_forest.hpp"
#include "raw_values.hpp"

#include <cstddef>
#include <cstdint>

/// The raw sum by the definition: values compared as they are, each leaf converted to Leaf, integers of its steps added, modulo 2^64.
template <class Leaf, bool OrEqual, class P, class T>
std::int64_t raw_sum(const P& p, const T* x, std::size_t output) {
    constexpr std::size_t width = sizeof p.leaves[0] / sizeof p.leaves[0][0], outputs = sizeof p.base / sizeof p.base[0];
    constexpr bool vectors = width > 1;
    auto sum = static_cast<std::uint64_t>(Leaf(p.base[output]).raw());
    for (std::size_t t = vectors ? 0 : output; t < P::trees; t += vectors ? 1 : outputs) {
        auto n = std::size_t(p.roots[t]);
        while (p.features[n] != -1) {
            const T& v = x[p.features[n]];
            n = (OrEqual ? v <= p.values[n] : v < p.values[n]) ? n + 1 : std::size_t(p.right[n]);
        }
        std::size_t number = 0;
        for (std::size_t before = 0; before < n; ++before) number += p.features[before] == -1;
        sum += static_cast<std::uint64_t>(Leaf(p.leaves[number][vectors ? output : 0]).raw());
    }
    return static_cast<std::int64_t>(sum);
}

/// Raw numbers of the whole range, thresholds beyond the inputs' among them.
template <std::size_t Depth, class P>
void random_numbers(unsigned seed, std::size_t features, P& p) {
    random_forest<Depth>(seed, features, p);
    raw_values random(seed);
    random.fill(p.values, P::nodes);
    for (auto& row : p.leaves) random.fill(row, sizeof row / sizeof row[0]);
    random.fill(p.base, sizeof p.base / sizeof p.base[0]);
}
