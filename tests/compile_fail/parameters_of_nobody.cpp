// expect: layer_error<.*layer_number<1.*dense<(\(.*\))?8.*expects_parameters_of<encoder.*got<.*dense_parameters<float, float, 8, 8
#include <kaon/kaon.hpp>
struct encoder {
    static constexpr char name[] = "encoder";
};
using refused = kaon::network<kaon::input<float, 4>, kaon::dense<8, encoder>, kaon::dense<8, kaon::parameters_of<encoder>>>;
static_assert(refused::output::size > 0, "");
