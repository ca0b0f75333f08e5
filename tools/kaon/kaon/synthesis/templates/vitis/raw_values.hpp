// raw_values.hpp: raw integers to and from ap_fixed, ap_int and words of them, for the test bench. Written by kaon hls.
#pragma once

#include <ap_fixed.h>
#include <ap_int.h>

#include <cstdint>

#define TESTBENCH_MAIN int main()
#define TESTBENCH_RETURN(code) return code

/// The number whose bits are those of `raw`.
template <class Port>
Port make(std::int64_t raw) {
    Port port = 0;
    port.range() = static_cast<unsigned long long>(raw);
    return port;
}

/// The bits of a number; above its width, zeros.
template <class Port>
std::uint64_t bits(const Port& port) {
    return port.range().to_uint64();
}

/// A word of `count` numbers, one after another.
template <class Word>
Word packed(const std::int64_t* x, int count, int width) {
    Word word = 0;
    for (int i = 0; i < count; ++i) word.range(i * width + width - 1, i * width) = static_cast<unsigned long long>(x[i]);
    return word;
}
template <class Word>
void unpack(const Word& word, int count, int width, std::uint64_t* to) {
    for (int i = 0; i < count; ++i) to[i] = word.range(i * width + width - 1, i * width).to_uint64();
}
