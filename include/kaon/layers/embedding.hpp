// embedding.hpp: rows of a trained table, chosen by integers: categories such as a particle's type or a detector's layer.
#pragma once

#include "pass.hpp"

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/rows.hpp"
#include "../core/tensor.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/opaque.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Parameters of an embedding.
template <class Scalar, std::size_t Rows, std::size_t Width>
struct embedding_parameters {
    /// A row a value of the index.
    Scalar weights[Rows][Width];

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("weights", p.weights);
    }
};

namespace detail {

/// As the nest reads them: whole packs, and after the last row one of zeros.
template <class Scalar, std::size_t Rows, std::size_t Width>
struct embedding_constants {
    alignas(register_bytes) Scalar rows[Rows + 1][Width];
};

}  // namespace detail

/// Row x[i] of a table for each integer of a vector: [n] -> [n][Width]; flatten makes a vector of it. An integer that is not
/// in 0..Rows-1 gives zeros. Parameters: weights [Rows][Width]. Options: a name, parameters_of<>, weights<> (default: float).
template <std::size_t Rows, std::size_t Width, class... Options>
struct embedding {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "embedding";
    static constexpr option_kind takes[] = {option_kind::weights};
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        if constexpr (!std::is_integral_v<typename Input::scalar>) {
            return refused<expects_integers, got<typename Input::scalar>>{};
        } else if constexpr (Input::extents::rank != 1) {
            return refused<expects_rank<1>, got<typename Input::extents>>{};
        } else if constexpr (Input::counted) {
            return refused<expects_fixed_extents, got<Input>>{};
        } else if constexpr (Rows == 0 || Width == 0) {
            return refused<expects_outputs, got<shape<Rows, Width>>>{};
        } else {
            return accepted{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        using scalar = option_of<weights, float, Options...>;
        static constexpr std::size_t n = Input::size;
        using output = tensor<scalar, shape<n, Width>>;
        using parameters = embedding_parameters<scalar, Rows, Width>;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = Rows * Width;

        template <class Target>
        using constants =
            detail::embedding_constants<scalar, Rows, round_up(Width, arithmetic<Target, scalar, Width>::lanes)>;

        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            constants<Target> c{};
            for (std::size_t row = 0; row < Rows; ++row) {
                for (std::size_t i = 0; i < Width; ++i) c.rows[row][i] = p.weights[row][i];
            }
            return c;
        }

        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
                const auto row = [&](std::size_t i) __attribute__((always_inline)) {
                    // Negative ones become large.
                    const auto index = static_cast<std::size_t>(x.at(r, i));
                    std::size_t row = index < Rows ? index : Rows;
                    // g++ 12 reads from wrong addresses where it makes a gather of several rows. Wires have none, and no assembly.
                    if constexpr (!Target::unrolled) detail::make_opaque_integer(row);
                    return static_cast<const scalar*>(c.rows[row]);
                };
                using row_packs = arithmetic<Target, scalar, Width>;
                if constexpr (n == 1 || Width % row_packs::lanes == 0) {
                    repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                        const auto* values = row(i);
                        repeat<Target, (Width + row_packs::lanes - 1) / row_packs::lanes>([&](
                            std::size_t p) __attribute__((always_inline)) {
                            sink(r, i * Width + p * row_packs::lanes, row_packs::load(values + p * row_packs::lanes));
                        });
                    });
                } else {
                    // Packs lie across rows.
                    output joined;
                    repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                        const auto* values = row(i);
                        for (std::size_t k = 0; k < Width; ++k) joined.values[i * Width + k] = values[k];
                    });
                    pass<output>::template forward<Target>(
                        tensor_rows<output, 1>{&joined}, [&](auto, auto first, const auto& v)
                                                             __attribute__((always_inline)) { sink(r, first, v); });
                }
            });
        }
    };
};

}  // namespace kaon
