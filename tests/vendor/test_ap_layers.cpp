// dense and relu have the bits of plain loops over ap_fixed: exact sums and named accumulators, results in every mode of ap_fixed.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/ap_fixed.hpp>

#include "../raw_values.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <type_traits>
#include <utility>

using kaon::fixed;
using kaon::ufixed;

namespace {

template <class Fixed>
using ap = typename kaon::detail::as_ap<Fixed>::type;

/// The raw integer, exact up to 53 bits.
template <class T>
std::int64_t raw_of(const T& value) {
    return static_cast<std::int64_t>(std::ldexp(value.to_double(), kaon::format_of<T>::fraction));
}

constexpr std::size_t inputs = 11, outputs = 13;

/// dense, then relu: Sum void: exact.
template <class X, class Weight, class Bias, class Sum, class Result, class Activated>
struct layer {
    template <class... Accumulator>
    using net_of =
        kaon::network<kaon::input<X, inputs>,
                      kaon::dense<outputs, kaon::weights<Weight>, kaon::bias<Bias>, kaon::result<Result>, Accumulator...>,
                      kaon::basic_relu<kaon::result<Activated>>>;
    static constexpr bool exact = std::is_void_v<Sum>;
    using net = typename std::conditional_t<exact, std::enable_if<true, net_of<>>,
                                            std::enable_if<true, net_of<kaon::accumulator<Sum>>>>::type;
    /// For the plain loops: wide enough for every sum, or the named one.
    using sum = ap<std::conditional_t<exact, fixed<48, 24>, Sum>>;

    /// The same, as one would write it for an HLS compiler.
    static void plain(const ap<Weight> (&w)[inputs][outputs], const ap<Bias> (&b)[outputs], const ap<X> (&x)[inputs],
                      ap<Activated> (&y)[outputs]) {
        for (std::size_t o = 0; o < outputs; ++o) {
            sum total = b[o];
            for (std::size_t i = 0; i < inputs; ++i) total += sum(w[i][o] * x[i]);
            const ap<Result> result = total;
            if (result > 0) {
                y[o] = result;
            } else {
                y[o] = 0;
            }
        }
    }

    static int different(std::size_t seed) {
        raw_values random(seed);
        const auto p = std::make_unique<typename net::parameters>();
        random.fill(*p);
        static ap<Weight> w[inputs][outputs];
        static ap<Bias> b[outputs];
        for (std::size_t o = 0; o < outputs; ++o) {
            for (std::size_t i = 0; i < inputs; ++i) w[i][o] = static_cast<double>(kaon::get<0>(*p).weights[i][o]);
            b[o] = static_cast<double>(kaon::get<0>(*p).bias[o]);
        }
        const kaon::model<net> model(*p);
        int different = 0;
        std::set<std::int64_t> values;
        for (int event = 0; event < 300; ++event) {
            typename net::input in;
            ap<X> x[inputs];
            ap<Activated> expected[outputs];
            for (std::size_t i = 0; i < inputs; ++i) {
                in[i] = random.next<X>();
                x[i] = static_cast<double>(in[i]);
            }
            plain(w, b, x, expected);
            const auto y = model(in);
            for (std::size_t o = 0; o < outputs; ++o) {
                different += y[o].raw() != raw_of(expected[o]);
                values.insert(y[o].raw());
            }
        }
        return values.size() > 3 ? different : -1;  // no constant layer passes
    }
};

/// Results of both layers in a rounding mode and an overflow mode; the accumulator rounds likewise.
template <std::size_t Mode>
int different_in_mode() {
    constexpr auto q = static_cast<kaon::rounding_mode>(Mode % 7);
    constexpr auto o = static_cast<kaon::overflow_mode>(Mode / 7);
    using result = fixed<9, 5, q, o>;
    using activated = ufixed<6, 3, q, o>;
    using signed_activated = fixed<7, 6, q, o>;
    return layer<fixed<10, 4>, fixed<7, 1>, fixed<8, 3>, void, result, activated>::different(Mode) |
           layer<fixed<10, 4>, fixed<7, 1>, fixed<8, 3>, fixed<14, 5, q>, result, activated>::different(Mode) |
           layer<ufixed<15, 5>, fixed<12, 2>, fixed<20, 2>, fixed<17, 7, q>, fixed<13, 6, q, o>,
                 signed_activated>::different(Mode);
}

template <std::size_t... Mode>
int modes_that_differ(std::index_sequence<Mode...>) {
    return ((different_in_mode<Mode>() != 0) + ...);
}

}  // namespace

TEST_CASE("dense and relu have the bits of plain loops over ap_fixed, in every mode") {
    CHECK(modes_that_differ(std::make_index_sequence<28>()) == 0);
}
