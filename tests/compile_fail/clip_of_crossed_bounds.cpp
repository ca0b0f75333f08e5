// expect: layer_error<.*layer_number<1.*clip.*expects_ordered_bounds.*got<std::ratio<2
#include <kaon/kaon.hpp>
#include <ratio>
using refused = kaon::network<kaon::input<float, 8>, kaon::dense<4>, kaon::clip<std::ratio<2>, std::ratio<1>>>;
static_assert(refused::output::size > 0, "");
