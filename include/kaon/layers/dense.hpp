// dense.hpp: y = x W + b.
#pragma once

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>
#include <type_traits>

namespace kaon {

/// Fully connected layer: [in] -> [Outputs]. Parameters: weights [in][Outputs], bias [Outputs].
template <std::size_t Outputs, class... Options>
struct dense {
    using tag = typename tag_of<Options...>::type;
    static constexpr char kind[] = "dense";
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = std::conditional_t<Input::extents::rank == 1, accepted,
                                       refused<expects_rank<1>, got<typename Input::extents>>>;

    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using weight = parameter_scalar_t<scalar>;
        using output = tensor<scalar, shape<Outputs>>;
        static constexpr std::size_t inputs = Input::size;
        static constexpr std::size_t multiplications = inputs * Outputs;
        static constexpr std::size_t parameter_count = inputs * Outputs + Outputs;

        struct parameters {
            weight weights[inputs][Outputs];
            weight bias[Outputs];
        };

        template <class Target>
        using ops = arithmetic<Target, scalar, Outputs>;

        /// Weights as the nest reads them: [in][Outputs rounded up to whole packs], the rest zero.
        template <class Target>
        struct constants {
            static constexpr std::size_t width = round_up(Outputs, ops<Target>::lanes);
            alignas(register_bytes) weight weights[inputs][width];
            alignas(register_bytes) weight bias[width];
        };

        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            constants<Target> c{};
            for (std::size_t i = 0; i < inputs; ++i) {
                for (std::size_t o = 0; o < Outputs; ++o) c.weights[i][o] = p.weights[i][o];
            }
            for (std::size_t o = 0; o < Outputs; ++o) c.bias[o] = p.bias[o];
            return c;
        }

        /// sink(row, first output, values): called once for each pack of outputs of each event.
        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            constexpr std::size_t rows = Source::rows;
            constexpr std::size_t packs = constants<Target>::width / ops<Target>::lanes;
            constexpr std::size_t block = rows > 1 ? 2 : 8;
            constexpr std::size_t whole = packs / block;
            repeat<whole>([&](std::size_t b) __attribute__((always_inline)) {
                tile<Target, block>(c, x, b * block, sink);
            });
            if constexpr (packs % block != 0) tile<Target, packs % block>(c, x, whole * block, sink);
        }

    private:
        /// Rows x Packs sums in registers, each split into chains enough to hide the latency of a multiply-add.
        template <class Target, std::size_t Packs, class Source, class Sink>
        [[gnu::always_inline]] static void tile(const constants<Target>& c, const Source& x, std::size_t first_pack,
                                                const Sink& sink) noexcept {
            using A = ops<Target>;
            using value = typename A::value;
            constexpr std::size_t rows = Source::rows;
            constexpr std::size_t wanted = (4 + rows * Packs - 1) / (rows * Packs);
            constexpr std::size_t chains = inputs < wanted ? 1 : wanted == 3 ? 4 : wanted;
            const std::size_t first = first_pack * A::lanes;

            value sums[chains][rows][Packs];
            for_each<Packs>([&](auto p) __attribute__((always_inline)) {
                const value bias = A::weight(c.bias + first + p * A::lanes);
                for_each<rows>([&](auto r) __attribute__((always_inline)) {
                    sums[0][r][p] = bias;
                    for_each<chains - 1, 1>([&](auto k) __attribute__((always_inline)) { sums[k][r][p] = value(weight(0)); });
                });
            });
            const auto step = [&](std::size_t i, auto chain) __attribute__((always_inline)) {
                for_each<rows>([&](auto r) __attribute__((always_inline)) {
                    const value input = A::broadcast(x.at(r, i));
                    for_each<Packs>([&](auto p) __attribute__((always_inline)) {
                        sums[chain][r][p] =
                            multiply_add(A::weight(c.weights[i] + first + p * A::lanes), input, sums[chain][r][p]);
                    });
                });
            };
            // One event: eight steps a turn, so that the loop's own instructions vanish among the products. A block of events
            // has products enough in one step.
            constexpr std::size_t turn = rows > 1 || inputs < 8 ? chains : 8;
            repeat<inputs / turn>([&](std::size_t j) __attribute__((always_inline)) {
                for_each<turn>([&](auto k) __attribute__((always_inline)) { step(j * turn + k, constant<k % chains>{}); });
            });
            for_each<inputs % turn>([&](auto k) __attribute__((always_inline)) {
                step(inputs / turn * turn + k, constant<k % chains>{});
            });
            for_each<rows>([&](auto r) __attribute__((always_inline)) {
                for_each<Packs>([&](auto p) __attribute__((always_inline)) {
                    sink(r, first + p * A::lanes, add_chains<0, chains>(sums, r, p));
                });
            });
        }

        template <std::size_t First, std::size_t Count, class Sums>
        [[gnu::always_inline]] static auto add_chains(const Sums& sums, std::size_t r, std::size_t p) noexcept {
            if constexpr (Count == 1) {
                return sums[First][r][p];
            } else {
                return add_chains<First, Count / 2>(sums, r, p) + add_chains<First + Count / 2, Count - Count / 2>(sums, r, p);
            }
        }
    };
};

}  // namespace kaon
