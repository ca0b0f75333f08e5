// option.hpp: what may be written beside a layer's size: its name, its precision, its tables, its tile in hardware, whose
// parameters it uses.
#pragma once

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Scalar of a layer's weights; by default that of its input.
template <class Scalar>
struct weights {};

/// Scalar of a layer's bias; by default that of its weights.
template <class Scalar>
struct bias {};

/// Scalar of a layer's sums: every product is cast to it first, then the sum wraps. By default sums are exact.
template <class Scalar>
struct accumulator {};

/// Scalar of what a layer gives; by default what it computes, unrounded.
template <class Scalar>
struct result {};

/// Uses the parameters of the layer named by Tag instead of its own.
template <class Tag>
struct parameters_of {};

/// Fixed point: scalar and number of entries of a function's table; by default fixed<18, 8> and 1,024.
template <class Scalar, std::size_t Size>
struct table {};

/// Fixed point: the entries of a function's table as raw integers in the table's scalar, in the order of the function's table
/// (scalar/table.hpp), instead of the exact ones: an array of static storage, for instance from a project's firmware.
template <const auto& Raw>
struct table_values {};

/// layer_norm in fixed point: its table is of variances below 2^-Power; by default 0.
template <int Power>
struct table_range_power {};

/// How softmax is computed in fixed point; the names are hls4ml's.
enum class softmax_variant {
    latency,  ///< e^x from a table of x
    stable,   ///< e^(x - largest) from a table of largest - x
    legacy,   ///< 1 / sum e^(x_j - x_i) for each i
    argmax    ///< one for the first of the largest, zero for the others
};
/// The variant; by default stable.
template <softmax_variant Variant>
struct softmax_as {};

/// Softmax in fixed point: scalar and number of entries of its tables of e^x and of 1/x; by default fixed<18, 8, round, saturate>
/// and 1,024.
/// @{
template <class Scalar, std::size_t Size>
struct exp_table {};
template <class Scalar, std::size_t Size>
struct inv_table {};
/// @}

/// The same tables' entries, as table_values.
/// @{
template <const auto& Raw>
struct exp_table_values {};
template <const auto& Raw>
struct inv_table_values {};
/// @}

/// Softmax in fixed point: scalar of what the table of 1/x is asked for, by default fixed<18, 8, round, saturate>.
template <class Scalar>
struct inv_input {};

/// Stable softmax in fixed point: scalar of largest - x; by default the input's format without its sign.
template <class Scalar>
struct norm_input {};

/// Hardware: how many outputs are computed at once, and from how many inputs at a time (0: all), so that one circuit does a layer in
/// turns (hls4ml's reuse factor is how many turns there are). Both divide the layer's sizes. By default everything is computed at
/// once. A CPU has its own tiles: it ignores this one, and the bits are the same.
template <std::size_t Outputs, std::size_t Inputs = 0>
struct tile {};

/// Options of precision and of hardware. The first four are asked for wherever a layer takes them; tables have the defaults of option.hpp.
enum class option_kind {
    weights,
    bias,
    accumulator,
    result,
    table,
    table_values,
    table_range_power,
    softmax_as,
    exp_table,
    inv_table,
    exp_table_values,
    inv_table_values,
    inv_input,
    norm_input,
    tile,
    none  ///< neither: a name, whose parameters
};

