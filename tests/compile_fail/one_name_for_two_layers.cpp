// expect: layer_error<.*layer_number<2.*dense<3.*expects_another_name.*got<.*fc
#include <kaon/kaon.hpp>
struct fc {
    static constexpr char name[] = "fc";
};
using refused = kaon::network<kaon::input<float, 8>, kaon::dense<3, fc>, kaon::relu, kaon::dense<3, fc>>;
static_assert(refused::output::size > 0, "");
