// comparisons.hpp: how many values are compared with parameters at once: as an arithmetic has it, but in a CPU's registers fixed point
// fills them (fixed_comparisons.hpp), for nothing becomes wider.
#pragma once

#include "arithmetic.hpp"

#include <cstddef>

namespace kaon {

/// Up to `Wanted` values of scalar T on Target: lanes, value, load, load_first as of an arithmetic.
template <class Target, class T, std::size_t Wanted, class = void>
struct comparisons : arithmetic<Target, T, Wanted> {};

}  // namespace kaon
