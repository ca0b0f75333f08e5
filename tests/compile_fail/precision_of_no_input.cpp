// expect: layer_error<.*of_input<.*expects_scalar_of_input<0
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1; struct fc9;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using q = quantize<net, precisions<by_default<weights<F>, bias<F>, accumulator<F>, result<F>>>>;
q::output y;
