// random.hpp: seeded numbers and double-precision references for the tests.
#pragma once

#include <cstddef>
#include <random>

/// Uniform floats in [-1, 1], the same on every machine.
class numbers {
public:
    explicit numbers(unsigned seed) : engine_(seed) {}
    template <class T>
    void fill(T* first, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) first[i] = static_cast<T>(static_cast<double>(engine_()) / 2147483648.0 - 1.0);
    }

private:
    std::mt19937 engine_;
};
