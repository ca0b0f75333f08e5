// expect: layer_error<.*forest<(\(.*\))?1.*expects_levels<(\(.*\))?6.*got<.*hls
#include <kaon/hls.hpp>
using deep = kaon::network<kaon::input<kaon::fixed<16, 6>, 4>, kaon::forest<1, 15, 7, 1>>;
constexpr kaon::model<deep, kaon::hls> model(deep::parameters{});
