// error_function.hpp: erf of a float or a pack of floats, without libm.
#pragma once

#include "exponential.hpp"
#include "scalar.hpp"

namespace kaon {

/// erf(x), within 4 units in the last place. NaN stays NaN.
/// Below 1 an odd polynomial; above, 1 - e^-q, where q / |x| is a polynomial on [1, 4]; both fitted at Chebyshev nodes.
template <class V>
[[gnu::always_inline]] inline V error_function(const V& x) noexcept {
    const V a = maximum(x, V(0.0f) - x);
    const V z = a * a;
    V near = multiply_add(z, V(7.8824974e-5f), V(-8.018855e-4f));
    near = multiply_add(z, near, V(5.1893123e-3f));
    near = multiply_add(z, near, V(-2.6854329e-2f));
    near = multiply_add(z, near, V(1.12835974e-1f));
    near = multiply_add(z, near, V(-3.7612626e-1f));
    near = multiply_add(z, near, V(1.1283791f)) * x;

    const V b = minimum(V(4.0f), a);  // erf(4) rounds to 1
    V q = multiply_add(b, V(-1.0119172e-6f), V(3.3830085e-5f));
    q = multiply_add(b, q, V(-4.9509812e-4f));
    q = multiply_add(b, q, V(4.2907689e-3f));
    q = multiply_add(b, q, V(-2.5114229e-2f));
    q = multiply_add(b, q, V(1.07828915e-1f));
    q = multiply_add(b, q, V(6.3416171e-1f));
    q = multiply_add(b, q, V(1.1289005f)) * b;
    const V far = V(1.0f) - exponential_of_nonpositive(V(0.0f) - q);
    return select(less(a, V(1.0f)), near, select(less(x, V(0.0f)), V(0.0f) - far, far));
}

}  // namespace kaon
