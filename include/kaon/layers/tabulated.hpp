// tabulated.hpp: any function of one value, by a table of all its values.
#pragma once

#include "activation.hpp"
#include "table_function.hpp"

#include "../core/layer_error.hpp"
#include "../core/option.hpp"
#include "../scalar/constant_scalar.hpp"
#include "../scalar/precision.hpp"
#include "../scalar/table.hpp"
#include "../simd/look_up.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// The entry of a listed table at the bits of x.
struct tabulated_function {
    static constexpr char kind[] = "tabulated";

    /// Addressed by all bits of an Input.
    template <class Scalar, std::size_t Size, class Values, class Input>
    struct listed_table;
    template <class Scalar, std::size_t Size, const auto& Raw, class Input>
    struct listed_table<Scalar, Size, table_values<Raw>, Input> {
        /// As a table of scalar/table.hpp.
        using type = literal_table<Raw, high_bits_address<Size, Input>, Scalar>;
    };

    template <class Scalar, class... Options>
    static constexpr auto judge() {
        using named = detail::sized_option<table, fixed<18, 8>, 0, Options...>;
        using values = typename detail::array_option<table_values, Options...>::type;
        if constexpr (!is_fixed_point<Scalar>) {
            return refused<expects_fixed_point, got<Scalar>>{};
        } else if constexpr (std::is_void_v<values>) {
            return refused<expects_table_values, got<values>>{};
        } else if constexpr (format_of<Scalar>::width > 16 || named::size != std::size_t{1} << format_of<Scalar>::width) {
            return refused<expects_entry_for_each_value, got<Scalar, table<typename named::scalar, named::size>>>{};
        } else {
            return detail::judge_table<table<typename named::scalar, named::size>, values, void, typename named::scalar,
                                       named::size, address>();
        }
    }
    template <class Scalar, class... Options>
    using verdict = decltype(judge<Scalar, Options...>());

    template <class... Options>
    struct in_fixed_point {
        template <class V>
        [[gnu::always_inline]] static constexpr auto apply(const V& x) noexcept {
            using named = detail::sized_option<table, fixed<18, 8>, 0, Options...>;
            using values = typename detail::array_option<table_values, Options...>::type;
            using entries =
                typename listed_table<typename named::scalar, named::size, values, detail::plain_scalar<V>>::type;
            return look_up<entries>(quantized<typename entries::address::scalar>(x));
        }
    };

private:
    template <std::size_t Size>
    using address = high_bits_address<Size, ufixed<16, 16>>;
};

/// Entry x of a table with an entry for each value that x can have, by its bits: negative ones lie behind the others, as in the look-up
/// tables that HGQ2's models become in hls4ml 1.3. Fixed point of up to 16 bits. Options: a name, table<Scalar, Size> and
/// table_values<array>, which must stand, result<>.
template <class... Options>
using tabulated = activation<tabulated_function, Options...>;

}  // namespace kaon
