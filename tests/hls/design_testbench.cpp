// design_testbench.cpp: each call of design_top goes to the simulated hardware; its outputs against those of a CPU.
#include <cstdint>
#include <cstdio>

extern "C" std::uint64_t design_top(std::int8_t, std::int8_t, std::int8_t, std::int8_t);

namespace {

struct row {
    int x[4];
    std::uint64_t y;
};
const row rows[] = {
#include "vectors.inc"
};

}  // namespace

int main() {
    int wrong = 0;
    int total = 0;
    for (const row& r : rows) {
        const std::uint64_t y = design_top(static_cast<std::int8_t>(r.x[0]), static_cast<std::int8_t>(r.x[1]),
                                           static_cast<std::int8_t>(r.x[2]), static_cast<std::int8_t>(r.x[3]));
        if (y != r.y) {
            ++wrong;
            std::printf("event %d: got %08x%08x, expected %08x%08x\n", total, unsigned(y >> 32), unsigned(y),
                        unsigned(r.y >> 32), unsigned(r.y));
        }
        ++total;
    }
    std::printf(wrong == 0 ? "PASS: %d of %d events equal\n" : "FAIL: %d of %d events equal\n", total - wrong, total);
    return wrong == 0 ? 0 : 1;
}
