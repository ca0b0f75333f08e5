// quantize: a network's layers on scalars that are given apart from it.
#include <doctest/doctest.h>

#include "fixed_bits.hpp"

#include <ratio>
#include <type_traits>

namespace {

using kaon::accumulator, kaon::bias, kaon::fixed, kaon::result, kaon::ufixed, kaon::weights;

struct fc1 {};
struct out {};
using tagger = kaon::network<kaon::input<float, 16>, kaon::dense<64, fc1>, kaon::relu, kaon::dense<32>, kaon::relu,
                             kaon::dense<5, out>, kaon::sigmoid>;

using F = fixed<16, 6>;
using plain = kaon::precisions<kaon::of_input<F>, kaon::by_default<weights<F>, bias<F>, accumulator<F>, result<F>>>;
static_assert(std::is_same_v<
              kaon::quantize<tagger, plain>,
              kaon::network<kaon::input<F, 16>, kaon::dense<64, fc1, weights<F>, bias<F>, accumulator<F>, result<F>>,
                            kaon::basic_relu<result<F>>, kaon::dense<32, weights<F>, bias<F>, accumulator<F>, result<F>>,
                            kaon::basic_relu<result<F>>, kaon::dense<5, out, weights<F>, bias<F>, accumulator<F>, result<F>>,
                            kaon::basic_sigmoid<result<F>>>>);

// The nearest entry counts, whatever the order.
using W = fixed<6, 1>;
using U = ufixed<8, 4, kaon::round, kaon::saturate>;
using mixed =
    kaon::precisions<kaon::at_layer<2, weights<fixed<4, 1>>>, kaon::of_layer<out, bias<fixed<20, 8>>, result<fixed<12, 6>>>,
                     kaon::of_kind<kaon::relu, result<U>>, kaon::of_kind<kaon::dense<1>, result<kaon::exact>>,
                     kaon::of_kind<kaon::sigmoid, kaon::table<fixed<10, 1>, 256>>,
                     kaon::by_default<weights<W>, bias<W>, accumulator<kaon::exact>, result<kaon::exact>>,
                     kaon::of_input<fixed<8, 4>>>;
static_assert(std::is_same_v<kaon::quantize<tagger, mixed>,
                             kaon::network<kaon::input<fixed<8, 4>, 16>, kaon::dense<64, fc1, weights<W>, bias<W>>,
                                           kaon::basic_relu<result<U>>, kaon::dense<32, weights<fixed<4, 1>>, bias<W>>,
                                           kaon::basic_relu<result<U>>,
                                           kaon::dense<5, out, weights<W>, bias<fixed<20, 8>>, result<fixed<12, 6>>>,
                                           kaon::basic_sigmoid<kaon::table<fixed<10, 1>, 256>>>>);

// What the network says itself is replaced; what is exact again is taken out.
using said = kaon::network<kaon::input<fixed<8, 4>, 3>, kaon::dense<2, weights<W>, accumulator<F>, result<F>>>;
static_assert(
    std::is_same_v<
        kaon::quantize<said, kaon::precisions<kaon::of_input<F>,
                                              kaon::by_default<weights<F>, bias<F>, accumulator<kaon::exact>, result<U>>>>,
        kaon::network<kaon::input<F, 3>, kaon::dense<2, weights<F>, bias<F>, result<U>>>>);

// Compositions: layers of branches count as they are written.
using composed = kaon::network<kaon::inputs<kaon::input<float, 4>, kaon::input<std::int32_t, 2>>,
                               kaon::parallel<kaon::chain<kaon::take<0>, kaon::residual<kaon::dense<4>, kaon::relu>>,
                                              kaon::chain<kaon::take<1>, kaon::embedding<10, 2>, kaon::flatten>>,
                               kaon::concat, kaon::dense<1, out>>;
using composed_in_fixed =
    kaon::quantize<composed,
                   kaon::precisions<kaon::of_input<F>, kaon::by_default<weights<F>, bias<F>, accumulator<F>, result<F>>,
                                    kaon::at_layer<9, result<fixed<8, 4>>>>>;
static_assert(std::is_same_v<composed_in_fixed::output::scalar, fixed<8, 4>>);

template <class Net>
using graph = kaon::network<kaon::input<Net, 6>,
                            kaon::named_graph<kaon::gives<out>, kaon::node<fc1, kaon::dense<4, fc1>, kaon::from_input<0>>,
                                              kaon::node<out, kaon::chain<kaon::add, kaon::dense<3, out>>, fc1, fc1>>>;
using graph_in_fixed =
    kaon::quantize<graph<float>, kaon::precisions<kaon::of_input<F>, kaon::of_layer<out, weights<W>>,
                                                  kaon::by_default<weights<F>, bias<F>, accumulator<F>, result<F>>>>;
static_assert(
    std::is_same_v<
        graph_in_fixed,
        kaon::network<
            kaon::input<F, 6>,
            kaon::named_graph<
                kaon::gives<out>,
                kaon::node<fc1, kaon::dense<4, fc1, weights<F>, bias<F>, accumulator<F>, result<F>>, kaon::from_input<0>>,
                kaon::node<out,
                           kaon::chain<kaon::basic_add<result<F>>,
                                       kaon::dense<3, out, weights<W>, bias<F>, accumulator<F>, result<F>>>,
                           fc1, fc1>>>>);

// Numbers in a type take scalars where an entry has them, and need none.
using sloped = kaon::network<kaon::input<float, 2>, kaon::leaky_relu<std::ratio<1, 5>>,
                             kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>>>;
using sloped_in_fixed = kaon::quantize<sloped, kaon::precisions<kaon::of_input<F>, kaon::by_default<result<F>>,
                                                                kaon::at_layer<0, weights<W>>, kaon::at_layer<1, bias<U>>>>;
static_assert(std::is_same_v<sloped_in_fixed,
                             kaon::network<kaon::input<F, 2>, kaon::leaky_relu<std::ratio<1, 5>, weights<W>, result<F>>,
                                           kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>, bias<U>, result<F>>>>);

}  // namespace

TEST_CASE("a quantized network has the bits of the scalar loop") {
    CHECK(different_bits<kaon::quantize<tagger, plain>>() == 0);
    CHECK(different_bits<graph_in_fixed>() == 0);
}
