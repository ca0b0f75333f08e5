// expect: layer_error<.*layer_number<0.*sigmoid.*expects_table_size.*got<.*table<.*basic_fixed<18, 8.*1000
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::basic_sigmoid<kaon::table<kaon::fixed<18, 8>, 1000>>>;
static_assert(refused::output::size > 0, "");
