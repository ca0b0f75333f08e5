// bound.hpp: the least time that a network of dense layers can take on the measured machine.
// Outputs are padded to whole registers. Activations, softmax and the loads of events are left out:
// the bound is what multiply-accumulates and weights alone cost.
#pragma once

#include "machine.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

struct dense_shape {
    std::size_t inputs;
    std::size_t outputs;
};

/// Whole-register multiply-accumulates of one event; as many registers of weights are loaded.
inline std::size_t register_steps(const std::vector<dense_shape>& layers) noexcept {
    std::size_t steps = 0;
    for (const dense_shape& layer : layers) {
        steps += layer.inputs * ((layer.outputs + register_lanes - 1) / register_lanes);
    }
    return steps;
}

/// Nanoseconds an event where `batch` events share each load of a weight: the slower of arithmetic and loads decides.
/// Weights come from the cache level that holds them all, at the rate measured for a buffer of their size.
inline double bound_of(const std::vector<dense_shape>& layers, const machine& core, std::size_t batch) noexcept {
    const double steps = double(register_steps(layers));
    return 1e9 * std::max(steps / core.register_fma_per_second, steps / core.weight_loads_per_second() / double(batch));
}

}  // namespace bench
