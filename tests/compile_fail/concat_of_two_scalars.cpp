// expect: layer_error<.*layer_number<2.*concat.*expects_equal_scalars.*got<.*8, 4.*9, 4
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::inputs<kaon::input<kaon::fixed<8, 4>, 8>, kaon::input<kaon::fixed<9, 4>, 3>>,
                              kaon::parallel<kaon::take<0>, kaon::take<1>>, kaon::concat>;
static_assert(refused::output::size > 0, "");
