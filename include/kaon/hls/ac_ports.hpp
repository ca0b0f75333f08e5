// ac_ports.hpp: ac_fixed and ac_int as ports and words. The include path supplies <ac_fixed.h>: in an HLS flow the tool's own.
#pragma once

#include "ports.hpp"

#include <ac_fixed.h>
#include <ac_int.h>

#include <cstdint>

namespace kaon {

/// Numbers of Siemens's types.
/// @{
template <int W, int I, bool S, ac_q_mode Q, ac_o_mode O>
struct port<ac_fixed<W, I, S, Q, O>> {
    /// Its bits as they lie.
    /// @{
    [[gnu::always_inline]] static std::int64_t read(const ac_fixed<W, I, S, Q, O>& p) {
        return static_cast<std::int64_t>(p.template slc<W>(0).to_int64());
    }
    [[gnu::always_inline]] static void write(ac_fixed<W, I, S, Q, O>& p, std::int64_t raw) {
        p.set_slc(0, ac_int<W, S>(raw));
    }
    /// @}
};
template <int W, bool S>
struct port<ac_int<W, S>> {
    /// Its bits as they lie; those of a word that starts with none set.
    /// @{
    [[gnu::always_inline]] static std::int64_t read(const ac_int<W, S>& p) {
        return static_cast<std::int64_t>(p.to_int64());
    }
    [[gnu::always_inline]] static void write(ac_int<W, S>& p, std::int64_t raw) { p = raw; }
    template <int First, int Width>
    [[gnu::always_inline]] static std::uint64_t bits(const ac_int<W, S>& word) {
        return static_cast<std::uint64_t>(word.template slc<Width>(First).to_uint64());
    }
    template <int First, int Width>
    [[gnu::always_inline]] static void set_bits(ac_int<W, S>& word, std::uint64_t bits) {
        word.set_slc(First, ac_int<Width, false>(bits));
    }
    /// @}
};
/// @}

}  // namespace kaon
