// expect: layer_error<.*layer_number<1.*layer_norm.*expects_accumulator.*got<.*basic_fixed<12, 6
#include <kaon/kaon.hpp>
#include <ratio>
using refused = kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::dense<8, kaon::result<kaon::fixed<12, 6>>>,
                              kaon::layer_norm<std::ratio<1, 1000>>>;
static_assert(refused::output::size > 0, "");
