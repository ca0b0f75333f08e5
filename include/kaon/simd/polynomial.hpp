// polynomial.hpp: a polynomial by Horner's rule.
#pragma once

#include "scalar.hpp"

namespace kaon::detail {

/// c0 + x (c1 + x (c2 + ...)), the coefficients rounded to V's lanes.
template <class V>
[[gnu::always_inline]] inline V polynomial(const V&, double c0) noexcept {
    return V(static_cast<lane_of<V>>(c0));
}
template <class V, class... Rest>
[[gnu::always_inline]] inline V polynomial(const V& x, double c0, double c1, Rest... rest) noexcept {
    return multiply_add(x, polynomial(x, c1, rest...), V(static_cast<lane_of<V>>(c0)));
}

}  // namespace kaon::detail
