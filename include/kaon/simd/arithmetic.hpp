// arithmetic.hpp: what a nest is written on: how many outputs move together on a target and how they are loaded and stored.
#pragma once

#include "exponential.hpp"
#include "pack.hpp"
#include "scalar.hpp"

#include "../core/shape.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// The scalar of a layer's parameters when its values have scalar T: packs of events share one weight.
template <class T>
struct parameter_scalar {
    using type = T;
};
template <class T, std::size_t L, class Target>
struct parameter_scalar<pack<T, L, Target>> {
    using type = T;
};
template <class T>
using parameter_scalar_t = typename parameter_scalar<T>::type;

/// Loads, stores and broadcasts of scalars T, up to `Wanted` at once, on Target.
template <class Target, class T, std::size_t Wanted, class = void>
struct arithmetic {
    static constexpr std::size_t lanes = 1;
    using value = T;
    [[gnu::always_inline]] static value load(const T* p) noexcept { return *p; }
    [[gnu::always_inline]] static value load_first(const T* p, std::size_t) noexcept { return *p; }
    template <class Weight>
    [[gnu::always_inline]] static value weight(const Weight* p) noexcept { return value(*p); }
    [[gnu::always_inline]] static value broadcast(const T& x) noexcept { return x; }
    [[gnu::always_inline]] static void store(T* p, const value& v) noexcept { *p = v; }
};

template <class Target, class T, std::size_t Wanted>
struct arithmetic<Target, T, Wanted,
                  std::enable_if_t<std::is_floating_point_v<T> && (detail::register_size<typename Target::isa> > 0)>> {
    static constexpr std::size_t widest = std::size_t(detail::register_size<typename Target::isa>) / sizeof(T);
    // Half a register where the outputs fit: the other half would be multiplied for nothing.
    static constexpr std::size_t lanes = Wanted <= widest / 2 && widest * sizeof(T) > 16 ? widest / 2 : widest;
    using value = pack<T, lanes, Target>;

    [[gnu::always_inline]] static value load(const T* p) noexcept { return value::load(p); }
    /// The first n values from p; the other lanes are zero. Reads nothing beyond p[n - 1].
    [[gnu::always_inline]] static value load_first(const T* p, std::size_t n) noexcept {
        if (n >= lanes) return value::load(p);
        T padded[lanes] = {};
        for (std::size_t i = 0; i < n; ++i) padded[i] = p[i];
        return value::load(padded);
    }
    [[gnu::always_inline]] static value weight(const T* p) noexcept { return value::load(p); }
    [[gnu::always_inline]] static value broadcast(const T& x) noexcept { return value(x); }
    [[gnu::always_inline]] static void store(T* p, const value& v) noexcept { v.store(p); }
};

}  // namespace kaon
