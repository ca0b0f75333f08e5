// expect: layer_error<.*layer_number<3.*add.*expects_equal_shapes.*got<.*shape<8.*shape<4
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 8>, kaon::relu, kaon::residual<kaon::dense<4>>, kaon::dense<2>>;
static_assert(refused::output::size > 0, "");
