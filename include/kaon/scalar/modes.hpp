// modes.hpp: what happens to bits that a fixed-point type has no room for. Rounding first, then overflow.
#pragma once

namespace kaon {

/// What happens to bits below the format. In brackets the names of ap_fixed and ac_fixed, then of QONNX. SystemC (IEEE 1666) has the
/// first seven, as SC_TRN and so on.
enum class rounding_mode {
    truncate,              ///< toward minus infinity: the bits are dropped (AP_TRN; FLOOR)
    truncate_zero,         ///< toward zero (AP_TRN_ZERO; DOWN)
    round,                 ///< to nearest, halves toward plus infinity (AP_RND)
    round_zero,            ///< to nearest, halves toward zero (AP_RND_ZERO; HALF_DOWN)
    round_min_inf,         ///< to nearest, halves toward minus infinity (AP_RND_MIN_INF)
    round_inf,             ///< to nearest, halves away from zero (AP_RND_INF; HALF_UP)
    round_conv,            ///< to nearest, halves to even (AP_RND_CONV; ROUND, HALF_EVEN)
    toward_plus_infinity,  ///< toward plus infinity (CEIL)
    away_from_zero         ///< away from zero (UP)
};

/// What happens to values beyond the format.
enum class overflow_mode {
    wrap,               ///< keep the low bits (AP_WRAP)
    saturate,           ///< the nearest value there is (AP_SAT)
    saturate_zero,      ///< zero (AP_SAT_ZERO)
    saturate_symmetric  ///< as saturate, without the least value of a signed format: QONNX's narrow range (AP_SAT_SYM)
};

/// As arguments of fixed and ufixed.
/// @{
inline constexpr rounding_mode truncate = rounding_mode::truncate;
inline constexpr rounding_mode truncate_zero = rounding_mode::truncate_zero;
inline constexpr rounding_mode round = rounding_mode::round;
inline constexpr rounding_mode round_zero = rounding_mode::round_zero;
inline constexpr rounding_mode round_min_inf = rounding_mode::round_min_inf;
inline constexpr rounding_mode round_inf = rounding_mode::round_inf;
inline constexpr rounding_mode round_conv = rounding_mode::round_conv;
inline constexpr rounding_mode toward_plus_infinity = rounding_mode::toward_plus_infinity;
inline constexpr rounding_mode away_from_zero = rounding_mode::away_from_zero;
inline constexpr overflow_mode wrap = overflow_mode::wrap;
inline constexpr overflow_mode saturate = overflow_mode::saturate;
inline constexpr overflow_mode saturate_zero = overflow_mode::saturate_zero;
inline constexpr overflow_mode saturate_symmetric = overflow_mode::saturate_symmetric;
/// @}

}  // namespace kaon
