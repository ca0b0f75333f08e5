// number.hpp: a number that is a part of a type.
#pragma once

#include <type_traits>

namespace kaon {
namespace detail {

template <class Number, class = void>
struct number_of {
    static constexpr float value = static_cast<float>(Number::value);
};
template <class Ratio>
struct number_of<Ratio, std::void_t<decltype(Ratio::den)>> {
    static constexpr float value = static_cast<float>(static_cast<double>(Ratio::num) / static_cast<double>(Ratio::den));
};

}  // namespace detail

/// The float that a type stands for: std::ratio<1, 5>, or any struct with a static constexpr member `value`.
template <class Number>
inline constexpr float number = detail::number_of<Number>::value;

}  // namespace kaon
