// ap_fixed.hpp: ap_fixed and ap_ufixed as scalars of networks, on a CPU: weights are held by kaon::model. The include path
// supplies <ap_fixed.h>: in an HLS flow the tool's own, never a copy.
#pragma once

#include "fixed.hpp"
#include "format.hpp"

#include <ap_fixed.h>

#include <cstdint>
#include <type_traits>

namespace kaon {
namespace detail {

template <int W, int I, bool S, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>
using ap_of = std::conditional_t<S, ap_fixed<W, I, Q, O, N>, ap_ufixed<W, I, Q, O, N>>;

/// ap_fixed has no modes toward plus infinity or away from zero: no such type is named.
constexpr ap_q_mode ap_mode(rounding_mode q) {
    constexpr ap_q_mode modes[] = {AP_TRN, AP_TRN_ZERO, AP_RND, AP_RND_ZERO, AP_RND_MIN_INF, AP_RND_INF, AP_RND_CONV};
    return modes[static_cast<int>(q)];
}
constexpr ap_o_mode ap_mode(overflow_mode o) {
    constexpr ap_o_mode modes[] = {AP_WRAP, AP_SAT, AP_SAT_ZERO, AP_SAT_SYM};
    return modes[static_cast<int>(o)];
}

/// Other's values in the vendor's kind of type.
template <class Other>
struct as_ap {
    using type = Other;
};
template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
struct as_ap<basic_fixed<W, I, S, Q, O>> {
    using type = ap_of<W, I, S, ap_mode(Q), ap_mode(O)>;
};
/// The type of an operator's result.
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
struct as_ap<ap_fixed_base<W, I, S, Q, O, N>> {
    using type = ap_of<W, I, S, Q, O, N>;
};

template <int W, int I, bool S>
struct ap_format : format<W, I, S> {
    template <class Format>
    using with = ap_of<Format::width, Format::integer, Format::is_signed>;
    template <class Other>
    using like = typename as_ap<Other>::type;
};

template <class T>
inline constexpr bool is_ap = false;
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
inline constexpr bool is_ap<ap_fixed<W, I, Q, O, N>> = true;
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
inline constexpr bool is_ap<ap_ufixed<W, I, Q, O, N>> = true;

}  // namespace detail

template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct format_of<ap_fixed<W, I, Q, O, N>> : detail::ap_format<W, I, true> {};
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
struct format_of<ap_ufixed<W, I, Q, O, N>> : detail::ap_format<W, I, false> {};
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
struct format_of<ap_fixed_base<W, I, S, Q, O, N>> : detail::ap_format<W, I, S> {};

template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
inline constexpr bool sums_in_any_order<ap_fixed<W, I, Q, O, N>> = O == AP_WRAP&& N == 0;
template <int W, int I, ap_q_mode Q, ap_o_mode O, int N>
inline constexpr bool sums_in_any_order<ap_ufixed<W, I, Q, O, N>> = O == AP_WRAP&& N == 0;

}  // namespace kaon

// In the vendor's own namespace, the global one: there nests find them by the types of their arguments.

template <class T, class = std::enable_if_t<kaon::detail::is_ap<T>>>
T maximum(const T& a, const T& b) noexcept {
    return a < b ? b : a;
}
template <class T, class = std::enable_if_t<kaon::detail::is_ap<T>>>
T minimum(const T& a, const T& b) noexcept {
    return b < a ? b : a;
}

/// sum + w * x: the product is cast to the sum's type first, then the sum wraps: the same bits in any order.
template <class Weight, class X, class Sum,
          class = std::enable_if_t<kaon::detail::is_ap<Weight> && kaon::detail::is_ap<X> && kaon::detail::is_ap<Sum>>>
Sum multiply_add(const Weight& w, const X& x, const Sum& sum) noexcept {
    static_assert(kaon::sums_in_any_order<Sum>, "kaon: a saturating accumulator depends on the order of its sums");
    return Sum(sum + Sum(w * x));
}

/// The entry of a table (scalar/table.hpp) at an address.
template <class Table, class T, class = std::enable_if_t<kaon::detail::is_ap<T>>>
typename kaon::detail::as_ap<typename Table::scalar>::type look_up(const T& address) noexcept {
    using format = kaon::format_of<T>;
    using plain = kaon::basic_fixed<format::width, format::integer, format::is_signed>;
    const auto raw = plain::from_raw(static_cast<std::int64_t>(address.range(format::width - 1, 0).to_uint64())).raw();
    typename kaon::detail::as_ap<typename Table::scalar>::type entry;
    entry.range(Table::scalar::width - 1, 0) = static_cast<std::uint64_t>(Table::raw(Table::address::index(raw)));
    return entry;
}
