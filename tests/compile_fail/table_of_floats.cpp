// expect: layer_error<.*layer_number<0.*tanh.*expects_fixed_point.*got<float
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::basic_tanh<kaon::table<float, 1024>>>;
static_assert(refused::output::size > 0, "");
