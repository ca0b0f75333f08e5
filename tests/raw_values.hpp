// raw_values.hpp: seeded raw integers of fixed-point types, their extremes among them.
#pragma once

#include <kaon/kaon.hpp>

#include <cstddef>
#include <cstdint>

class raw_values {
public:
    explicit raw_values(std::uint64_t seed) : state_(seed) {}

    template <class T>
    T next() {
        using integer = typename T::integer_type;
        switch (high_bits() % 16) {
        case 0:
            return T::from_raw(kaon::detail::raw_min<integer>(T::width, T::is_signed));
        case 1:
            return T::from_raw(kaon::detail::raw_max<integer>(T::width, T::is_signed));
        default:
            return T::from_raw(static_cast<integer>(all_bits<integer>()));
        }
    }
    template <class T>
    void fill(T* values, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) values[i] = next<T>();
    }
    /// The parameters of every dense layer, in the order of their slots.
    template <std::size_t... I, class... Slots>
    void fill(kaon::slots<std::index_sequence<I...>, Slots...>& parameters) {
        (fill_dense(kaon::get<I>(parameters)), ...);
    }

private:
    /// A linear congruence's low bits repeat soon.
    std::uint32_t high_bits() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>(state_ >> 32);
    }
    template <class Integer>
    kaon::detail::unsigned_of<Integer> all_bits() {
        kaon::detail::unsigned_of<Integer> bits = 0;
        for (std::size_t i = 0; i < sizeof(Integer) / 4; ++i) bits = bits << 32 | high_bits();
        return bits;
    }
    template <class Dense>
    void fill_dense(Dense& p) {
        for (auto& row : p.weights) {
            for (auto& weight : row) weight = next<std::decay_t<decltype(weight)>>();
        }
        for (auto& bias : p.bias) bias = next<std::decay_t<decltype(bias)>>();
    }
    std::uint64_t state_;
};
