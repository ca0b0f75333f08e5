// expect: layer_error<.*layer_number<0.*dense<(\(.*\))?2.*expects_fixed_extents.*got<.*counted_tensor<float.*shape<6
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, kaon::up_to<6>>, kaon::dense<2>>;
static_assert(refused::output::size > 0, "");
