#include <kaon/kaon.hpp>

using net = kaon::network<kaon::input<float, 2>, kaon::dense<1>, kaon::relu>;
inline constexpr net::parameters parameters = {{{{{1.0f}, {2.0f}}, {3.0f}}}};
inline constexpr kaon::constant_model<net, parameters> model{};

int main() { return model(net::input{{1.0f, 1.0f}})[0] == 6.0f ? 0 : 1; }
