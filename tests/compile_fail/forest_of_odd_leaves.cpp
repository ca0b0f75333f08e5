// expect: layer_error<.*layer_number<0.*forest<(\(.*\))?2.*expects_trees.*got<.*shape<2
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<16, 6>, 4>, kaon::forest<2, 7, 2, 1>>;
static_assert(refused::output::size > 0, "");
