// expect: layer_error<.*layer_number<0.*softmax.*expects_saturating_table.*got<.*basic_fixed<18, 8
#include <kaon/kaon.hpp>
using refused =
    kaon::network<kaon::input<kaon::fixed<32, 20>, 4>, kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::latency>,
                                                                           kaon::exp_table<kaon::fixed<18, 8>, 1024>>>;
static_assert(refused::output::size > 0, "");
