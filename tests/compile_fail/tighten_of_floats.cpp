// expect: tighten is for networks in fixed point
#include <kaon/kaon.hpp>
#include <kaon/models/tighten.hpp>
using net = kaon::network<kaon::input<float, 2>, kaon::dense<1>>;
constexpr net::parameters p{};
kaon::tighten<net, p>::output y;
