// expect: layer_error<.*of_input<.*expects_one_scalar
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using all = by_default<weights<F>, bias<F>, accumulator<F>, result<F>>;
using q = quantize<net, precisions<of_input<F>, of_input<fixed<8, 4>>, all>>;
q::output y;
