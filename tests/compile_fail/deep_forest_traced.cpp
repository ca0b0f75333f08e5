// expect: layer_error<.*layer_number<0.*forest<(\(.*\))?1.*expects_levels<(\(.*\))?6.*got<.*shape<1
#include <kaon/kaon.hpp>
#include <kaon/rtl/trace.hpp>
using deep = kaon::network<kaon::input<kaon::fixed<16, 6>, 4>, kaon::forest<1, 15, 7, 1>>;
static_assert(kaon::rtl::on_wires<deep>::output::size > 0, "");
