// forest_top.cpp: the forest as a function of ports: one event a call, raw integers, the score's raw integer back.
#include "forest.hpp"

#include <cstdint>

namespace {

constexpr kaon::constant_model<forest::network, forest::parameters, kaon::hls> model{};

constexpr forest::feature raw(std::int16_t x) { return forest::feature::from_raw(x); }

}  // namespace

// Tools read the pragma as it is written.
// clang-format off
#pragma HLS pipeline II=1
// clang-format on
extern "C" std::int16_t forest_top(std::int16_t x0, std::int16_t x1, std::int16_t x2, std::int16_t x3, std::int16_t x4,
                                   std::int16_t x5, std::int16_t x6, std::int16_t x7, std::int16_t x8, std::int16_t x9,
                                   std::int16_t x10, std::int16_t x11, std::int16_t x12, std::int16_t x13, std::int16_t x14,
                                   std::int16_t x15) {
    const forest::network::input event{{raw(x0), raw(x1), raw(x2), raw(x3), raw(x4), raw(x5), raw(x6), raw(x7), raw(x8),
                                        raw(x9), raw(x10), raw(x11), raw(x12), raw(x13), raw(x14), raw(x15)}};
    return static_cast<std::int16_t>(model(event)[0].raw());
}
