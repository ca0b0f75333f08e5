// scalar_lanes.hpp: scalars that move together without a register for them: what a function of fixed point computes where its
// values are wider than the pack's lanes, or come from a table.
#pragma once

#include "look_up.hpp"

#include "../scalar/precision.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// L times the arithmetic of T, with T's bits.
template <class T, std::size_t L>
class scalar_lanes {
public:
    /// A lane's type; how many.
    /// @{
    using value_type = T;
    static constexpr std::size_t lanes = L;
    /// @}

    scalar_lanes() = default;
    /// The same in every lane.
    [[gnu::always_inline]] constexpr scalar_lanes(T value) noexcept : values_() {
        for (T& each : values_) each = value;
    }
    /// f(l) in lane l.
    template <class F>
    [[gnu::always_inline]] static constexpr scalar_lanes each(const F& f) noexcept {
        scalar_lanes result;
        for (std::size_t l = 0; l < L; ++l) result.values_[l] = f(l);
        return result;
    }
    /// The lanes of a pack.
    template <class Pack>
    [[gnu::always_inline]] static scalar_lanes of(const Pack& pack) noexcept {
        scalar_lanes result;
        pack.store(result.values_);
        return result;
    }

    [[gnu::always_inline]] constexpr const T& operator[](std::size_t l) const noexcept { return values_[l]; }
    /// All lanes to p.
    [[gnu::always_inline]] constexpr void store(T* p) const noexcept {
        for (std::size_t l = 0; l < L; ++l) p[l] = values_[l];
    }
    /// Each as a To.
    template <class To>
    [[gnu::always_inline]] constexpr scalar_lanes<To, L> quantized() const noexcept {
        return scalar_lanes<To, L>::each([&](std::size_t l) { return To(values_[l]); });
    }

private:
    T values_[L];
};

namespace detail {

/// A bool a lane.
template <std::size_t L>
struct lane_mask {
    bool lanes[L];
};

template <class T, std::size_t L, class Named>
struct like<scalar_lanes<T, L>, Named, false> {
    using type = scalar_lanes<Named, L>;
};

}  // namespace detail

/// As for T.
/// @{
template <class A, class B, std::size_t L>
[[gnu::always_inline]] constexpr auto operator+(const scalar_lanes<A, L>& a, const scalar_lanes<B, L>& b) noexcept {
    return scalar_lanes<decltype(A() + B()), L>::each([&](std::size_t l) { return a[l] + b[l]; });
}
template <class A, class B, std::size_t L>
[[gnu::always_inline]] constexpr auto operator-(const scalar_lanes<A, L>& a, const scalar_lanes<B, L>& b) noexcept {
    return scalar_lanes<decltype(A() - B()), L>::each([&](std::size_t l) { return a[l] - b[l]; });
}
template <class A, class B, std::size_t L>
[[gnu::always_inline]] constexpr auto operator*(const scalar_lanes<A, L>& a, const scalar_lanes<B, L>& b) noexcept {
    return scalar_lanes<decltype(A() * B()), L>::each([&](std::size_t l) { return a[l] * b[l]; });
}
template <class T, std::size_t L>
[[gnu::always_inline]] constexpr scalar_lanes<T, L> maximum(const scalar_lanes<T, L>& a,
                                                            const scalar_lanes<T, L>& b) noexcept {
    return scalar_lanes<T, L>::each([&](std::size_t l) { return maximum(a[l], b[l]); });
}
template <class T, std::size_t L>
[[gnu::always_inline]] constexpr scalar_lanes<T, L> minimum(const scalar_lanes<T, L>& a,
                                                            const scalar_lanes<T, L>& b) noexcept {
    return scalar_lanes<T, L>::each([&](std::size_t l) { return minimum(a[l], b[l]); });
}
template <class T, std::size_t L>
[[gnu::always_inline]] constexpr detail::lane_mask<L> less(const scalar_lanes<T, L>& a,
                                                           const scalar_lanes<T, L>& b) noexcept {
    detail::lane_mask<L> mask{};
    for (std::size_t l = 0; l < L; ++l) mask.lanes[l] = a[l] < b[l];
    return mask;
}
template <class T, std::size_t L>
[[gnu::always_inline]] constexpr scalar_lanes<T, L> select(const detail::lane_mask<L>& mask, const scalar_lanes<T, L>& a,
                                                           const scalar_lanes<T, L>& b) noexcept {
    return scalar_lanes<T, L>::each([&](std::size_t l) { return mask.lanes[l] ? a[l] : b[l]; });
}
template <class Table, class T, std::size_t L>
[[gnu::always_inline]] constexpr auto look_up(const scalar_lanes<T, L>& addresses) noexcept {
    return scalar_lanes<typename Table::scalar, L>::each([&](std::size_t l) { return look_up<Table>(addresses[l]); });
}
/// @}

/// A pack of fixed point as scalars, each by itself; a scalar as it is.
template <class V, std::size_t L = V::lanes>
[[gnu::always_inline]] inline scalar_lanes<typename V::value_type, L> one_by_one(const V& pack) noexcept {
    return scalar_lanes<typename V::value_type, L>::of(pack);
}
template <class T, std::size_t L>
[[gnu::always_inline]] constexpr const scalar_lanes<T, L>& one_by_one(const scalar_lanes<T, L>& lanes) noexcept {
    return lanes;
}
template <class T>
[[gnu::always_inline]] constexpr auto one_by_one(const T& value) noexcept -> std::enable_if_t<is_fixed_point<T>, const T&> {
    return value;
}

}  // namespace kaon
