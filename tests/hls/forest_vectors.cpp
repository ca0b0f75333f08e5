// forest_vectors.cpp: prints rows of 16 raw inputs and the raw score that a CPU gives for forest.hpp: corners first, then values at
// random, some of them on thresholds. Argument: how many rows.
#include <kaon/kaon.hpp>

#include "forest.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

int main(int argc, char** argv) {
    const auto model = std::make_unique<kaon::model<forest::network>>(forest::parameters);
    const auto& trees = kaon::get<0>(forest::parameters);
    const int rows = argc > 1 ? std::atoi(argv[1]) : 200;
    std::uint32_t state = 1;
    const auto next = [&state]() {
        state = state * 1664525u + 1013904223u;
        return state >> 16;
    };
    for (int row = 0; row < rows; ++row) {
        forest::network::input event{};
        std::printf("{");
        for (std::size_t i = 0; i < forest::features; ++i) {
            int raw = static_cast<std::int16_t>(next());
            const auto node = next() * forest::nodes >> 16;
            if (trees.features[node] == static_cast<std::int32_t>(i)) raw = static_cast<int>(trees.values[node].raw());
            if (row < 2) raw = row == 0 ? -32768 : 32767;
            event[i] = forest::feature::from_raw(raw);
            std::printf("%d, ", raw);
        }
        std::printf("%d},\n", static_cast<int>((*model)(event)[0].raw()));
    }
}
