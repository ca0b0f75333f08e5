// expect: layer_error<.*layer_number<2.*dense<(\(.*\))?3.*expects_one_tensor.*got<.*shape<4.*shape<5
#include <kaon/kaon.hpp>
using refused =
    kaon::network<kaon::input<float, 8>, kaon::parallel<kaon::dense<4>, kaon::dense<5>>, kaon::dense<3>, kaon::softmax>;
static_assert(refused::output::size > 0, "");
