// containers.hpp: rows in a contiguous container as a batch: std::vector<std::array<float, 16>>, std::array of arrays, a span. Opt-in.
#pragma once

#include "../core/rows.hpp"
#include "../core/tensor.hpp"

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// Numbers of a row, and how far apart rows begin.
template <class Row>
struct row_of;
template <class T, std::size_t N>
struct row_of<std::array<T, N>> {
    using scalar = T;
    static constexpr std::size_t size = N, stride = N;
};
template <class T, class Shape>
struct row_of<tensor<T, Shape>> {
    using scalar = T;
    static constexpr std::size_t size = Shape::size, stride = sizeof(tensor<T, Shape>) / sizeof(T);
};

template <class C>
using element_of = std::remove_pointer_t<decltype(std::declval<C&>().data())>;

/// How many rows a container of a fixed size has; 0 where that is known when it runs.
template <class C>
inline constexpr std::size_t fixed_rows = 0;
template <class Row, std::size_t N>
inline constexpr std::size_t fixed_rows<std::array<Row, N>> = N;

}  // namespace detail

/// model(events, scores) for containers with data() and size() whose elements are rows: std::array or kaon::tensor.
template <class C>
struct matrix_rows<C, std::void_t<typename detail::row_of<std::remove_const_t<detail::element_of<C>>>::scalar,
                                  decltype(std::declval<C&>().size())>> {
    using element = detail::element_of<C>;
    using row = detail::row_of<std::remove_const_t<element>>;
    using scalar = std::conditional_t<std::is_const_v<element>, const typename row::scalar, typename row::scalar>;
    static constexpr std::size_t rows = detail::fixed_rows<std::remove_const_t<C>>, columns = row::size;

    static batch_view<scalar> view(C& events) noexcept {
        return {events.size() == 0 ? nullptr : events.data()->data(), events.size(), row::stride};
    }
    static std::size_t size(const C&) noexcept { return row::size; }
};

}  // namespace kaon
