// layer_norm_by_table.hpp: layer normalisation in fixed point, as hls4ml 1.3 has it (layernorm_1d of its nnet_layernorm.h).
#pragma once

#include "per_feature.hpp"
#include "scaler.hpp"
#include "table_function.hpp"

#include "../core/layer_error.hpp"
#include "../core/loop.hpp"
#include "../core/option.hpp"
#include "../core/tensor.hpp"
#include "../scalar/constant_scalar.hpp"
#include "../scalar/precision.hpp"
#include "../scalar/table.hpp"
#include "../simd/look_up.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace kaon::detail {

/// Its accumulator and its table of 1 / sqrt(variance + Epsilon), named or as hls4ml 1.3 has them.
template <class Epsilon, class... Options>
struct layer_norm_types {
    using sum = kaon::option_of<accumulator, void, Options...>;
    using named = sized_option<kaon::table, ufixed<8, 5, round_conv, saturate>, 4096, Options...>;
    using values = typename array_option<table_values, Options...>::type;
    using exact = inverse_root_table<Epsilon>;
    /// Of a variance in [0, 2^-power).
    template <std::size_t Size>
    using address = positive_address<Size, -range_power<Options...>>;
    using entries = typename table_with<values, exact, address<named::size>, typename named::scalar>::type;
};

/// Whether its sums are named and its table can be had.
template <class Epsilon, class Scalar, class... Options>
constexpr auto judge_layer_norm() {
    using types = layer_norm_types<Epsilon, Options...>;
    using sum = typename types::sum;
    using entry = typename types::named::scalar;
    constexpr std::size_t size = types::named::size;
    using verdict = decltype(judge_table<kaon::table<entry, size>, typename types::values, typename types::exact, entry,
                                         size, types::template address>());
    if constexpr (std::is_void_v<sum>) {
        return refused<expects_accumulator, got<Scalar>>{};
    } else if constexpr (!is_basic_fixed<sum>) {
        return refused<expects_fixed_point, got<sum>>{};
    } else if constexpr (!std::is_same_v<verdict, accepted> || !std::is_void_v<typename types::values>) {
        return verdict{};
    } else if constexpr (!types::exact::fits(ceil_log2(size), range_power<Options...>)) {
        return refused<expects_ratio, got<Epsilon>>{};
    } else if constexpr (entry::overflow == overflow_mode::wrap &&
                         quarters_of(types::exact::at(false, 0, -ceil_log2(size) - range_power<Options...>), entry::fraction)
                                 .magnitude >= far_beyond) {
        return refused<expects_saturating_table, got<entry>>{};
    } else {
        return accepted{};
    }
}

/// One value at a time and a nest of its own: the sums are cast after every step, in order, so that they have the firmware's bits where
/// they saturate, and no lane may have a part of one.
template <class Input, class Epsilon, class... Options>
struct layer_norm_by_table {
    using X = typename Input::scalar;
    using types = layer_norm_types<Epsilon, Options...>;
    using sum = typename types::sum;
    using entries = typename types::entries;
    using weight = typename precision<X, 1, Options...>::weight;
    using bias = typename precision<X, 1, Options...>::bias;
    using named = kaon::option_of<result, void, Options...>;
    static constexpr std::size_t n = Input::size;
    using parameters = scaler_parameters<weight, bias, n>;
    template <class Target>
    using constants = feature_constants<parameters>;
    /// The products of sum and 1 / n, the squares, and two of each feature.
    static constexpr std::size_t multiplications = 3 * n + 2;
    static constexpr std::size_t parameter_count = 2 * n;

    template <class Target>
    static constexpr constants<Target> repack(const parameters& p) {
        return {p};
    }

    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const constants<Target>& c, const Source& x, const Sink& sink) noexcept {
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            total sums(0);
            repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                sums = quantized<sum>(sums + quantized<sum>(x.at(r, i)));
            });
            const total mean = shared(sums);
            total differences[n];
            total squares(0);
            repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                const total d = quantized<sum>(quantized<sum>(x.at(r, i)) - mean);
                differences[i] = d;
                squares = quantized<sum>(squares + quantized<sum>(d * d));
            });
            const auto factor = look_up<entries>(quantized<typename entries::address::scalar>(shared(squares)));
            repeat<Target, n>([&](std::size_t i) __attribute__((always_inline)) {
                sink(r, i, normalised(differences[i], factor, c.numbers.scale[i], c.numbers.offset[i]));
            });
        });
    }

private:
    using total = alike<sum, X>;

    /// A sum / n, with 1 / n as the accumulator has it.
    [[gnu::always_inline]] static constexpr total shared(const total& of_all) noexcept {
        constexpr sum share(1.0 / static_cast<double>(n));
        return quantized<sum>(of_all * constant_like<X>(share));
    }
    template <class Factor>
    [[gnu::always_inline]] static constexpr auto normalised(const total& difference, const Factor& factor,
                                                            const weight& scale, const bias& offset) noexcept {
        return quantized<named>(difference * factor * constant_like<X>(scale) + constant_like<X>(offset));
    }

public:
    using output =
        with_scalar<Input, decltype(normalised(std::declval<total>(), std::declval<alike<typename entries::scalar, X>>(),
                                               std::declval<weight>(), std::declval<bias>()))>;
};

}  // namespace kaon::detail
