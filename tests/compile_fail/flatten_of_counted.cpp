// expect: layer_error<.*layer_number<0.*flatten.*expects_fixed_extents.*got<.*counted_tensor
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, kaon::up_to<3>, 2>, kaon::flatten, kaon::relu>;
static_assert(refused::output::size > 0, "");
