// target.hpp: where packs live. The target is part of every type whose layout or code depends on the architecture.
#pragma once

#include "../hls/tool.hpp"

namespace kaon {

struct scalar_isa {};
struct sse2 {};
struct avx2 {};
struct avx512 {};
/// AVX-512 with dot products of 8-bit integers (VNNI).
struct avx512_vnni {};
struct neon {};

/// A CPU whose widest registers are those of `Isa`.
template <class Isa>
struct cpu {
    /// The instruction set.
    using isa = Isa;
    /// Loops over whole blocks stay loops, and an event is one function.
    static constexpr bool unrolled = false;
};

/// Wires of an FPGA, through an HLS compiler: every loop unrolled, every call inlined.
struct hls {
    /// None: scalar by scalar.
    using isa = scalar_isa;
    /// Loops become hardware.
    static constexpr bool unrolled = true;
};

/// The widest instruction set that this translation unit may use.
#if defined(__AVX512VNNI__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__)
using native_isa = avx512_vnni;
#elif defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__)
using native_isa = avx512;
#elif defined(__AVX2__) && defined(__FMA__)
using native_isa = avx2;
#elif defined(__SSE2__)
using native_isa = sse2;
#elif defined(__aarch64__)
using native_isa = neon;
#else
using native_isa = scalar_isa;
#endif

/// The target that this translation unit is compiled for: in an HLS tool, wires.
#if defined(KAON_HLS)
using native = hls;
#else
using native = cpu<native_isa>;
#endif

/// Target, with floating point computed in one order, each operation rounded by itself: the same bits on every architecture,
/// from every compiler, of one event and of batches, at a cost. model<Net, reproducible<>>. Not under -ffast-math.
template <class Target = native>
struct reproducible : Target {};

namespace detail {

template <class Target>
inline constexpr bool is_reproducible = false;
template <class Target>
inline constexpr bool is_reproducible<reproducible<Target>> = true;

/// Bytes of the widest register; 0 where there is none.
template <class Isa>
inline constexpr int register_size = 0;
template <>
inline constexpr int register_size<sse2> = 16;
template <>
inline constexpr int register_size<neon> = 16;
template <>
inline constexpr int register_size<avx2> = 32;
template <>
inline constexpr int register_size<avx512> = 64;
template <>
inline constexpr int register_size<avx512_vnni> = 64;

}  // namespace detail
}  // namespace kaon
