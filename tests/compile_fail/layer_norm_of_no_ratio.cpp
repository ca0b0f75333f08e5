// expect: layer_error<.*layer_number<0.*layer_norm.*expects_ratio.*got<.*epsilon
#include <kaon/kaon.hpp>
struct epsilon {
    static constexpr double value = 1e-3;
};
using refused =
    kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::layer_norm<epsilon, kaon::accumulator<kaon::fixed<14, 4>>>>;
static_assert(refused::output::size > 0, "");
