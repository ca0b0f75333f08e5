// random_network.hpp: one network in kaon's types beside the same in hls4ml's firmware, for the programs of random_networks.py.
#pragma once

#include <kaon/kaon.hpp>
#include <kaon/scalar/ap_fixed.hpp>

#include <nnet_utils/nnet_activation.h>
#include <nnet_utils/nnet_dense.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

/// The raw integer, exact up to 53 bits.
template <class T>
std::int64_t raw_of(const T& value) {
    return static_cast<std::int64_t>(std::ldexp(value.to_double(), kaon::format_of<T>::fraction));
}

/// The firmware's parameters, [in][out] in one row, in a layer's.
template <class Slot, class Weight, class Bias>
void fill(Slot& slot, const Weight* weights, const Bias* biases) {
    for (auto& row : slot.weights) {
        for (auto& weight : row) weight = std::decay_t<decltype(weight)>::from_raw(raw_of(*weights++));
    }
    for (auto& bias : slot.bias) bias = std::decay_t<decltype(bias)>::from_raw(raw_of(*biases++));
}

/// The firmware's table, for kaon::table_values.
template <class Entry, std::size_t Size>
void copy_entries(const Entry (&entries)[Size], std::int64_t (&raws)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) raws[i] = raw_of(entries[i]);
}

/// Events of raw integers at random: all of the least, all of the greatest value, one in eight an extreme; a tenth of them small.
template <class X, std::size_t Inputs>
std::vector<X> random_inputs(unsigned seed, std::size_t events) {
    std::mt19937_64 random(seed);
    // As conversions give them: saturate_symmetric leaves out the least raw value.
    using limits = std::numeric_limits<X>;
    const std::int64_t low = limits::lowest().raw(), high = limits::max().raw();
    std::vector<X> x(events * Inputs);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t event = i / Inputs;
        const auto bits = static_cast<std::int64_t>(random());
        const int shift = event % 10 == 9 ? X::width / 2 : 0;
        const std::int64_t drawn = kaon::detail::wrapped(bits >> 4, X::width, X::is_signed) >> shift;
        const bool extreme = event % 10 != 9 && (bits & 15) < 2;
        const std::int64_t raw = event == 0 || (extreme && (bits & 1) == 0) ? low : event == 1 || extreme ? high : drawn;
        x[i] = X::from_raw(raw < low ? low : raw);
    }
    return x;
}

/// Sums over the networks of a program; folder, if any: where each network's inputs and the firmware's outputs go, as text.
struct tally {
    const char* folder = nullptr;
    int networks = 0;
    int varied = 0;
    long long compared = 0;
    long long different = 0;
};

/// Every output bit of the firmware beside kaon's: one event in registers and in scalars, and a batch. Prints a line.
template <class Net, class In, class Out, class Firmware>
void compare(const char* name, const char* layers, unsigned seed, const typename Net::parameters& parameters,
             Firmware firmware, tally& sum) {
    constexpr std::size_t events = 128, inputs = Net::input::size, outputs = Net::output::size;
    using x_scalar = typename Net::input::scalar;
    using y_scalar = typename Net::output::scalar;
    static_assert(kaon::format_of<Out>::width == y_scalar::width && kaon::format_of<Out>::integer == y_scalar::integer &&
                  kaon::format_of<Out>::is_signed == y_scalar::is_signed);
    const auto model = std::make_unique<const kaon::model<Net>>(parameters);
    const auto scalars = std::make_unique<const kaon::model<Net, kaon::cpu<kaon::scalar_isa>>>(parameters);
    const std::vector<x_scalar> x = random_inputs<x_scalar, inputs>(seed, events);
    std::vector<y_scalar> batch(events * outputs);
    (*model)(kaon::batch_view<const x_scalar>{x.data(), events, inputs},
             kaon::batch_view<y_scalar>{batch.data(), events, outputs});
    long long different = 0;
    std::set<std::int64_t> values;
    std::ofstream rows;
    if (sum.folder != nullptr) rows.open(std::string(sum.folder) + "/" + name + ".txt");
    for (std::size_t event = 0; event < events; ++event) {
        typename Net::input in;
        In data[inputs];
        Out expected[outputs];
        for (std::size_t i = 0; i < inputs; ++i) {
            in[i] = x[event * inputs + i];
            data[i] = static_cast<double>(in[i]);
        }
        firmware(data, expected);
        const auto y = (*model)(in);
        const auto z = (*scalars)(in);
        for (std::size_t o = 0; o < outputs; ++o) {
            const std::int64_t raw = raw_of(expected[o]);
            different += y[o].raw() != raw || z[o].raw() != raw || batch[event * outputs + o].raw() != raw;
            values.insert(raw);
        }
        rows << std::setprecision(17);
        for (const auto& value : data) rows << value.to_double() << ' ';
        for (const auto& value : expected) rows << value.to_double() << ' ';
        rows << '\n';
    }
    ++sum.networks;
    sum.varied += values.size() > 2;
    sum.compared += static_cast<long long>(events * outputs);
    sum.different += different;
    std::printf("%s: %s: %zu outputs, %zu values, %lld different\n", name, layers, events * outputs, values.size(),
                different);
}
