// softmax_types.hpp: scalars and tables of softmax in fixed point, named or as hls4ml 1.3 has them.
#pragma once

#include "table_function.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../scalar/constant_scalar.hpp"
#include "../scalar/precision.hpp"
#include "../scalar/table.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon::detail {

/// No more entries than the bits of what is looked up tell apart.
constexpr std::size_t limited_size(std::size_t size, int width) {
    return width < 17 && size > (std::size_t{1} << width) ? std::size_t{1} << width : size;
}

/// largest - x of inputs T: unsigned.
template <class T>
using default_norm_input = ufixed<T::width - (T::is_signed ? 1 : 0), T::integer - (T::is_signed ? 1 : 0)>;

/// X: the input's scalar. Sizes that no option names: 1,024, or as many as the input and the table of 1/x have bits for.
template <class X, class... Options>
struct softmax_types {
    static constexpr softmax_variant variant = variant_of<Options...>;
    using input = plain_scalar<X>;
    using standard = fixed<18, 8, round, saturate>;
    using table_standard = std::conditional_t<variant == softmax_variant::legacy, fixed<18, 8>, standard>;

    using unsized_inv = typename sized_option<inv_table, table_standard, 0, Options...>::scalar;
    static constexpr std::size_t default_size = limited_size(
        limited_size(1024, input::width), format_of<unsized_inv>::width == 0 ? 64 : format_of<unsized_inv>::width);
    using exp_named = sized_option<exp_table, table_standard, default_size, Options...>;
    using inv_named = sized_option<inv_table, table_standard, default_size, Options...>;
    using exp_scalar = typename exp_named::scalar;
    using inv_scalar = typename inv_named::scalar;

    using sum = kaon::option_of<accumulator, standard, Options...>;
    using inv_input = kaon::option_of<kaon::inv_input, standard, Options...>;
    using norm_input = kaon::option_of<kaon::norm_input, default_norm_input<input>, Options...>;
    using named = kaon::option_of<result, void, Options...>;

    /// What is raised: x, the negative of largest - x, or the difference of two inputs.
    using raised = std::conditional_t<variant == softmax_variant::stable, norm_input, input>;
    using exp_function =
        std::conditional_t<variant != softmax_variant::stable, exponential_table,
                           std::conditional_t<norm_input::is_signed, mirrored_exponential_table, decay_table>>;
    using inv_function = inverse_table<variant == softmax_variant::legacy>;
    static constexpr bool legacy = variant == softmax_variant::legacy;
    static constexpr std::size_t exp_size = legacy ? exp_named::size : limited_size(exp_named::size, raised::width);
    static constexpr std::size_t inv_size = legacy ? inv_named::size : limited_size(inv_named::size, inv_input::width);
    template <std::size_t Size>
    using exp_address = std::conditional_t<legacy, centred_address<Size, 4>, high_bits_address<Size, raised>>;
    template <std::size_t Size>
    using inv_address = std::conditional_t<legacy, positive_address<Size, 6>, high_bits_address<Size, inv_input>>;

    using exp_values = typename array_option<exp_table_values, Options...>::type;
    using inv_values = typename array_option<inv_table_values, Options...>::type;
    using exponentials = typename table_with<exp_values, exp_function, exp_address<exp_size>, exp_scalar>::type;
    using inverses = typename table_with<inv_values, inv_function, inv_address<inv_size>, inv_scalar>::type;
};

/// Whether softmax's tables can be had.
template <class X, class... Options>
constexpr auto judge_softmax_types() {
    using types = softmax_types<X, Options...>;
    if constexpr (types::variant == softmax_variant::argmax) {
        return accepted{};
    } else {
        using exp_verdict =
            decltype(judge_table<exp_table<typename types::exp_scalar, types::exp_named::size>, typename types::exp_values,
                                 typename types::exp_function, typename types::exp_scalar, types::exp_size,
                                 types::template exp_address>());
        if constexpr (std::is_same_v<exp_verdict, accepted>) {
            return judge_table<inv_table<typename types::inv_scalar, types::inv_named::size>, typename types::inv_values,
                               typename types::inv_function, typename types::inv_scalar, types::inv_size,
                               types::template inv_address>();
        } else {
            return exp_verdict{};
        }
    }
}

}  // namespace kaon::detail
