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

template <class Net>
typename Net::parameters random_parameters(unsigned seed) {
    typename Net::parameters p;
    numbers(seed).fill(reinterpret_cast<float*>(&p), sizeof p / sizeof(float));
    return p;
}

template <class Tensor>
Tensor random_event(unsigned seed) {
    Tensor t{};
    numbers(seed).fill(t.values, Tensor::size);
    return t;
}
