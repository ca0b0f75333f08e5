// expect: layer_error<.*layer_number<1.*node<hidden.*expects_another_node_name.*got<hidden
#include <kaon/kaon.hpp>
struct hidden {};
struct last {};
using refused = kaon::network<kaon::input<float, 8>,
                              kaon::named_graph<kaon::gives<hidden>, kaon::node<hidden, kaon::dense<4>, kaon::from_input<0>>,
                                                kaon::node<hidden, kaon::dense<4>, kaon::from_input<0>>>>;
static_assert(refused::output::size > 0, "");
