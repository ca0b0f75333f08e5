// ac_values.hpp: raw integers to and from ac_fixed, ac_int and words of them, for the test bench. Written by kaon hls.
#pragma once

#include <ac_fixed.h>
#include <ac_int.h>

#include <cstdint>

/// The number whose bits are those of `raw`.
template <class Port>
Port make(std::int64_t raw) {
    Port port = 0;
    port.set_slc(0, ac_int<Port::width, Port::sign>(raw));
    return port;
}

/// The bits of a number; above its width, copies of its sign.
template <class Port>
std::uint64_t bits(const Port& port) {
    return static_cast<std::uint64_t>(port.template slc<Port::width>(0).to_int64());
}

/// A word of `count` numbers, one after another.
template <class Word>
Word packed(const std::int64_t* x, int count, int width) {
    Word word = 0;
    for (int i = 0; i < count; ++i)
        for (int bit = 0; bit < width; ++bit) word[i * width + bit] = (x[i] >> bit & 1) != 0;
    return word;
}
template <class Word>
void unpack(const Word& word, int count, int width, std::uint64_t* to) {
    for (int i = 0; i < count; ++i) {
        to[i] = 0;
        for (int bit = 0; bit < width; ++bit) to[i] |= static_cast<std::uint64_t>(word[i * width + bit] ? 1 : 0) << bit;
    }
}
