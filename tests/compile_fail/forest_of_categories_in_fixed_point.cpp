// expect: layer_error<.*layer_number<0.*forest<(\(.*\))?2.*expects_float.*got<
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<16, 6>, 4>, kaon::forest<2, 6, 1, 1, kaon::splits_by_category<1, 2>>>;
static_assert(refused::output::size > 0, "");
