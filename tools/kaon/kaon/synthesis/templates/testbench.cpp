// testbench.cpp: golden events through the top function; every bit against what a CPU computed. Written by kaon hls.
#include "@TOP@.hpp"
#include "raw_values.hpp"

#include <cstdint>
#include <cstdio>
namespace {

struct golden_event {
    std::int64_t x[@INPUTS@];
    std::int64_t y[@OUTPUTS@];
};
const golden_event golden[] = {
#include "golden.inc"
};

/// Of each output: its bits, and whether the highest of them is a sign.
struct number_format {
    int width;
    bool is_signed;
};
const number_format formats[@OUTPUTS@] = {
@FORMATS@
};

/// The number that `bits` ends with.
long long number(std::uint64_t bits, number_format format) {
    const std::uint64_t sign = format.is_signed ? std::uint64_t(1) << (format.width - 1) : 0;
    return static_cast<long long>(((bits & (~std::uint64_t(0) >> (64 - format.width))) ^ sign) - sign);
}

}  // namespace

TESTBENCH_MAIN {
    int wrong = 0;
    int total = 0;
@BEFORE@
    for (const golden_event& event : golden) {
        std::uint64_t got[@OUTPUTS@] = {};
@CALL@
        bool equal = true;
        for (int i = 0; i < @OUTPUTS@; ++i) {
            if (number(got[i], formats[i]) != event.y[i]) {
                equal = false;
                std::printf("event %d, output %d: got %lld, expected %lld\n", total, i, number(got[i], formats[i]),
                            static_cast<long long>(event.y[i]));
            }
        }
        if (!equal) ++wrong;
        ++total;
    }
    std::printf(wrong == 0 ? "PASS: %d of %d events equal\n" : "FAIL: %d of %d events equal\n", total - wrong, total);
    TESTBENCH_RETURN(wrong == 0 ? 0 : 1);
}
