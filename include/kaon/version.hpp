// version.hpp: the one place that states kaon's version.
#pragma once

/// Trained networks as types: layers, scalars, models, and what runs them.
namespace kaon {

/// Of this copy of the headers (semver.org).
/// @{
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr char version[] = "0.1.0";
/// @}

}  // namespace kaon
