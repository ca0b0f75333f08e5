// expect: layer_error<.*layer_number<0.*softplus.*expects_table_scalar.*got<.*basic_fixed<64, 8
#include <kaon/kaon.hpp>
using refused =
    kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::basic_softplus<kaon::table<kaon::fixed<64, 8>, 1024>>>;
static_assert(refused::output::size > 0, "");
