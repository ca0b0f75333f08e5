// expect: layer_error<.*layer_number<0.*forest<(\(.*\))?2.*expects_trees.*got<.*shape<2
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 4>, kaon::forest<2, 6, 1, 3>>;
static_assert(refused::output::size > 0, "");
