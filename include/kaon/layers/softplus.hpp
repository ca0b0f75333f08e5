// softplus.hpp: softplus and softsign.
#pragma once

#include "../simd/logarithm.hpp"
#include "activation.hpp"

namespace kaon {

/// log(1 + exp(x)).
struct softplus_function : table_function<detail::softplus_table, within_eight> {
    static constexpr char kind[] = "softplus";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        const V magnitude = maximum(x, V(0.0f) - x);
        return maximum(V(0.0f), x) + logarithm_of_one_plus(exponential(V(0.0f) - magnitude));
    }
};

/// x / (1 + |x|).
struct softsign_function : table_function<detail::softsign_table, within_eight> {
    static constexpr char kind[] = "softsign";
    template <class V>
    [[gnu::always_inline]] static V apply(const V& x) noexcept {
        return x / (V(1.0f) + maximum(x, V(0.0f) - x));
    }
};

/// log(1 + e^x). Fixed point: a table of [-8, 8).
template <class... Options>
using basic_softplus = activation<softplus_function, Options...>;
using softplus = basic_softplus<>;

/// x / (1 + |x|). Fixed point: a table of [-8, 8).
template <class... Options>
using basic_softsign = activation<softsign_function, Options...>;
using softsign = basic_softsign<>;

}  // namespace kaon
