// opaque.hpp: a value in a register that the compiler may not look through.
#pragma once

#include <cstddef>

namespace kaon::detail {

/// Register: a vector of the target's, a float or a double. No instruction; whatever computed the value and whatever reads it are
/// kept apart: a multiplication and an addition stay two, and one load stays one.
template <class Register>
[[gnu::always_inline]] inline void make_opaque(Register& value) noexcept {
#if defined(__aarch64__)
    asm("" : "+w"(value));
#elif defined(__SSE2__)
    asm("" : "+v"(value));
#else
    asm("" : "+m"(value));
#endif
}

/// The same of an integer.
[[gnu::always_inline]] inline void make_opaque_integer(std::size_t& value) noexcept { asm("" : "+r"(value)); }

}  // namespace kaon::detail
