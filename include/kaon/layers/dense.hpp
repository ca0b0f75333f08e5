// dense.hpp: y = x W + b.
#pragma once

#include "turns.hpp"
#include "vector_input.hpp"

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/option_kind.hpp"
#include "../core/tensor.hpp"
#include "../scalar/precision.hpp"
#include "../simd/arithmetic.hpp"
#include "../simd/rom_products.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon {

/// Parameters of a dense layer.
template <class Weight, class Bias, std::size_t Inputs, std::size_t Outputs>
struct dense_parameters {
    /// The canonical layout.
    /// @{
    Weight weights[Inputs][Outputs];
    Bias bias[Outputs];
    /// @}

    /// f(name, array) for each tensor of p, in the canonical layout.
    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("weights", p.weights);
        f("bias", p.bias);
    }
};

/// As a nest reads them: steps of K inputs, outputs rounded up to whole packs; what is added is zero.
template <class Sums, std::size_t Inputs, std::size_t Outputs>
struct dense_constants {
    /// Sizes, and parameters as the target keeps them.
    /// @{
    static constexpr std::size_t width = round_up(Outputs, Sums::lanes);
    static constexpr std::size_t steps = round_up(Inputs, Sums::inputs) / Sums::inputs;
    alignas(register_bytes) typename Sums::stored_weight weights[steps][width][Sums::inputs];
    alignas(register_bytes) typename Sums::stored_bias bias[width];
    /// @}
};

