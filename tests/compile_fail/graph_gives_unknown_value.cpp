// expect: layer_error<.*layer_number<2.*gives<absent.*expects_value_named<absent>.*got<hidden, last
#include <kaon/kaon.hpp>
struct hidden {};
struct last {};
using refused =
    kaon::network<kaon::input<float, 8>,
                  kaon::named_graph<kaon::gives<struct absent>, kaon::node<hidden, kaon::dense<4>, kaon::from_input<0>>,
                                    kaon::node<last, kaon::dense<4>, hidden>>>;
static_assert(refused::output::size > 0, "");
