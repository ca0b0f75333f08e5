// model.hpp: a network with its parameters, as a value or bound to the type.
#pragma once

#include "network.hpp"
#include "rows.hpp"

#include <cstddef>

namespace kaon {
namespace detail {

/// Events a batch takes at once: as many as keep two packs of sums each in registers.
template <class Target>
inline constexpr std::size_t block_rows = register_size<typename Target::isa> == 64 ? 8 : 4;

/// Stores packs into the rows of a batch, the last one of a row only as far as the row goes.
template <class Target, class Tensor>
struct batch_sink {
    using scalar = typename Tensor::scalar;
    batch_view<scalar> rows;
    std::size_t first_row;

    template <class V>
    [[gnu::always_inline]] void operator()(std::size_t row, std::size_t first, const V& v) const noexcept {
        using A = arithmetic<Target, scalar, Tensor::size>;
        scalar* p = rows.data + (first_row + row) * rows.row_stride;
        if (rows.column_stride == 1 && first + A::lanes <= Tensor::size) {
            A::store(p + first, v);
            return;
        }
        scalar values[A::lanes];
        A::store(values, v);
        const std::size_t n = first + A::lanes <= Tensor::size ? A::lanes : Tensor::size - first;
        for (std::size_t i = 0; i < n; ++i) p[(first + i) * rows.column_stride] = values[i];
    }
};

/// Rows of a batch whose features are contiguous.
template <class T, std::size_t Rows>
struct view_rows {
    static constexpr std::size_t rows = Rows;
    const T* data;
    std::size_t row_stride;
    [[gnu::always_inline]] const T& at(std::size_t row, std::size_t i) const noexcept { return data[row * row_stride + i]; }
    [[gnu::always_inline]] const T* pointer(std::size_t row, std::size_t i) const noexcept {
        return data + row * row_stride + i;
    }
};

/// The calls of a model, given its repacked constants.
template <class Network, class Target>
struct forward {
    using input = typename Network::input;
    using output = typename Network::output;
    using scalar = typename input::scalar;
    using constants = typename Network::members::template constants<Target>;

    [[gnu::noinline]] static output event(const constants& c, const input& x) noexcept {
        output y;
        Network::chain::template run<Target>(
            c, tensor_rows<const input, 1>{&x}, [&](auto, std::size_t first, const auto& v) __attribute__((always_inline)) {
                Network::chain::template store_pack<Target, output>(y.values + first, v);
            });
        return y;
    }

    static void batch(const constants& c, batch_view<const scalar> x, batch_view<typename output::scalar> y) noexcept {
        constexpr std::size_t rows = block_rows<Target>;
        const std::size_t tail = x.rows % rows;
        const std::size_t whole = x.rows - tail;
        for (std::size_t row = 0; row < whole; row += rows) {
            const scalar* first = x.data + row * x.row_stride;
            if (x.column_stride == 1) {
                block(c, {first, x.row_stride}, {y, row});
            } else {
                // A nest reads contiguous features.
                scalar values[rows * input::size];
                for (std::size_t r = 0; r < rows; ++r) gather(x, row + r, values + r * input::size);
                block(c, {values, input::size}, {y, row});
            }
        }
        for (std::size_t t = 0; t < tail; ++t) {
            const std::size_t row = whole + t;
            input e;
            gather(x, row, e.values);
            const output scores = event(c, e);
            for (std::size_t o = 0; o < output::size; ++o) y.data[row * y.row_stride + o * y.column_stride] = scores[o];
        }
    }

private:
    using block_of_rows = view_rows<scalar, block_rows<Target>>;

    [[gnu::noinline]] static void block(const constants& c, const block_of_rows& x,
                                        const batch_sink<Target, output>& sink) noexcept {
        Network::chain::template run<Target>(c, x, sink);
    }

    static void gather(const batch_view<const scalar>& x, std::size_t row, scalar* values) noexcept {
        for (std::size_t i = 0; i < input::size; ++i) values[i] = x.data[row * x.row_stride + i * x.column_stride];
    }
};

}  // namespace detail

/// A network with its parameters: const, trivially copyable, shareable between threads. One event: model(x). A batch:
/// model(x, y), rows of y beside rows of x; the caller gives y as many rows as x.
template <class Network, class Target = native>
class model {
public:
    using network = Network;
    using input = typename Network::input;
    using output = typename Network::output;

    model() = default;
    constexpr explicit model(const typename Network::parameters& p)
        : constants_(Network::members::template repack<Target>(p)) {}

    output operator()(const input& x) const noexcept { return run::event(constants_, x); }
    void operator()(batch_view<const typename input::scalar> x, batch_view<typename output::scalar> y) const noexcept {
        run::batch(constants_, x, y);
    }

private:
    using run = detail::forward<Network, Target>;
    typename run::constants constants_;
};

/// A network whose parameters are bound to the type: repacked by the compiler.
template <class Network, const typename Network::parameters& Parameters, class Target = native>
class constant_model {
public:
    using network = Network;
    using input = typename Network::input;
    using output = typename Network::output;

    output operator()(const input& x) const noexcept { return run::event(constants, x); }
    void operator()(batch_view<const typename input::scalar> x, batch_view<typename output::scalar> y) const noexcept {
        run::batch(constants, x, y);
    }

private:
    using run = detail::forward<Network, Target>;
    static constexpr typename run::constants constants = Network::members::template repack<Target>(Parameters);
};

}  // namespace kaon
