// batch_norm.hpp: a trained batch normalisation, with the numbers of its training.
#pragma once

#include "scaler.hpp"

#include "../core/number.hpp"

#include <cstddef>
#include <limits>

namespace kaon {

/// Parameters of a batch normalisation: gamma and beta, and the moving mean and variance.
template <class Scalar, std::size_t N>
struct batch_norm_parameters {
    /// A number a feature.
    /// @{
    Scalar scale[N];
    Scalar offset[N];
    Scalar mean[N];
    Scalar variance[N];
    /// @}

    template <class Parameters, class F>
    static constexpr void each(Parameters& p, F f) {
        f("scale", p.scale);
        f("offset", p.offset);
        f("mean", p.mean);
        f("variance", p.variance);
    }
};

namespace detail {

/// By Newton's method, for the compiler and at bind: not in the nest. NaN for what has no root.
constexpr double constant_square_root(double x) {
    if (!(x >= 0)) return std::numeric_limits<double>::quiet_NaN();
    if (x == 0 || x > std::numeric_limits<double>::max()) return x;
    // From above it falls until it stands.
    double root = x > 1 ? x : 1;
    for (double next = (root + x / root) / 2; next < root; next = (root + x / root) / 2) root = next;
    return root;
}

}  // namespace detail

/// (x - mean) / sqrt(variance + Epsilon) scale + offset (Ioffe and Szegedy, arXiv:1502.03167): [n] -> [n]. What it computes
/// is a scaler, whose numbers are worked out once, in double. Parameters: scale, offset, mean, variance [n]. Epsilon: a
/// number (core/number.hpp). A negative variance gives NaN. Fixed point: the parameters are floats, as trained; the scaler's are
/// rounded to weights<> and bias<>. Options: those of scaler.
template <class Epsilon, class... Options>
struct batch_norm {
    using tag = tag_of<Options...>;
    using shares = option_of<parameters_of, void, Options...>;
    static constexpr char kind[] = "batch_norm";
    static constexpr option_kind takes[] = {option_kind::weights, option_kind::bias, option_kind::accumulator,
                                            option_kind::result, option_kind::tile};
    static constexpr bool pointwise = false;
    template <class Input>
    using verdict = typename basic_scaler<Options...>::template verdict<Input>;

    template <class Input>
    struct bind : basic_scaler<Options...>::template bind<Input> {
        using base = typename basic_scaler<Options...>::template bind<Input>;
        using number =
            std::conditional_t<is_floating<typename Input::scalar>, parameter_scalar_t<typename Input::scalar>, float>;
        static constexpr std::size_t n = Input::size;
        using parameters = batch_norm_parameters<number, n>;
        static constexpr std::size_t parameter_count = 4 * n;

        template <class Target>
        static constexpr typename base::template constants<Target> repack(const parameters& p) {
            typename base::parameters scaler{};
            for (std::size_t i = 0; i < n; ++i) {
                const double spread = detail::constant_square_root(double(p.variance[i]) + kaon::number<Epsilon, double>);
                const double scale = double(p.scale[i]) / spread;
                scaler.scale[i] = static_cast<typename base::types::weight>(scale);
                // Two products that are exact, of 24 bits with 24 and 29: the same whether a compiler fuses them with the differences.
                const double high = static_cast<double>(static_cast<float>(scale));
                const double mean = static_cast<double>(p.mean[i]);
                scaler.offset[i] =
                    static_cast<typename base::types::bias>(double(p.offset[i]) - mean * high - mean * (scale - high));
            }
            return base::template repack<Target>(scaler);
        }
    };
};

}  // namespace kaon
