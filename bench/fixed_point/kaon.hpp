// kaon.hpp: a network in fixed point, which measures its bound, and the same topology in floats, with scores of its own.
#pragma once

#include "harness/integer_steps.hpp"
#include "harness/kaon.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// `Step` (harness/integer_steps.hpp) is what the sums of `Network` are made of.
template <class Network, const auto& Model, class Step>
class fixed_engine : public kaon_engine<Network, Model> {
public:
    fixed_engine(const events& given, std::vector<dense_shape> layers)
        : kaon_engine<Network, Model>(given), layers_(std::move(layers)) {}

    void measure() { steps_per_second_ = std::max(steps_per_second_, measure_integer_steps_per_second<Step>()); }
    double bound(const machine& core, std::size_t batch) const {
        return integer_bound_of<Step>(layers_, steps_per_second_, core, batch);
    }

private:
    std::vector<dense_shape> layers_;
    double steps_per_second_ = 0;
};

template <class Network, const auto& Model>
class float_engine : public kaon_engine<Network, Model> {
public:
    /// `expected`: [rows][outputs], in double precision.
    float_engine(const events& given, const std::string& expected, std::size_t outputs)
        : kaon_engine<Network, Model>(given), expected_(read_events(expected, outputs, given.rows())) {
        this->name = "kaon_float";
    }
    const std::vector<float>& expected() const noexcept { return expected_.values; }

private:
    events expected_;
};

}  // namespace bench
