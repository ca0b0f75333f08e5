// expect: layer_error<.*layer_number<0.*softmax.*expects_rank<1.*got<.*shape<5, 5
#include <kaon/kaon.hpp>
using refused = kaon::network<kaon::input<float, 5, 5>, kaon::softmax>;
static_assert(refused::output::size > 0, "");
