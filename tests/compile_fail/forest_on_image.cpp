// expect: layer_error<.*layer_number<0.*forest<(\(.*\))?2.*expects_rank<1.*got<.*shape<4
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 4, 4>, kaon::forest<2, 6, 1, 1>>;
static_assert(refused::output::size > 0, "");
