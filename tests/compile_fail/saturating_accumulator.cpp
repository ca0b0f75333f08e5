// expect: layer_error<.*layer_number<0.*dense<.*expects_wrapping_accumulator.*got<.*basic_fixed<16, 6
#include <kaon/kaon.hpp>
using sum = kaon::fixed<16, 6, kaon::truncate, kaon::saturate>;
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::dense<2, kaon::accumulator<sum>>>;
static_assert(refused::output::size > 0, "");
