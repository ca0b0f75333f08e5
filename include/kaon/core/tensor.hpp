// tensor.hpp: scalars of a static shape, as an aligned aggregate.
#pragma once

#include "shape.hpp"

#include <cstddef>

namespace kaon {

/// The widest register of any target, in bytes. A tensor fills whole registers of this size, so that its last pack can be
/// stored whole on every architecture; its size does not depend on the architecture.
inline constexpr std::size_t register_bytes = 64;

/// Scalars a tensor of `size` scalars has room for. What lies beyond `size` is unspecified and never read as a value.
template <class Scalar>
constexpr std::size_t padded(std::size_t size) {
    return sizeof(Scalar) >= register_bytes ? size : round_up(size, register_bytes / sizeof(Scalar));
}

/// `Shape::size` scalars in C order.
template <class Scalar, class Shape>
struct alignas(alignof(Scalar) > register_bytes ? alignof(Scalar) : register_bytes) tensor {
    /// What it holds, its shape, how many scalars.
    /// @{
    using scalar = Scalar;
    using extents = Shape;
    static constexpr std::size_t size = Shape::size;
    /// @}

    /// Whether an event says how many of the outermost extent it uses.
    static constexpr bool counted = false;

    /// In C order; what lies at `size` and beyond is unspecified.
    Scalar values[padded<Scalar>(Shape::size)];

    /// Scalars by their position in C order: the first `size` of values.
    /// @{
    constexpr Scalar& operator[](std::size_t i) noexcept { return values[i]; }
    constexpr const Scalar& operator[](std::size_t i) const noexcept { return values[i]; }
    constexpr Scalar* data() noexcept { return values; }
    constexpr const Scalar* data() const noexcept { return values; }
    constexpr Scalar* begin() noexcept { return values; }
    constexpr const Scalar* begin() const noexcept { return values; }
    constexpr Scalar* end() noexcept { return values + size; }
    constexpr const Scalar* end() const noexcept { return values + size; }
    /// @}
};

/// A tensor whose outermost extent is up_to<N>: what lies at `count` and beyond is masked, whatever its values are.
/// A count above N is the caller's error.
template <class Scalar, class Shape>
struct counted_tensor : tensor<Scalar, Shape> {
    /// Always: this one does.
    static constexpr bool counted = true;
    /// How many of the outermost extent the event uses.
    std::size_t count;
};

namespace detail {

template <class Tensor, class Scalar>
struct rescaled;
template <class Old, class Shape, class Scalar>
struct rescaled<tensor<Old, Shape>, Scalar> {
    using type = tensor<Scalar, Shape>;
};
template <class Old, class Shape, class Scalar>
struct rescaled<counted_tensor<Old, Shape>, Scalar> {
    using type = counted_tensor<Scalar, Shape>;
};

}  // namespace detail

/// The same tensor on another scalar.
template <class Tensor, class Scalar>
using with_scalar = typename detail::rescaled<Tensor, Scalar>::type;

}  // namespace kaon
