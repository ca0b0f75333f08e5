// testbench.cpp: each call of trigger_top goes to the simulated hardware; its outputs against those of a CPU.
#include <cstdint>
#include <cstdio>

extern "C" std::uint32_t trigger_top(std::int8_t, std::int8_t, std::int8_t, std::int8_t);

namespace {

constexpr int rows[][6] = {
#include "vectors.inc"
};

}  // namespace

int main() {
    int wrong = 0;
    int total = 0;
    for (const auto& row : rows) {
        const std::uint32_t y = trigger_top(static_cast<std::int8_t>(row[0]), static_cast<std::int8_t>(row[1]),
                                            static_cast<std::int8_t>(row[2]), static_cast<std::int8_t>(row[3]));
        const int y0 = static_cast<std::int16_t>(y & 0xffffu);
        const int y1 = static_cast<std::int16_t>(y >> 16);
        if (y0 != row[4] || y1 != row[5]) {
            ++wrong;
            std::printf("event %d: got %d %d, expected %d %d\n", total, y0, y1, row[4], row[5]);
        }
        ++total;
    }
    std::printf(wrong == 0 ? "PASS: %d of %d events equal\n" : "FAIL: %d of %d events equal\n", total - wrong, total);
    return wrong == 0 ? 0 : 1;
}
