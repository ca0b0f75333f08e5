// design_top.cpp: a design of designs.hpp as a function of ports. DESIGN names it; IN_TURNS: it is not pipelined as a whole.
#include "designs.hpp"

#include <cstdint>

namespace {

using design = designs::DESIGN;
constexpr kaon::constant_model<design::network, design::parameters, kaon::hls> model{};

}  // namespace

// Tools read the pragma as it is written.
// clang-format off
#ifndef IN_TURNS
#pragma HLS pipeline II=1
#endif
// clang-format on
extern "C" std::uint64_t design_top(std::int8_t x0, std::int8_t x1, std::int8_t x2, std::int8_t x3) {
    using x = design::network::input::scalar;
    return designs::word_of(model(
        {{designs::from_port<x>(x0), designs::from_port<x>(x1), designs::from_port<x>(x2), designs::from_port<x>(x3)}}));
}
