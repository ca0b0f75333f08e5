// expect: layer_error<.*layer_number<1.*reshape<.*shape<(\(.*\))?4.*expects_values<(\(.*\))?20.*got<.*shape<(\(.*\))?21
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 3>, kaon::dense<21>, kaon::reshape<4, 5>, kaon::flatten, kaon::relu>;
static_assert(refused::output::size > 0, "");
