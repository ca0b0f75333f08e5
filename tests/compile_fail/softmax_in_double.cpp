// expect: layer_error<.*layer_number<1.*softmax.*expects_float.*got<double
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<double, 8>, kaon::dense<4>, kaon::softmax>;
static_assert(refused::output::size > 0, "");
