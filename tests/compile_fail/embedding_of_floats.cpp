// expect: layer_error<.*layer_number<1.*embedding<(\(.*\))?8.*expects_integers.*got<float
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 3>, kaon::relu, kaon::embedding<8, 4>, kaon::flatten>;
static_assert(refused::output::size > 0, "");
