// scores.hpp: the tagger for the architecture that a caller names. It knows names of architectures and nothing of the network, so that any
// part of a program may include it.
#pragma once

#include <kaon/simd/target.hpp>

#include <cstddef>

/// Scores of `rows` jets: jets [rows][16], scores [rows][5]. Defined in scores.cpp, once for each architecture that it is compiled for.
template <class Target>
void scores_of(const float* jets, float* scores, std::size_t rows) noexcept;
