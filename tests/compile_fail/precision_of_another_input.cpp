// expect: layer_error<.*of_input<.*1.*expects_tensors<2
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1; struct fc9;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using q = quantize<net, precisions<of_input<F>, of_input<F, 1>, by_default<weights<F>, bias<F>, accumulator<F>, result<F>>>>;
q::output y;
