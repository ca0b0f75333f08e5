// fixed_bits.hpp: a fixed-point network in scalars and in registers: how many bits differ.
#pragma once

#include <kaon/kaon.hpp>

#include "raw_values.hpp"

#include <cstddef>
#include <memory>
#include <vector>

/// Outputs that differ between the scalar loop and registers, over a number of events that leaves a tail, one by one and as a batch.
template <class Net>
int different_bits(std::uint64_t seed = Net::cost::multiplications) {
    raw_values random(seed);
    auto p = std::make_unique<typename Net::parameters>();
    random.fill(*p);
    const auto one_by_one = std::make_unique<kaon::model<Net, kaon::cpu<kaon::scalar_isa>>>(*p);
    const auto registers = std::make_unique<kaon::model<Net>>(*p);

    using in = typename Net::input;
    using out = typename Net::output;
    constexpr std::size_t events = 43;
    std::vector<typename in::scalar> x(events * in::size);
    random.fill(x.data(), x.size());
    std::vector<typename out::scalar> batch(events * out::size);
    (*registers)(kaon::batch_view<const typename in::scalar>{x.data(), events, in::size},
                 kaon::batch_view<typename out::scalar>{batch.data(), events, out::size});
    int different = 0;
    for (std::size_t e = 0; e < events; ++e) {
        in event;
        for (std::size_t i = 0; i < in::size; ++i) event[i] = x[e * in::size + i];
        const auto expected = (*one_by_one)(event);
        const auto y = (*registers)(event);
        for (std::size_t o = 0; o < out::size; ++o) {
            different += y[o].raw() != expected[o].raw() || batch[e * out::size + o].raw() != expected[o].raw();
        }
    }
    return different;
}
