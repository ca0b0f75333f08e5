// registers.hpp: float and double in a CPU's registers.
#pragma once

#include "arithmetic.hpp"
#include "pack.hpp"

#include "../core/tensor.hpp"

#include <cstddef>
#include <limits>
#include <type_traits>

namespace kaon {

namespace detail {

/// Lanes of the register for `Wanted` values: half of it where they fit, for the other half would be computed for nothing.
template <class Target, class T, std::size_t Wanted>
constexpr std::size_t register_lanes() {
    constexpr std::size_t bytes = std::size_t(register_size<typename Target::isa>);
    constexpr std::size_t widest = (bytes == 0 ? register_bytes : bytes) / sizeof(T);
    return Wanted <= widest / 2 && widest * sizeof(T) > 16 ? widest / 2 : widest;
}

template <class Target, class T, std::size_t Lanes>
struct register_arithmetic {
    static constexpr std::size_t lanes = Lanes;
    using value = pack<T, lanes, Target>;

    [[gnu::always_inline]] static value load(const T* p) noexcept { return value::load(p); }
    [[gnu::always_inline]] static value load_first(const T* p, std::size_t n) noexcept {
        return n >= lanes ? value::load(p) : value::load_first(p, n, T(0));
    }
    template <std::size_t Count, bool Readable>
    [[gnu::always_inline]] static value load_first_above_lowest(const T* p) noexcept {
        constexpr T lowest = std::numeric_limits<T>::lowest();
        if constexpr (Readable) {
            return value::load(p).template keep_first<Count>(value(lowest));
        } else {
            return value::load_first(p, Count, lowest);
        }
    }
    [[gnu::always_inline]] static value largest_lane(const value& v) noexcept { return v.largest_lane(); }
    [[gnu::always_inline]] static value sum_of_lanes(const value& v) noexcept { return v.sum_of_lanes(); }
    [[gnu::always_inline]] static value broadcast(const T& x) noexcept { return value(x); }
};

/// Where sums over lanes must not depend on the register, packs have as many lanes as the widest register of all.
template <class Target, class T, std::size_t Wanted>
inline constexpr std::size_t lanes_of = is_reproducible<Target> ? register_bytes / sizeof(T)
                                                                : register_lanes<Target, T, Wanted>();

}  // namespace detail

template <class Target, class T, std::size_t Wanted>
struct arithmetic<Target, T, Wanted, std::enable_if_t<detail::has_registers<Target, T>>>
    : detail::register_arithmetic<Target, T, detail::lanes_of<Target, T, Wanted>> {};

template <class Target, class X, class Summation, std::size_t Outputs>
struct products<Target, X, Summation, Outputs, std::enable_if_t<detail::has_registers<Target, X>>>
    : detail::register_arithmetic<Target, X, detail::register_lanes<Target, X, Outputs>()> {
    using base = detail::register_arithmetic<Target, X, detail::register_lanes<Target, X, Outputs>()>;
    using value = typename base::value;
    using operand = value;
    using stored_weight = X;
    using stored_bias = X;
    static constexpr std::size_t inputs = 1;
    static constexpr std::size_t steps_a_load =
        std::is_same_v<X, float> && detail::register_size<typename Target::isa> != 0 ? 4 : 1;
    // Four cycles a multiply-add; two start in a cycle, but of the widest registers of all only one.
    static constexpr std::size_t sums_in_flight = sizeof(value) < register_bytes ? 8 : 4;
    static constexpr bool splits = !detail::is_reproducible<Target>;

    static constexpr int input_offset = 0;

    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const X& w) {
        row[output][input] = w;
    }
    static constexpr X keep_bias(const X& b) { return b; }

    [[gnu::always_inline]] static value start(const X* b) noexcept { return value::load(b); }
    [[gnu::always_inline]] static value zero() noexcept { return value(X(0)); }
    template <std::size_t Count>
    [[gnu::always_inline]] static operand broadcast(const X* p) noexcept {
        return value(*p);
    }
    [[gnu::always_inline]] static value load_steps(const X* p) noexcept { return value::load_four(p); }
    template <std::size_t I>
    [[gnu::always_inline]] static operand operand_of(const value& four) noexcept {
        return four.template one_of_four<I>();
    }
    [[gnu::always_inline]] static value step(const value& sum, const X* w, const operand& x) noexcept {
        return multiply_add(value::load(w), x, sum);
    }
    [[gnu::always_inline]] static value total(const value& sum) noexcept { return sum; }
};

}  // namespace kaon
