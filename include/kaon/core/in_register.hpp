// in_register.hpp: what an event gives, returned in a register.
#pragma once

#include "tensor.hpp"

#include "../simd/target.hpp"

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace kaon::detail {

// Each by itself: g++ 12 fails on a vector type whose size depends on a template's argument.
template <std::size_t Bytes>
struct byte_vector {
    using type = void;
};
template <>
struct byte_vector<16> {
    using type [[gnu::vector_size(16)]] = char;
};
template <>
struct byte_vector<32> {
    using type [[gnu::vector_size(32)]] = char;
};
template <>
struct byte_vector<64> {
    using type [[gnu::vector_size(64)]] = char;
};

/// The least vector of bytes that holds so many.
constexpr std::size_t bytes_returned(std::size_t bytes) {
    std::size_t vector = 16;
    while (vector < bytes) vector *= 2;
    return vector;
}

/// The values of a tensor as one vector of bytes, a power of two of them. A function returns that in a register, and a caller
/// that copies the values need not wait until they have gone to memory and come back.
template <class Tensor>
struct in_register {
    using type = typename byte_vector<bytes_returned(Tensor::size * sizeof(typename Tensor::scalar))>::type;

    [[gnu::always_inline]] static type pack(const Tensor& tensor) noexcept {
        type bytes;
        std::memcpy(&bytes, tensor.values, sizeof bytes);
        return bytes;
    }
    [[gnu::always_inline]] static Tensor unpack(type bytes) noexcept {
        Tensor tensor;
        std::memcpy(static_cast<void*>(tensor.values), &bytes, sizeof bytes);
        return tensor;
    }
    /// For scalars that are stored one by one: else the vector would hold bytes that nothing has written.
    [[gnu::always_inline]] static void clear(Tensor& tensor) noexcept {
        const type zeros{};
        std::memcpy(static_cast<void*>(tensor.values), &zeros, sizeof zeros);
    }
};

template <class Target, class Value>
inline constexpr bool fits_register = false;
template <class Target, class Scalar, class Shape>
inline constexpr bool fits_register<Target, tensor<Scalar, Shape>> =
    std::is_trivially_copyable_v<Scalar>&& bytes_returned(
        Shape::size * sizeof(Scalar)) <= std::size_t(register_size<typename Target::isa>);

}  // namespace kaon::detail
