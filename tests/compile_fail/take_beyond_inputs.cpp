// expect: layer_error<.*layer_number<0.*take<(\(.*\))?2.*expects_tensors<(\(.*\))?3.*got<.*shape<8.*shape<3
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::inputs<kaon::input<float, 8>, kaon::input<float, 3>>, kaon::take<2>, kaon::dense<2>>;
static_assert(refused::output::size > 0, "");
