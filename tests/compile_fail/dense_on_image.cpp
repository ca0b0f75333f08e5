// expect: layer_error<.*layer_number<1.*dense<(\(.*\))?4.*expects_rank<1.*got<.*shape<2, 3
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 2, 3>, kaon::relu, kaon::dense<4>, kaon::dense<2>>;
static_assert(refused::output::size > 0, "");
