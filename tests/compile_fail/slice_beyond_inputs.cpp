// expect: layer_error<.*layer_number<1.*slice<(\(.*\))?3.*expects_size<(\(.*\))?8.*got<.*shape<7
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 9>, kaon::dense<7>, kaon::slice<3, 5>, kaon::softmax>;
static_assert(refused::output::size > 0, "");
