// top.cpp: the function that becomes hardware: one event a call, raw integers as ports.
#include "trigger.hpp"

#include <cstdint>

namespace {

constexpr kaon::constant_model<trigger::network, trigger::parameters, kaon::hls> model{};

}  // namespace

/// Four inputs as raw fixed<8, 4>; the scores as raw fixed<16, 7>, the first in the low half.
// Tools read the pragma as it is written.
// clang-format off
#pragma HLS pipeline II=1
// clang-format on
extern "C" std::uint32_t trigger_top(std::int8_t x0, std::int8_t x1, std::int8_t x2, std::int8_t x3) {
    using x = trigger::network::input::scalar;
    const trigger::network::input event{{x::from_raw(x0), x::from_raw(x1), x::from_raw(x2), x::from_raw(x3)}};
    const auto y = model(event);
    return static_cast<std::uint16_t>(y[0].raw()) | static_cast<std::uint32_t>(static_cast<std::uint16_t>(y[1].raw())) << 16;
}
