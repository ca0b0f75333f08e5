// vectors.cpp: prints the rows {x0, x1, x2, x3, y0, y1} of raw integers that a CPU's registers give for trigger.hpp:
// the corners of the input first, then random events. Argument: how many rows.
#include <kaon/kaon.hpp>

#include "trigger.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    constexpr kaon::constant_model<trigger::network, trigger::parameters> model{};
    using x = trigger::network::input::scalar;
    const int rows = argc > 1 ? std::atoi(argv[1]) : 200;
    std::uint32_t state = 1;
    for (int row = 0; row < rows; ++row) {
        trigger::network::input event;
        int raw[4];
        for (int i = 0; i < 4; ++i) {
            state = state * 1664525u + 1013904223u;
            raw[i] = row < 16 ? ((row >> i) & 1 ? 127 : -128) : static_cast<int>(state >> 24) - 128;
            event[static_cast<std::size_t>(i)] = x::from_raw(raw[i]);
        }
        const auto y = model(event);
        std::printf("{%d, %d, %d, %d, %d, %d},\n", raw[0], raw[1], raw[2], raw[3], static_cast<int>(y[0].raw()),
                    static_cast<int>(y[1].raw()));
    }
}
