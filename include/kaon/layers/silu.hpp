// silu.hpp: x weighted by its sigmoid.
#pragma once

#include "activation.hpp"

namespace kaon {
namespace detail {

/// x / (1 + e^-y) for y of the sign of x: what is far below is zero, whatever its size.
template <class V>
[[gnu::always_inline]] inline V weighted_by_sigmoid(const V& x, const V& y) noexcept {
    return maximum(V(-1e20f), x) / (V(1.0f) + exponential(V(0.0f) - y));
}

}  // namespace detail

/// x sigmoid(x) (arXiv:1606.08415, where it is SiLU).
struct silu_function : table_function<detail::silu_table, within_eight> {
    static constexpr char kind[] = "silu";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return detail::weighted_by_sigmoid(x, x);
    }
};

/// x sigmoid(x), also called swish (Elfwing et al., arXiv:1702.03118). Fixed point: a table of [-8, 8): beyond, its
/// ends.
template <class... Options>
using basic_silu = activation<silu_function, Options...>;
using silu = basic_silu<>;

}  // namespace kaon
