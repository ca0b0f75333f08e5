// ap_ports.hpp: ap_fixed, ap_ufixed, ap_int and ap_uint as ports and words. The include path supplies <ap_fixed.h>: in an HLS flow the
// tool's own, never a copy.
#pragma once

#include "ports.hpp"

#include <ap_fixed.h>
#include <ap_int.h>

#include <cstdint>

namespace kaon {
namespace detail {

/// Port, whose W bits are read and written as they lie.
template <class Port, int W, bool S>
struct ap_port {
    [[gnu::always_inline]] static std::int64_t read(const Port& p) {
        return two_complement<W, S>(p.range(W - 1, 0).to_uint64());
    }
    [[gnu::always_inline]] static void write(Port& p, std::int64_t raw) {
        p.range(W - 1, 0) = static_cast<std::uint64_t>(raw) & low_bits(W);
    }
    template <int First, int Width>
    [[gnu::always_inline]] static std::uint64_t bits(const Port& word) {
        return word.range(First + Width - 1, First).to_uint64();
    }
    template <int First, int Width>
    [[gnu::always_inline]] static void set_bits(Port& word, std::uint64_t bits) {
        word.range(First + Width - 1, First) = bits;
    }
};

}  // namespace detail

/// Numbers of Xilinx's types.
/// @{
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct port<ap_fixed<W, I, Q, O, N>> : detail::ap_port<ap_fixed<W, I, Q, O, N>, W, true> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct port<ap_ufixed<W, I, Q, O, N>> : detail::ap_port<ap_ufixed<W, I, Q, O, N>, W, false> {};
template <int W>
struct port<ap_int<W>> : detail::ap_port<ap_int<W>, W, true> {};
template <int W>
struct port<ap_uint<W>> : detail::ap_port<ap_uint<W>, W, false> {};
/// @}

}  // namespace kaon
