// expect: layer_error<.*weights<.*expects_entry
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using all = by_default<weights<F>, bias<F>, accumulator<F>, result<F>>;
using q = quantize<net, precisions<of_input<F>, all, weights<F>>>;
q::output y;
