// ports.hpp: the raw values of tensors at the ports of a top function: a port a number, an array, or a word of bits for an event.
#pragma once

#include "../core/loop.hpp"
#include "../scalar/format.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace kaon {

/// How a port holds a raw value, and how a word holds the bits of many: here built-in integers. Vendors' types:
/// <kaon/hls/ap_ports.hpp>, <kaon/hls/ac_ports.hpp>.
template <class Port, class = void>
struct port {
    static_assert(std::is_integral_v<Port>, "kaon: include <kaon/hls/ap_ports.hpp> or <kaon/hls/ac_ports.hpp>");

    /// A number's raw value.
    /// @{
    [[gnu::always_inline]] static constexpr std::int64_t read(Port p) { return static_cast<std::int64_t>(p); }
    [[gnu::always_inline]] static constexpr void write(Port& p, std::int64_t raw) { p = static_cast<Port>(raw); }
    /// @}

    /// Width bits of a word that starts with none set, the lowest of them at First.
    /// @{
    template <int First, int Width>
    [[gnu::always_inline]] static constexpr std::uint64_t bits(Port word) {
        return static_cast<std::uint64_t>(word) >> First;
    }
    template <int First, int Width>
    [[gnu::always_inline]] static constexpr void set_bits(Port& word, std::uint64_t bits) {
        static_assert(First + Width <= static_cast<int>(8 * sizeof(Port)), "kaon: the word has fewer bits than the event");
        word = static_cast<Port>(static_cast<std::uint64_t>(word) | bits << First);
    }
    /// @}
};

namespace detail {

template <class Scalar>
constexpr int port_width() {
    if constexpr (std::is_integral_v<Scalar>) {
        return static_cast<int>(8 * sizeof(Scalar));
    } else {
        static_assert(Scalar::width <= 64, "kaon: a port has at most 64 bits");
        return Scalar::width;
    }
}

template <class Scalar>
constexpr bool port_is_signed() {
    if constexpr (std::is_integral_v<Scalar>) {
        return std::is_signed_v<Scalar>;
    } else {
        return Scalar::is_signed;
    }
}

template <class Scalar>
[[gnu::always_inline]] constexpr Scalar from_port(std::int64_t raw) {
    if constexpr (std::is_integral_v<Scalar>) {
        return static_cast<Scalar>(raw);
    } else {
        return Scalar::from_raw(static_cast<typename Scalar::integer_type>(raw));
    }
}

template <class Scalar>
[[gnu::always_inline]] constexpr std::int64_t to_port(Scalar value) {
    if constexpr (std::is_integral_v<Scalar>) {
        return static_cast<std::int64_t>(value);
    } else {
        return static_cast<std::int64_t>(value.raw());
    }
}

constexpr std::uint64_t low_bits(int width) { return ~std::uint64_t{0} >> (64 - width); }

/// The number whose two's complement `bits` ends with, whatever lies above them.
template <int Width, bool Signed>
[[gnu::always_inline]] constexpr std::int64_t two_complement(std::uint64_t bits) {
    constexpr std::uint64_t sign = Signed ? std::uint64_t{1} << (Width - 1) : 0;
    return static_cast<std::int64_t>(((bits & low_bits(Width)) ^ sign) - sign);
}

template <class Tensor, class... Ports, std::size_t... I>
[[gnu::always_inline]] constexpr void write_each(const Tensor& y, std::index_sequence<I...>, Ports&... ports) {
    const bool written[] = {(port<Ports>::write(ports, to_port(y[I])), true)...};  // a fold has at most 256 terms
    static_cast<void>(written);
}

}  // namespace detail

namespace ports {

/// Bits of an event in a word: number i has its width's bits from bit i * width on.
template <class Tensor>
inline constexpr int bits_of = detail::port_width<typename Tensor::scalar>() * static_cast<int>(Tensor::size);

/// The tensor whose raw values stand at as many ports.
template <class Tensor, class... Ports>
[[gnu::always_inline]] constexpr Tensor read(const Ports&... ports) {
    static_assert(sizeof...(Ports) == Tensor::size, "kaon: a port for each number");
    return Tensor{{detail::from_port<typename Tensor::scalar>(port<Ports>::read(ports))...}};
}

/// The raw values of a tensor at as many ports.
template <class Tensor, class... Ports>
[[gnu::always_inline]] constexpr void write(const Tensor& y, Ports&... ports) {
    static_assert(sizeof...(Ports) == Tensor::size, "kaon: a port for each number");
    detail::write_each(y, std::index_sequence_for<Ports...>{}, ports...);
}

/// The tensor whose raw values an array of its size holds.
template <class Tensor, class Port>
[[gnu::always_inline]] constexpr Tensor read_array(const Port* from) {
    Tensor x{};
    for_each<Tensor::size>([&](auto i) __attribute__((always_inline)) {
        x[i] = detail::from_port<typename Tensor::scalar>(port<Port>::read(from[i]));
    });
    return x;
}

/// The raw values of a tensor into an array of its size.
template <class Tensor, class Port>
[[gnu::always_inline]] constexpr void write_array(const Tensor& y, Port* to) {
    for_each<Tensor::size>([&](auto i) __attribute__((always_inline)) { port<Port>::write(to[i], detail::to_port(y[i])); });
}

/// The tensor in a word, its first number at bit First.
template <class Tensor, int First = 0, class Word>
[[gnu::always_inline]] constexpr Tensor read_word(const Word& word) {
    using scalar = typename Tensor::scalar;
    constexpr int width = detail::port_width<scalar>();
    Tensor x{};
    for_each<Tensor::size>([&](auto i) __attribute__((always_inline)) {
        const std::uint64_t bits = port<Word>::template bits<First + static_cast<int>(i) * width, width>(word);
        x[i] = detail::from_port<scalar>(detail::two_complement<width, detail::port_is_signed<scalar>()>(bits));
    });
    return x;
}

/// A tensor into a word that starts as 0, its first number at bit First.
template <int First = 0, class Tensor, class Word>
[[gnu::always_inline]] constexpr void write_word(const Tensor& y, Word& word) {
    constexpr int width = detail::port_width<typename Tensor::scalar>();
    for_each<Tensor::size>([&](auto i) __attribute__((always_inline)) {
        const std::uint64_t bits = static_cast<std::uint64_t>(detail::to_port(y[i])) & detail::low_bits(width);
        port<Word>::template set_bits<First + static_cast<int>(i) * width, width>(word, bits);
    });
}

/// One event from a stream of words through a model into another: a stage between two channels, the whole network or a part of it.
/// Word: what `out` takes.
template <class Word, class Model, class In, class Out>
[[gnu::always_inline]] inline void stage(const Model& model, In& in, Out& out) {
    Word word = 0;
    write_word(model(read_word<typename Model::input>(in.read())), word);
    out.write(word);
}

}  // namespace ports
}  // namespace kaon
