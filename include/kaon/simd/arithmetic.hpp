// arithmetic.hpp: what a nest is written on: how many values move together on a target, how they are loaded, and how
// products are summed. Here one by one, for any scalar; registers.hpp, exact_products.hpp and rounded_products.hpp hold the
// forms of a CPU's registers.
#pragma once

#include "scalar.hpp"
#include "target.hpp"

#include "../core/shape.hpp"
#include "../scalar/precision.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// Whether a target has registers for packs of T.
template <class Target, class T>
inline constexpr bool has_registers = (register_size<typename Target::isa> > 0 ||
                                       is_reproducible<Target>)&&std::is_floating_point_v<T>;

}  // namespace detail

/// Values of scalar T, up to `Wanted` at once, on Target.
template <class Target, class T, std::size_t Wanted, class = void>
struct arithmetic {
    static_assert(!detail::has_registers<Target, T>, "kaon: include <kaon/kaon.hpp> for a CPU's registers");
    /// How many move together, and as what.
    /// @{
    static constexpr std::size_t lanes = 1;
    using value = T;
    /// @}

    /// `lanes` values from p.
    [[gnu::always_inline]] static constexpr value load(const T* p) noexcept { return *p; }
    /// The first n values from p, of any scalar; the other lanes are zero. Reads nothing beyond p[n - 1].
    template <class U>
    [[gnu::always_inline]] static constexpr U load_first(const U* p, std::size_t) noexcept {
        return *p;
    }
    /// The first Count values from p, the other lanes less than any value: for a maximum. Readable: whether all lanes are
    /// in memory that may be read, whatever they hold.
    template <std::size_t Count, bool Readable>
    [[gnu::always_inline]] static constexpr value load_first_above_lowest(const T* p) noexcept {
        return *p;
    }
    /// x in every lane.
    [[gnu::always_inline]] static constexpr value broadcast(const T& x) noexcept { return x; }
    /// Over the lanes, into each of them.
    [[gnu::always_inline]] static constexpr value largest_lane(const value& v) noexcept { return v; }
    /// Over the lanes, into each of them.
    [[gnu::always_inline]] static constexpr value sum_of_lanes(const value& v) noexcept { return v; }
};

/// Sums of products of inputs X and weights: `lanes` outputs at once, `inputs` products a step and output.
/// stored_weight, stored_bias: how a target keeps parameters, as `[input / inputs][output][inputs]` and `[output]`.
template <class Target, class X, class Summation, std::size_t Outputs, class = void>
struct products {
    static_assert(!detail::has_registers<Target, X>, "kaon: include <kaon/kaon.hpp> for a CPU's registers");
    /// Outputs at once; products a step and output.
    /// @{
    static constexpr std::size_t lanes = 1;
    static constexpr std::size_t inputs = 1;
    /// @}

    /// Steps whose inputs come with one load: where more than one, load_steps gives them and `operand_of<I>` takes one out.
    static constexpr std::size_t steps_a_load = 1;
    /// How many sums grow at a time where the target is to be busy: the latency of a step by the steps that start at once.
    static constexpr std::size_t sums_in_flight = 4;
    /// Whether partial sums may be kept apart and added at the end.
    static constexpr bool splits = !is_fixed_point<typename Summation::sum>;
    /// How parameters, sums and the inputs of a step are kept.
    /// @{
    using stored_weight = typename Summation::weight;
    using stored_bias = typename Summation::bias;
    using value = typename Summation::sum;
    using operand = X;
    /// @}

    /// What a step adds to each input: repacking takes its products from the bias.
    static constexpr int input_offset = 0;

    /// A parameter as it is kept. row: [output][inputs] of one step.
    /// @{
    template <class Row>
    static constexpr void keep_weight(Row& row, std::size_t output, std::size_t input, const typename Summation::weight& w) {
        row[output][input] = w;
    }
    static constexpr stored_bias keep_bias(const typename Summation::bias& b) { return b; }
    /// @}

    /// Sums that hold the bias, or nothing.
    /// @{
    [[gnu::always_inline]] static constexpr value start(const stored_bias* b) noexcept { return value(*b); }
    [[gnu::always_inline]] static constexpr value zero() noexcept { return value(0); }
    /// @}

    /// The next `Count` <= inputs inputs from p.
    template <std::size_t Count>
    [[gnu::always_inline]] static constexpr operand broadcast(const X* p) noexcept {
        return *p;
    }
    /// The sums with a step's products added.
    [[gnu::always_inline]] static constexpr value step(const value& sum, const stored_weight* w, const operand& x) noexcept {
        return multiply_add(*w, x, sum);
    }
    /// The sums as the values they stand for.
    [[gnu::always_inline]] static constexpr value total(const value& sum) noexcept { return sum; }
};

}  // namespace kaon
