// expect: layer_error<.*layer_number<1.*dense<12.*expects_outputs_at_once<1[ul]*, 2[ul]*, 3[ul]*, 4[ul]*, 6[ul]*, 12[ul]*>.*got<.*tile<5
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 8>, kaon::dense<4>, kaon::dense<12, kaon::tile<5>>>;
static_assert(refused::output::size > 0, "");
