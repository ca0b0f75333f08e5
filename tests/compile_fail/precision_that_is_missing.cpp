// expect: layer_error<.*layer_number<0.*dense<2.*expects_option<.*(accumulator|2)
#include <kaon/kaon.hpp>
using namespace kaon;
struct fc1; struct fc9;
using F = fixed<16, 6>;
using net = network<input<float, 4>, dense<2, fc1>, relu>;
using q = quantize<net, precisions<of_input<F>, by_default<weights<F>, bias<F>, result<F>>>>;
q::output y;
