// raw_values.hpp: raw integers to and from ports of built-in integers, for the test bench. Written by kaon hls.
#pragma once

#include <cstdint>

#define TESTBENCH_MAIN int main()
#define TESTBENCH_RETURN(code) return code

template <class Port>
Port make(std::int64_t raw) {
    return static_cast<Port>(raw);
}

template <class Port>
std::uint64_t bits(Port port) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(port));
}
