// softmax_in_floats.hpp: the steps of softmax on packs of floats.
#pragma once

#include "../simd/arithmetic.hpp"
#include "../simd/exponential.hpp"

#include <cstddef>

namespace kaon::detail {

/// The largest input is subtracted first; a value more than 80 (double: 690) below it counts as that.
template <class Target, class Scalar, std::size_t N>
struct softmax_in_floats {
    using A = arithmetic<Target, Scalar, N>;
    using value = typename A::value;
    static constexpr std::size_t lanes = A::lanes;
    static constexpr std::size_t rest = N % lanes;
    static constexpr std::size_t packs = N / lanes + (rest != 0 ? 1 : 0);
    using input = value;
    using exponential = value;

    [[gnu::always_inline]] static value load(const Scalar* p) noexcept { return A::load(p); }
    template <bool Readable>
    [[gnu::always_inline]] static value load_rest(const Scalar* p) noexcept {
        return A::template load_first_above_lowest<rest, Readable>(p);
    }
    [[gnu::always_inline]] static value largest(const value (&x)[packs]) noexcept {
        return A::largest_lane(largest_of<0, packs>(x));
    }
    [[gnu::always_inline]] static value raised(const value& x, const value& largest) noexcept {
        return exponential_of_nonpositive(x - largest);
    }
    // Lanes beyond N hold e^-80, which is nothing beside the largest, e^0.
    [[gnu::always_inline]] static value sum(const value (&e)[packs]) noexcept {
        return A::sum_of_lanes(sum_of<0, packs>(e));
    }
    [[gnu::always_inline]] static value quotient(const value& e, const value& sum) noexcept { return e / sum; }
    [[gnu::always_inline]] static value reciprocal(const value& sum) noexcept { return value(lane_of<value>(1)) / sum; }
    [[gnu::always_inline]] static value product(const value& e, const value& factor) noexcept { return e * factor; }

private:
    // By halves: the depth of the reduction is the logarithm of the number of packs.
    template <std::size_t First, std::size_t Count, class Values>
    [[gnu::always_inline]] static auto largest_of(const Values& e) noexcept {
        if constexpr (Count == 1) {
            return e[First];
        } else {
            return maximum(largest_of<First, Count / 2>(e), largest_of<First + Count / 2, Count - Count / 2>(e));
        }
    }
    template <std::size_t First, std::size_t Count, class Values>
    [[gnu::always_inline]] static auto sum_of(const Values& e) noexcept {
        if constexpr (Count == 1) {
            return e[First];
        } else {
            return sum_of<First, Count / 2>(e) + sum_of<First + Count / 2, Count - Count / 2>(e);
        }
    }
};

}  // namespace kaon::detail
