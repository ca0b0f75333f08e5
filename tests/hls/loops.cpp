// loops.cpp: loops that an HLS compiler can count: over an array, by halves, with an end that comes earlier.
#include <cstdint>

namespace {

constexpr std::int16_t table[200] = {3, 1, 4, 1, 5, 9, 2, 6};

[[gnu::noinline]] int position(const std::int16_t* values, int wanted) {
    for (int i = 0; i < 300; ++i) {
        if (values[i] == wanted) return i;
    }
    return 300;
}

}  // namespace

/// Without a pipeline the call stays a module of its own.
extern "C" int loops_top(const std::int16_t* values, int wanted) {
    int sum = 0;
    for (std::int16_t entry : table) sum += entry ^ values[entry];
    for (int step = 128; step > 0; step >>= 1) sum += values[sum & step];
    return sum + position(values, wanted);
}
