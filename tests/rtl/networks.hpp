// networks.hpp: the networks whose records are tested.
#pragma once

#include <kaon/kaon.hpp>

namespace networks {

using weight = kaon::weights<kaon::fixed<6, 1>>;
using activation = kaon::ufixed<8, 4, kaon::round, kaon::saturate>;

/// The topology of the jet tagger; exact sums, rounded and saturated activations.
using tagger =
    kaon::network<kaon::input<kaon::fixed<8, 4>, 16>, kaon::dense<64, weight>, kaon::basic_relu<kaon::result<activation>>,
                  kaon::dense<32, weight>, kaon::basic_relu<kaon::result<activation>>, kaon::dense<32, weight>,
                  kaon::basic_relu<kaon::result<activation>>, kaon::dense<5, weight, kaon::result<kaon::fixed<16, 8>>>>;

/// Products truncated to a sum that wraps, as hls4ml does by default; a residual; branches joined.
using branches =
    kaon::network<kaon::input<kaon::fixed<10, 3>, 6>, kaon::dense<9, kaon::accumulator<kaon::fixed<12, 4>>>, kaon::relu,
                  kaon::residual<kaon::dense<9, weight, kaon::result<kaon::fixed<11, 5, kaon::round>>>>,
                  kaon::parallel<kaon::dense<3, kaon::weights<kaon::ufixed<5, 0>>, kaon::bias<kaon::fixed<9, -1>>,
                                             kaon::result<kaon::fixed<9, 3, kaon::truncate, kaon::saturate>>>,
                                 kaon::basic_identity<kaon::result<kaon::fixed<9, 3, kaon::truncate, kaon::saturate>>>>,
                  kaon::concat>;

/// Two inputs of different scalars, multiplied; a sum and its halves.
using two_inputs =
    kaon::network<kaon::inputs<kaon::input<kaon::fixed<7, 3>, 4>, kaon::input<kaon::ufixed<5, 1>, 4>>, kaon::multiply,
                  kaon::parallel<kaon::basic_relu<kaon::result<kaon::ufixed<4, 3, kaon::round>>>,
                                 kaon::dense<2, kaon::weights<kaon::fixed<5, 2>>,
                                             kaon::result<kaon::fixed<6, 9, kaon::round, kaon::saturate>>>>>;

}  // namespace networks
