// expect: layer_error<.*entry_option<.*of_kind<.*relu.*weights.*expects_layer
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1; struct fc9;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using q = quantize<net, precisions<of_input<F>, by_default<weights<F>, bias<F>, accumulator<F>, result<F>>, of_kind<relu, weights<F>>>>;
q::output y;
