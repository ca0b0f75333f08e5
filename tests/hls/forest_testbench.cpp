// forest_testbench.cpp: each call of forest_top goes to the simulated hardware; its score against that of a CPU.
#include <cstdint>
#include <cstdio>

using port = std::int16_t;
extern "C" port forest_top(port, port, port, port, port, port, port, port, port, port, port, port, port, port, port, port);

namespace {

constexpr port rows[][17] = {
#include "vectors.inc"
};

}  // namespace

int main() {
    int wrong = 0;
    int total = 0;
    for (const auto& x : rows) {
        const int y =
            forest_top(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13], x[14], x[15]);
        if (y != x[16]) {
            ++wrong;
            std::printf("event %d: got %d, expected %d\n", total, y, x[16]);
        }
        ++total;
    }
    std::printf(wrong == 0 ? "PASS: %d of %d events equal\n" : "FAIL: %d of %d events equal\n", total - wrong, total);
    return wrong == 0 ? 0 : 1;
}
