// expect: layer_error<.*layer_number<0.*concat.*expects_fixed_extents.*got<.*counted_tensor<float, .*shape<6
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::inputs<kaon::input<float, kaon::up_to<6>>, kaon::input<float, 3>>, kaon::concat>;
static_assert(refused::output::size > 0, "");
