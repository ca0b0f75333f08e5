// forest.hpp: 100 complete trees of four levels over 16 features of 16 bits, thresholds and leaves drawn at random.
#pragma once

#include <kaon/hls.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace forest {

using feature = kaon::fixed<16, 6>;
using score = kaon::fixed<16, 6>;
inline constexpr std::size_t features = 16, trees = 100, depth = 4, nodes = trees * 31;

using network = kaon::network<kaon::input<feature, features>,
                              kaon::forest<trees, nodes, depth, 1, kaon::bias<score>, kaon::accumulator<score>>>;

/// Thresholds of the whole range; leaves of a boosted tree, between -1/2 and 1/2.
constexpr network::parameters drawn() {
    network::parameters p{};
    auto& f = kaon::get<0>(p);
    std::uint32_t state = 2026;
    const auto next = [&state]() {
        state = state * 1664525u + 1013904223u;
        return static_cast<std::int32_t>(state) / 65536;
    };
    std::size_t node = 0, leaf = 0;
    for (std::size_t t = 0; t < trees; ++t) {
        f.roots[t] = static_cast<std::int32_t>(node);
        std::size_t parents[depth + 1]{}, levels[depth + 1]{}, open = 0, level = 0;
        while (true) {
            if (level < depth) {
                f.features[node] = (next() & 0x7fff) % static_cast<std::int32_t>(features);
                f.values[node] = feature::from_raw(next());
                parents[open] = node++;
                levels[open++] = ++level;
                continue;
            }
            f.features[node++] = -1;
            f.leaves[leaf++][0] = score::from_raw(next() / 64);
            if (open == 0) break;
            level = levels[--open];
            f.right[parents[open]] = static_cast<std::int32_t>(node);
        }
    }
    return p;
}
inline constexpr network::parameters parameters = drawn();

}  // namespace forest