namespace detail {

template <template <class> class Kind, class Default, class... Options>
struct option_of {
    using type = Default;
};
template <template <class> class Kind, class Default, class Value, class... Rest>
struct option_of<Kind, Default, Kind<Value>, Rest...> {
    using type = Value;
};
template <template <class> class Kind, class Default, class Other, class... Rest>
struct option_of<Kind, Default, Other, Rest...> : option_of<Kind, Default, Rest...> {};

/// An option of a scalar and a size.
template <template <class, std::size_t> class Kind, class DefaultScalar, std::size_t DefaultSize, class... Options>
struct sized_option {
    using scalar = DefaultScalar;
    static constexpr std::size_t size = DefaultSize;
};
template <template <class, std::size_t> class Kind, class DefaultScalar, std::size_t DefaultSize, class Scalar,
          std::size_t Size, class... Rest>
struct sized_option<Kind, DefaultScalar, DefaultSize, Kind<Scalar, Size>, Rest...> {
    using scalar = Scalar;
    static constexpr std::size_t size = Size;
};
template <template <class, std::size_t> class Kind, class DefaultScalar, std::size_t DefaultSize, class Other, class... Rest>
struct sized_option<Kind, DefaultScalar, DefaultSize, Other, Rest...>
    : sized_option<Kind, DefaultScalar, DefaultSize, Rest...> {};

template <class... Options>
inline constexpr softmax_variant variant_of = softmax_variant::stable;
template <softmax_variant Variant, class... Rest>
inline constexpr softmax_variant variant_of<softmax_as<Variant>, Rest...> = Variant;
template <class Other, class... Rest>
inline constexpr softmax_variant variant_of<Other, Rest...> = variant_of<Rest...>;

/// The first option of a kind that names an array, or void.
template <template <const auto&> class Kind, class... Options>
struct array_option {
    using type = void;
};
template <template <const auto&> class Kind, const auto& Raw, class... Rest>
struct array_option<Kind, Kind<Raw>, Rest...> {
    using type = Kind<Raw>;
};
template <template <const auto&> class Kind, class Other, class... Rest>
struct array_option<Kind, Other, Rest...> : array_option<Kind, Rest...> {};

/// The Power of a table_range_power<> among the options.
template <class... Options>
inline constexpr int range_power = 0;
template <class First, class... Rest>
inline constexpr int range_power<First, Rest...> = range_power<Rest...>;
template <int Power, class... Rest>
inline constexpr int range_power<table_range_power<Power>, Rest...> = Power;

/// The tile<> among the options; sizes 0 where there is none.
template <class... Options>
struct tile_option {
    static constexpr bool given = false;
    static constexpr std::size_t outputs = 0, inputs = 0;
};
template <std::size_t Outputs, std::size_t Inputs, class... Rest>
struct tile_option<tile<Outputs, Inputs>, Rest...> {
    static constexpr bool given = true;
    static constexpr std::size_t outputs = Outputs, inputs = Inputs;
};
template <class Other, class... Rest>
struct tile_option<Other, Rest...> : tile_option<Rest...> {};

/// What an option gives.
template <class Option>
inline constexpr option_kind kind_of_option = option_kind::none;
template <class T>
inline constexpr option_kind kind_of_option<weights<T>> = option_kind::weights;
template <class T>
inline constexpr option_kind kind_of_option<bias<T>> = option_kind::bias;
template <class T>
inline constexpr option_kind kind_of_option<accumulator<T>> = option_kind::accumulator;
template <class T>
inline constexpr option_kind kind_of_option<result<T>> = option_kind::result;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<table<T, Size>> = option_kind::table;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<table_values<Raw>> = option_kind::table_values;
template <int Power>
inline constexpr option_kind kind_of_option<table_range_power<Power>> = option_kind::table_range_power;
template <softmax_variant Variant>
inline constexpr option_kind kind_of_option<softmax_as<Variant>> = option_kind::softmax_as;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<exp_table<T, Size>> = option_kind::exp_table;
template <class T, std::size_t Size>
inline constexpr option_kind kind_of_option<inv_table<T, Size>> = option_kind::inv_table;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<exp_table_values<Raw>> = option_kind::exp_table_values;
template <const auto& Raw>
inline constexpr option_kind kind_of_option<inv_table_values<Raw>> = option_kind::inv_table_values;
template <class T>
inline constexpr option_kind kind_of_option<inv_input<T>> = option_kind::inv_input;
template <class T>
inline constexpr option_kind kind_of_option<norm_input<T>> = option_kind::norm_input;
template <std::size_t Outputs, std::size_t Inputs>
inline constexpr option_kind kind_of_option<tile<Outputs, Inputs>> = option_kind::tile;

/// What gives nothing is a name.
template <class Option>
inline constexpr bool is_tag = kind_of_option<Option> == option_kind::none;
template <class T>
inline constexpr bool is_tag<parameters_of<T>> = false;

template <class... Options>
struct first_tag {
    using type = void;
};
template <class First, class... Rest>
struct first_tag<First, Rest...> {
    using type = std::conditional_t<is_tag<First>, First, typename first_tag<Rest...>::type>;
};

}  // namespace detail

/// The value of an option among a layer's options, or Default.
template <template <class> class Kind, class Default, class... Options>
using option_of = typename detail::option_of<Kind, Default, Options...>::type;

/// The layer's name among its options, or void: struct fc1 { static constexpr char name[] = "fc1"; };
template <class... Options>
using tag_of = typename detail::first_tag<Options...>::type;

}  // namespace kaon
