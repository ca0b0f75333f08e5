// traced.hpp: a scalar that records what is done with it. Host only: it allocates.
#pragma once

#include "record.hpp"

#include "../scalar/fixed.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace kaon {
namespace rtl {

namespace detail {

inline record*& current_record() {
    static thread_local record* current = nullptr;
    return current;
}

}  // namespace detail

/// While it lives, traced scalars of this thread record into r.
class recording {
public:
    /// From here on into r, which must outlive it.
    explicit recording(record& r) : former_(detail::current_record()) { detail::current_record() = &r; }
    ~recording() { detail::current_record() = former_; }
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;

    /// The record of this thread. Throws std::logic_error where there is none: within a noexcept nest, that ends the program.
    static record& current() {
        record* r = detail::current_record();
        if (r == nullptr) throw std::logic_error("kaon: a traced scalar needs a kaon::rtl::recording while it is used");
        return *r;
    }

private:
    record* former_;
};

/// A wire that holds values of T, a basic_fixed: its operators give the types that T's give. Weights are plain T.
template <class T>
class traced {
    static_assert(T::width + (T::is_signed ? 0 : 1) <= 64, "kaon: wires of more than 64 bits (ufixed: 63) are not traced");

public:
    /// Weights are no wires.
    using parameter_type = T;

    /// Unspecified, as T's is.
    traced() = default;
    /// A constant.
    /// @{
    traced(int value) : traced(T(value)) {}
    traced(float value) : traced(T(value)) {}
    traced(double value) : traced(T(value)) {}
    /// @}

    /// A constant, converted to T.
    template <int W, int I, bool S, rounding_mode Q, overflow_mode O>
    traced(const basic_fixed<W, I, S, Q, O>& value)
        : id_(recording::current().constant(T(value).raw(), wire_format_of<T>)) {}

    /// Another wire, converted to T.
    template <class Other, class = std::enable_if_t<!std::is_same_v<Other, T>>>
    traced(const traced<Other>& other)
        : id_(recording::current().quantize(other.id(), wire_format_of<T>, T::rounding, T::overflow)) {}

    /// The wire of a node whose format is T's.
    static traced from_id(node_id id) {
        traced result;
        result.id_ = id;
        return result;
    }
    /// Its node in the record.
    node_id id() const { return id_; }

private:
    node_id id_;
};

/// Whether a scalar is a traced one.
template <class T>
inline constexpr bool is_traced = false;
template <class T>
inline constexpr bool is_traced<traced<T>> = true;

namespace detail {

template <class T>
struct untraced {
    using type = T;
};
template <class T>
struct untraced<traced<T>> {
    using type = T;
};
template <class T>
using untraced_t = typename untraced<T>::type;

template <class A, class B>
using if_recorded = std::enable_if_t<(is_traced<A> || is_traced<B>)&&is_fixed_point<A> && is_fixed_point<B>>;

/// a as a wire; a plain number is a constant.
template <class A>
traced<untraced_t<A>> wire(const A& a) {
    return a;
}

/// A table by the raw integers of its addresses.
template <class Table>
rom rom_of() {
    using address = typename Table::address;
    rom table{address::raw(0), std::vector<std::int64_t>(Table::size), wire_format_of<typename Table::scalar>};
    const auto size = static_cast<std::int32_t>(Table::size);
    for (std::int32_t i = 1; i < size; ++i) table.lowest = std::min(table.lowest, address::raw(i));
    for (std::int32_t i = 0; i < size; ++i) {
        table.values[static_cast<std::size_t>(address::raw(i) - table.lowest)] = Table::raw(i);
    }
    return table;
}

template <class Result, class A, class B>
traced<Result> combined(operation kind, const A& a, const B& b) {
    const node_id first = wire(a).id();
    const node_id second = wire(b).id();
    return traced<Result>::from_id(recording::current().combine(kind, first, second, wire_format_of<Result>));
}

}  // namespace detail

/// Exact, as for basic_fixed; at least one operand is traced, the other may be a number of fixed point.
/// @{
template <class A, class B, class = detail::if_recorded<A, B>>
auto operator*(const A& a, const B& b) {
    return detail::combined<decltype(detail::untraced_t<A>() * detail::untraced_t<B>())>(operation::multiply, a, b);
}
template <class A, class B, class = detail::if_recorded<A, B>>
auto operator+(const A& a, const B& b) {
    return detail::combined<decltype(detail::untraced_t<A>() + detail::untraced_t<B>())>(operation::add, a, b);
}
template <class A, class B, class = detail::if_recorded<A, B>>
auto operator-(const A& a, const B& b) {
    return detail::combined<decltype(detail::untraced_t<A>() - detail::untraced_t<B>())>(operation::subtract, a, b);
}
/// @}

/// Of two values of one format.
/// @{
template <class T>
traced<T> maximum(const traced<T>& a, const traced<T>& b) {
    return detail::combined<T>(operation::maximum, a, b);
}
template <class T>
traced<T> minimum(const traced<T>& a, const traced<T>& b) {
    return detail::combined<T>(operation::minimum, a, b);
}
/// @}

/// One bit, which select reads.
class traced_condition {
public:
    /// The wire of a node of one bit.
    explicit traced_condition(node_id id) : id_(id) {}
    /// Its node in the record.
    node_id id() const { return id_; }

private:
    node_id id_;
};

/// Whether a < b, of two values of one format.
template <class T>
traced_condition less(const traced<T>& a, const traced<T>& b) {
    return traced_condition(recording::current().combine(operation::less, a.id(), b.id(), wire_format_of<ufixed<1, 1>>));
}
/// a where the condition holds, else b.
template <class T>
traced<T> select(const traced_condition& condition, const traced<T>& a, const traced<T>& b) {
    return traced<T>::from_id(recording::current().select(condition.id(), a.id(), b.id()));
}

/// The entry of a table (scalar/table.hpp) at an address.
template <class Table, class T>
traced<typename Table::scalar> look_up(const traced<T>& address) {
    return traced<typename Table::scalar>::from_id(recording::current().look_up(detail::rom_of<Table>(), address.id()));
}

/// sum + w * x, as for basic_fixed: the product is cast to the sum's type first, then the sum wraps. w: plain or traced.
template <class W, class X, class T, class = std::enable_if_t<is_fixed_point<W>>>
traced<T> multiply_add(const W& w, const traced<X>& x, const traced<T>& sum) {
    static_assert(T::overflow == overflow_mode::wrap, "kaon: a saturating accumulator depends on the order of its sums");
    return detail::combined<T>(operation::add, sum, traced<T>(w * x));
}

}  // namespace rtl

/// Wires have the format of their values.
template <class T>
struct format_of<rtl::traced<T>> : format_of<T> {
    /// As format_of says.
    template <class Format>
    using with = rtl::traced<typename format_of<T>::template with<Format>>;
    /// As format_of says.
    template <class Other>
    using like = rtl::traced<rtl::detail::untraced_t<Other>>;
};

template <class T>
inline constexpr bool sums_in_any_order<rtl::traced<T>> = sums_in_any_order<T>;

}  // namespace kaon
