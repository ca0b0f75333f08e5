// bare.hpp: dense layers as one writes them in a vendor's fixed-point type: loops over arrays, types where the network has them.
#pragma once

#include "harness/events.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// Each product is converted to Sum, and the sums are to Result; then ReLU, where there is one, to Y.
template <class Sum, class Result, bool Relu, class X, std::size_t Inputs, class Weight, std::size_t Outputs, class Bias,
          class Y>
inline void bare_dense(const X (&x)[Inputs], const Weight (&weights)[Inputs][Outputs], const Bias (&bias)[Outputs],
                       Y (&y)[Outputs]) {
    Sum sums[Outputs];
    for (std::size_t to = 0; to < Outputs; ++to) sums[to] = bias[to];
    for (std::size_t from = 0; from < Inputs; ++from) {
        for (std::size_t to = 0; to < Outputs; ++to) sums[to] += Sum(x[from] * weights[from][to]);
    }
    for (std::size_t to = 0; to < Outputs; ++to) {
        const Result result = sums[to];
        if constexpr (Relu) {
            if (result > 0) y[to] = result;
            else y[to] = 0;
        } else {
            y[to] = result;
        }
    }
}

/// Parameters in a vendor's type, from raw integers with so many bits after the binary point.
template <class T, std::size_t Inputs, std::size_t Outputs>
struct vendor_weights {
    T values[Inputs][Outputs];
    vendor_weights(const std::int32_t (&raw)[Inputs][Outputs], int fraction) {
        for (std::size_t from = 0; from < Inputs; ++from) {
            for (std::size_t to = 0; to < Outputs; ++to) values[from][to] = T(std::ldexp(double(raw[from][to]), -fraction));
        }
    }
};
template <class T, std::size_t Outputs>
struct vendor_bias {
    T values[Outputs];
    vendor_bias(const std::int32_t (&raw)[Outputs], int fraction) {
        for (std::size_t to = 0; to < Outputs; ++to) values[to] = T(std::ldexp(double(raw[to]), -fraction));
    }
};

}  // namespace bench
