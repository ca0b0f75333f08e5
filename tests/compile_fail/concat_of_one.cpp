// expect: layer_error<.*layer_number<1.*concat.*expects_several_tensors.*got<.*shape<4
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 8>, kaon::dense<4>, kaon::concat>;
static_assert(refused::output::size > 0, "");
