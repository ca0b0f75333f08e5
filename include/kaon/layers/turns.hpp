// turns.hpp: layers whose circuit does its work in turns: tile<>.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/option.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {

/// tile<>: one of these numbers of outputs at once.
template <std::size_t... Divisors>
struct expects_outputs_at_once;
/// tile<>: one of these numbers of inputs at a time.
template <std::size_t... Divisors>
struct expects_inputs_at_a_time;

namespace detail {

template <std::size_t Size>
constexpr std::size_t count_divisors() {
    std::size_t count = 0;
    for (std::size_t d = 1; d <= Size; ++d) count += Size % d == 0 ? 1 : 0;
    return count;
}
template <std::size_t Size>
constexpr std::size_t divisor(std::size_t number) {
    for (std::size_t d = 1; d <= Size; ++d) {
        if (Size % d == 0 && number-- == 0) return d;
    }
    return 0;
}
template <template <std::size_t...> class List, std::size_t Size, std::size_t... I>
auto list_divisors(std::index_sequence<I...>) -> List<divisor<Size>(I)...>;
/// List<1, ..., Size> of what divides Size.
template <template <std::size_t...> class List, std::size_t Size>
using divisors = decltype(list_divisors<List, Size>(std::make_index_sequence<count_divisors<Size>()>{}));

constexpr bool divides(std::size_t part, std::size_t size) { return part != 0 && size % part == 0; }

}  // namespace detail

/// The tile of a layer of so many inputs and outputs: everything at once where no option says otherwise.
template <std::size_t Inputs, std::size_t Outputs, class... Options>
struct turns {
    /// The option, or sizes of 0.
    using option = detail::tile_option<Options...>;
    /// Whether a layer's loops over outputs and over inputs share circuits.
    static constexpr bool shared = option::given;
    /// What is computed at once, and how many turns that takes.
    /// @{
    static constexpr std::size_t outputs = shared ? option::outputs : Outputs;
    static constexpr std::size_t inputs = option::inputs == 0 ? Inputs : option::inputs;
    static constexpr std::size_t count = shared ? (Outputs / (outputs == 0 ? 1 : outputs)) * (Inputs / inputs) : 1;
    /// @}

    /// Refuses a tile that does not divide the sizes, by those that do.
    static constexpr auto judge() {
        if constexpr (!detail::divides(outputs, Outputs)) {
            return refused<detail::divisors<expects_outputs_at_once, Outputs>, got<tile<option::outputs, option::inputs>>>{};
        } else if constexpr (!detail::divides(inputs, Inputs)) {
            return refused<detail::divisors<expects_inputs_at_a_time, Inputs>, got<tile<option::outputs, option::inputs>>>{};
        } else {
            return accepted{};
        }
    }
    using verdict = decltype(judge());
};

}  // namespace kaon
