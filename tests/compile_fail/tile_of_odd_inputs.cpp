// expect: layer_error<.*layer_number<0.*dense<12.*expects_inputs_at_a_time<1[ul]*, 2[ul]*, 4[ul]*, 8[ul]*>.*got<.*tile<6[ul]*, 3
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 8>, kaon::dense<12, kaon::tile<6, 3>>>;
static_assert(refused::output::size > 0, "");
