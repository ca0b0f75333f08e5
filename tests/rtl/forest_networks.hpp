// forest_networks.hpp: a forest in fixed point whose record is tested, and trees for it.
#pragma once

#include <kaon/kaon.hpp>

#include "../random_forest.hpp"
#include "../raw_values.hpp"

#include <cstddef>

namespace networks {

/// Ragged trees of four levels on inputs of eight bits and thresholds of nine, two classes; sums that wrap.
using forest = kaon::network<kaon::input<kaon::fixed<8, 4>, 6>,
                             kaon::forest<20, 220, 4, 2, kaon::weights<kaon::fixed<9, 4>>, kaon::bias<kaon::fixed<10, 3>>,
                                          kaon::accumulator<kaon::fixed<11, 4, kaon::round>>>>;

inline void fill(raw_values& random, forest::parameters& p) {
    auto& trees = kaon::get<0>(p);
    random_forest<4>(20, 6, trees);
    random.fill(trees.values, sizeof trees.values / sizeof trees.values[0]);
    for (auto& row : trees.leaves) random.fill(row, 1);
    random.fill(trees.base, 2);
}

}  // namespace networks
