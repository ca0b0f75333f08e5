// expect: layer_error<.*layer_number<1.*dense<0.*expects_outputs.*got<.*shape<0
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 8>, kaon::dense<4>, kaon::dense<0>>;
static_assert(refused::output::size > 0, "");
