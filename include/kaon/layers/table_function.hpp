// table_function.hpp: functions that are tables in fixed point.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../scalar/precision.hpp"
#include "../scalar/table.hpp"
#include "../simd/look_up.hpp"
#include "../simd/scalar.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {
namespace detail {

/// Exact entries, or those that an option lists.
template <class Values, class Exact, class Address, class Scalar>
struct table_with {
    using type = exact_table<Exact, Address, Scalar>;
    static constexpr std::size_t listed = Address::size;
};
template <template <const auto&> class Kind, const auto& Raw, class Exact, class Address, class Scalar>
struct table_with<Kind<Raw>, Exact, Address, Scalar> {
    using type = literal_table<Raw, Address, Scalar>;
    static constexpr std::size_t listed = sizeof Raw / sizeof Raw[0];
};

/// Sizes: what the address of a table may have. A wrapping scalar shows the low bits of values of any size: so many digits are computed.
inline constexpr std::size_t largest_table = 65536;
inline constexpr int most_digits_of_table = 12;

/// Whether such a table can be had. Named: the option, for the message.
template <class Named, class Values, class Exact, class Scalar, std::size_t Size, template <std::size_t> class Address>
constexpr auto judge_table() {
    if constexpr (!is_basic_fixed<Scalar>) {
        return refused<expects_fixed_point, got<Scalar>>{};
    } else if constexpr (Scalar::width > 48) {
        return refused<expects_table_scalar, got<Scalar>>{};
    } else if constexpr (Size < 2 || Size > largest_table || (Size & (Size - 1)) != 0) {
        return refused<expects_table_size, got<Named>>{};
    } else if constexpr (table_with<Values, Exact, Address<Size>, Scalar>::listed != Size) {
        return refused<expects_values<Size>, got<Values>>{};
    } else if constexpr (!std::is_void_v<Values>) {
        return accepted{};
    } else if constexpr (digits_of_table<Exact, Address<Size>, Scalar>() > most_digits_of_table) {
        return refused<expects_saturating_table, got<Scalar>>{};
    } else {
        return accepted{};
    }
}

}  // namespace detail

/// A function that in fixed point is a table: Exact (scalar/table_functions.hpp) at an Address (scalar/table_address.hpp). Exact may be
/// void: then its entries must be listed. Options: table<>, table_values<>.
template <class Exact, template <std::size_t> class Address>
struct table_function {
    /// The options of precision that it takes.
    static constexpr option_kind takes[] = {option_kind::result, option_kind::table, option_kind::table_values};
    /// The table of an option, by default of hls4ml 1.3's size and scalar.
    template <class... Options>
    struct chosen : detail::sized_option<kaon::table, fixed<18, 8>, 1024, Options...> {
        /// As its option names it.
        using named = detail::sized_option<kaon::table, fixed<18, 8>, 1024, Options...>;
        /// Listed entries, or void.
        using values = typename detail::array_option<table_values, Options...>::type;
    };

    /// Any floating-point scalar, any in fixed point with a table that can be had.
    template <class Scalar, class... Options>
    static constexpr auto judge() {
        using c = chosen<Options...>;
        if constexpr (is_floating<Scalar>) {
            return accepted{};
        } else if constexpr (!is_fixed_point<Scalar>) {
            return refused<expects_float, got<Scalar>>{};
        } else if constexpr (std::is_void_v<Exact> && std::is_void_v<typename c::values>) {
            return refused<expects_table_values, got<kaon::table<typename c::scalar, c::size>>>{};
        } else {
            return detail::judge_table<kaon::table<typename c::scalar, c::size>, typename c::values, Exact,
                                       typename c::scalar, c::size, Address>();
        }
    }
    template <class Scalar, class... Options>
    using verdict = decltype(judge<Scalar, Options...>());

    /// The table itself.
    template <class... Options>
    using entries =
        typename detail::table_with<typename chosen<Options...>::values, Exact, Address<chosen<Options...>::size>,
                                    typename chosen<Options...>::scalar>::type;

    /// The function as an entry of the table.
    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            using table = entries<Options...>;
            return look_up<table>(quantized<typename table::address::scalar>(x));
        }
    };
};

/// Addresses of functions of [-8, 8), of [-4, 4) and of (-8, 0], as hls4ml has them.
/// @{
template <std::size_t Size>
using within_eight = centred_address<Size, 4>;
template <std::size_t Size>
using within_four = centred_address<Size, 3>;
template <std::size_t Size>
using down_to_minus_eight = negative_address<Size, 3>;
/// @}

}  // namespace kaon
