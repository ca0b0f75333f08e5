// number.hpp: a number that is a part of a type.
#pragma once

#include <type_traits>

namespace kaon {
namespace detail {

template <class Number, class T, class = void>
struct number_of {
    static constexpr T value = static_cast<T>(Number::value);
};
template <class Ratio, class T>
struct number_of<Ratio, T, std::void_t<decltype(Ratio::den)>> {
    static constexpr T value = static_cast<T>(static_cast<double>(Ratio::num) / static_cast<double>(Ratio::den));
};

}  // namespace detail

/// The float or double that a type stands for: std::ratio<1, 5>, or any struct with a static constexpr member `value`.
template <class Number, class T = float>
inline constexpr T number = detail::number_of<Number, T>::value;

}  // namespace kaon
