// modes.hpp: what happens to bits that a fixed-point type has no room for. Rounding first, then overflow.
#pragma once

namespace kaon {

/// What happens to bits below the format.
enum class rounding_mode {
    truncate,  ///< drop the bits: toward minus infinity (AP_TRN)
    round      ///< to nearest, halves toward plus infinity (AP_RND)
};

/// What happens to values beyond the format.
enum class overflow_mode {
    wrap,     ///< keep the low bits (AP_WRAP)
    saturate  ///< the nearest value there is (AP_SAT)
};

/// As arguments of fixed and ufixed.
/// @{
inline constexpr rounding_mode truncate = rounding_mode::truncate;
inline constexpr rounding_mode round = rounding_mode::round;
inline constexpr overflow_mode wrap = overflow_mode::wrap;
inline constexpr overflow_mode saturate = overflow_mode::saturate;
/// @}

}  // namespace kaon
