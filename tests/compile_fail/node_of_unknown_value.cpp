// expect: layer_error<.*layer_number<1.*node<last.*expects_value_named<.*from_input<1>.*got<hidden
#include <kaon/kaon.hpp>
struct hidden {};
struct last {};
using refused = kaon::network<kaon::input<float, 8>,
                              kaon::named_graph<kaon::gives<last>, kaon::node<hidden, kaon::dense<4>, kaon::from_input<0>>,
                                                kaon::node<last, kaon::dense<4>, kaon::from_input<1>>>>;
static_assert(refused::output::size > 0, "");
