// trigger.hpp: a small fixed-point network, as a converter writes one.
#pragma once

#include <kaon/hls.hpp>

namespace trigger {

using hidden = kaon::ufixed<8, 4, kaon::round, kaon::saturate>;
using score = kaon::fixed<16, 7, kaon::round, kaon::saturate>;
using weight = kaon::fixed<6, 1>;

using network =
    kaon::network<kaon::input<kaon::fixed<8, 4>, 4>, kaon::dense<8, kaon::weights<weight>>,
                  kaon::basic_relu<kaon::result<hidden>>, kaon::dense<2, kaon::weights<weight>, kaon::result<score>>>;

inline constexpr network::parameters parameters = {
    {{{{0.53125, -0.25, 0.125, 0.90625, -0.71875, 0.0, 0.34375, -1.0},
       {-0.4375, 0.6875, 0.28125, -0.09375, 0.5, -0.625, 0.96875, 0.15625},
       {0.21875, 0.03125, -0.84375, 0.375, 0.0, 0.78125, -0.1875, 0.59375},
       {-0.15625, 0.46875, 0.65625, -0.53125, 0.25, 0.3125, -0.90625, 0.0625}},
      {0.125, -0.25, 0.5, 0.0, 0.03125, -0.5, 0.21875, 0.75}}},
    {{{{0.71875, -0.34375},
       {-0.5625, 0.8125},
       {0.40625, 0.1875},
       {-0.125, -0.96875},
       {0.875, 0.28125},
       {-0.65625, 0.0},
       {0.3125, 0.53125},
       {-1.0, 0.9375}},
      {-0.25, 0.4375}}}};

}  // namespace trigger