/// Fully connected layer: [in] -> [Outputs]. Parameters: weights [in][Outputs], bias [Outputs].
/// Options: a name, weights<>, bias<>, accumulator<>, result<>, parameters_of<>, tile<>.
template <std::size_t Outputs, class... Options>
struct dense {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "dense";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::bias, option_kind::accumulator,
                                            option_kind::result, option_kind::tile};
    static constexpr bool pointwise = false;

    template <class Input>
    static constexpr auto judge() {
        using sum = option_of<accumulator, void, Options...>;
        if constexpr (!std::is_same_v<vector_verdict<Input>, accepted>) {
            return vector_verdict<Input>{};
        } else if constexpr (Outputs == 0) {
            return refused<expects_outputs, got<shape<Outputs>>>{};
        } else if constexpr (!sums_in_any_order<sum>) {
            return refused<expects_wrapping_accumulator, got<sum>>{};
        } else {
            return typename turns<Input::size, Outputs, Options...>::verdict{};
        }
    }
    template <class Input>
    using verdict = decltype(judge<Input>());

    template <class Input>
    struct bind {
        static constexpr std::size_t inputs = Input::size;
        static constexpr std::size_t multiplications = inputs * Outputs;
        static constexpr std::size_t parameter_count = inputs * Outputs + Outputs;
        using types = precision<typename Input::scalar, inputs, Options...>;
        using output = tensor<typename types::result, shape<Outputs>>;
        using parameters = dense_parameters<typename types::weight, typename types::bias, inputs, Outputs>;

        template <class Target>
        using sums = products<Target, typename Input::scalar, typename types::sums, Outputs>;

        template <class Target>
        using constants = dense_constants<sums<Target>, inputs, Outputs>;

        template <class Target>
        static constexpr constants<Target> repack(const parameters& p) {
            using S = sums<Target>;
            constants<Target> c{};
            for (std::size_t o = 0; o < Outputs; ++o) c.bias[o] = S::keep_bias(p.bias[o]);
            for (std::size_t i = 0; i < inputs; ++i) {
                for (std::size_t o = 0; o < Outputs; ++o) {
                    S::keep_weight(c.weights[i / S::inputs], o, i % S::inputs, p.weights[i][o]);
                    if constexpr (S::input_offset != 0) {
                        const auto of_offset =
                            static_cast<std::uint32_t>(c.weights[i / S::inputs][o][i % S::inputs] * S::input_offset);
                        c.bias[o] = static_cast<std::int32_t>(static_cast<std::uint32_t>(c.bias[o]) - of_offset);
                    }
                }
            }
            return c;
        }

        /// Those of the outputs that fill registers up, too.
        template <class Target>
        static constexpr std::size_t computed_multiplications =
            constants<Target>::steps* constants<Target>::width* sums<Target>::inputs;

        using turns = kaon::turns<inputs, Outputs, Options...>;
        /// Whether one circuit does the layer's work in turns.
        template <class Target>
        static constexpr bool shared = Target::unrolled&& turns::shared;

        /// sink(row, first output, values): called once for each pack of outputs of each event.
        template <class Target, class Source, class Sink>
        [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
            constexpr std::size_t packs = constants<Target>::width / sums<Target>::lanes;
            constexpr std::size_t block = shared<Target> ? turns::outputs / sums<Target>::lanes : Source::rows > 1 ? 2 : 8;
            constexpr std::size_t whole = packs / block;
            repeat<Target, whole, shared<Target>>([&](std::size_t b) __attribute__((always_inline)) {
                tile<Target, block>(c, x, b * block, sink);
            });
            if constexpr (packs % block != 0) tile<Target, packs % block>(c, x, whole * block, sink);
        }

    private:
        /// Rows x Packs sums in registers, each split into chains enough to hide the latency of a multiply-add.
        template <class Target, std::size_t Packs, class Source, class Sink>
        [[gnu::always_inline]] static void tile(const constants<Target>& c, const Source& x, std::size_t first_pack,
                                                const Sink& sink) noexcept {
            using S = sums<Target>;
            using value = typename S::value;
            constexpr std::size_t rows = Source::rows;
            constexpr std::size_t steps = inputs / S::inputs;
            constexpr std::size_t chains = !S::splits ? 1 : chains_of(rows * Packs, S::sums_in_flight, steps);
            const std::size_t first = first_pack * S::lanes;

            value partial[chains][rows][Packs];
            for_each<Packs>([&](std::size_t p) __attribute__((always_inline)) {
                const value bias = S::start(c.bias + first + p * S::lanes);
                for_each<rows>([&](std::size_t r) __attribute__((always_inline)) {
                    partial[0][r][p] = bias;
                    for_each<chains - 1, 1>([&](std::size_t k)
                                                __attribute__((always_inline)) { partial[k][r][p] = S::zero(); });
                });
            });
            const auto add = [&](std::size_t s, std::size_t r, std::size_t chain, const auto& input)
                __attribute__((always_inline)) {
                for_each<Packs>([&](std::size_t p) __attribute__((always_inline)) {
                    partial[chain][r][p] = S::step(partial[chain][r][p], c.weights[s][first + p * S::lanes], input);
                });
            };
            const auto step = [&](std::size_t s, std::size_t chain, auto count) __attribute__((always_inline)) {
                for_each<rows>([&](std::size_t r) __attribute__((always_inline)) {
                    add(s, r, chain, S::template broadcast<decltype(count)::value>(x.pointer(r, s * S::inputs)));
                });
            };
            // One event: four steps a turn, for one load serves four inputs, where a step has few products. A block of events
            // has products enough in one step. Longer turns are hardly faster and take far longer to compile.
            constexpr bool one_step = rows > 1 || Packs > 4 || steps < 4;
            constexpr std::size_t turn = shared<Target> ? turns::inputs / S::inputs : one_step || chains > 4 ? chains : 4;
            constexpr std::size_t group = rows > 1 || turn % S::steps_a_load != 0 ? 1 : S::steps_a_load;
            repeat<Target, steps / turn, shared<Target>>([&](std::size_t j) __attribute__((always_inline)) {
                for_each<turn / group>([&](std::size_t g) __attribute__((always_inline)) {
                    const std::size_t s = j * turn + g * group;
                    if constexpr (group == 1) {
                        step(s, g % chains, constant<S::inputs>{});
                    } else {
                        for_each<rows>([&](std::size_t r) __attribute__((always_inline)) {
                            const auto inputs_of_group = S::load_steps(x.pointer(r, s * S::inputs));
                            for_each<group>([&](auto k) __attribute__((always_inline)) {
                                add(s + k, r, (g * group + k) % chains, S::template operand_of<k>(inputs_of_group));
                            });
                        });
                    }
                });
            });
            for_each<steps % turn>([&](std::size_t k) __attribute__((always_inline)) {
                step(steps / turn * turn + k, k % chains, constant<S::inputs>{});
            });
            if constexpr (inputs % S::inputs != 0) step(steps, std::size_t(0), constant<inputs % S::inputs>{});
            for_each<rows>([&](std::size_t r) __attribute__((always_inline)) {
                for_each<Packs>([&](std::size_t p) __attribute__((always_inline)) {
                    const auto sum = S::total(add_chains<0, chains>(partial, r, p));
                    sink(r, first + p * S::lanes, quantized<typename types::result>(sum));
                });
            });
        }

        /// The least power of two that gives `wanted` sums.
        static constexpr std::size_t chains_of(std::size_t outputs, std::size_t wanted, std::size_t steps) {
            std::size_t chains = 1;
            while (chains * outputs < wanted && 2 * chains <= steps) chains *= 2;
            return chains;
        }

        template <std::size_t First, std::size_t Count, class Partial>
        [[gnu::always_inline]] static auto add_chains(const Partial& partial, std::size_t r, std::size_t p) noexcept {
            if constexpr (Count == 1) {
                return partial[First][r][p];
            } else {
                return add_chains<First, Count / 2>(partial, r, p) +
                       add_chains<First + Count / 2, Count - Count / 2>(partial, r, p);
            }
        }
    };
};

}  // namespace kaon
