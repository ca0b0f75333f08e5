// design_vectors.cpp: prints the rows {x0, x1, x2, x3, outputs in one word} that a CPU's registers give for DESIGN: the corners of the
// input first, then random events. Argument: how many rows.
#include <kaon/kaon.hpp>

#include "designs.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    using design = designs::DESIGN;
    using input = design::network::input;
    constexpr kaon::constant_model<design::network, design::parameters> model{};
    const int rows = argc > 1 ? std::atoi(argv[1]) : 200;
    std::uint32_t state = 1;
    for (int row = 0; row < rows; ++row) {
        input event{};
        for (std::size_t i = 0; i < input::size; ++i) {
            state = state * 1664525u + 1013904223u;
            const int raw = row < 16 ? ((row >> i) & 1 ? 127 : -128) : static_cast<int>(state >> 24) - 128;
            event[i] = designs::from_port<input::scalar>(static_cast<std::int8_t>(raw));
            std::printf("%s%d, ", i == 0 ? "{" : "", raw);
        }
        std::printf("0x%016llxu},\n", static_cast<unsigned long long>(designs::word_of(model(event))));
    }
}
