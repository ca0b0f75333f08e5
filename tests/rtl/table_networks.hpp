// table_networks.hpp: networks of tables, comparisons and every rounding and overflow mode, whose records are tested.
#pragma once

#include <kaon/kaon.hpp>

#include <ratio>

namespace networks {

/// A dense layer, its sigmoid, another with a softmax.
using classifier = kaon::network<
    kaon::input<kaon::fixed<8, 4>, 6>, kaon::dense<5, kaon::weights<kaon::fixed<6, 1>>, kaon::result<kaon::fixed<12, 5>>>,
    kaon::basic_sigmoid<kaon::table<kaon::fixed<10, 1>, 256>>,
    kaon::dense<4, kaon::weights<kaon::fixed<6, 2>>, kaon::result<kaon::fixed<10, 4, kaon::round, kaon::saturate>>>,
    kaon::basic_softmax<kaon::exp_table<kaon::fixed<12, 2>, 256>, kaon::inv_table<kaon::fixed<12, 4>, 256>,
                        kaon::accumulator<kaon::fixed<14, 4>>,
                        kaon::inv_input<kaon::fixed<12, 4, kaon::round_conv, kaon::saturate>>,
                        kaon::result<kaon::ufixed<8, 0, kaon::round, kaon::saturate>>>>;

/// Functions side by side, each after a conversion of another mode; the place of the largest.
template <kaon::rounding_mode Q, kaon::overflow_mode O>
using converted = kaon::basic_identity<kaon::result<kaon::fixed<6, 2, Q, O>>>;
template <class... Layers>
using branch =
    kaon::chain<Layers..., kaon::basic_identity<kaon::result<kaon::fixed<9, 3, kaon::round_inf, kaon::saturate>>>>;
using functions = kaon::network<
    kaon::input<kaon::fixed<9, 3>, 3>,
    kaon::parallel<
        branch<converted<kaon::truncate_zero, kaon::saturate_zero>, kaon::leaky_relu<std::ratio<-3, 8>>>,
        branch<converted<kaon::round_zero, kaon::saturate_symmetric>,
               kaon::elu<std::ratio<1>, kaon::table<kaon::fixed<10, 2>, 64>>>,
        branch<converted<kaon::round_min_inf, kaon::wrap>, kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>>>,
        branch<converted<kaon::round_inf, kaon::saturate>,
               kaon::basic_tanh<kaon::table<kaon::fixed<9, 2, kaon::round>, 128>>>,
        branch<converted<kaon::round_conv, kaon::saturate_zero>, kaon::clip<std::ratio<-1>, std::ratio<3, 2>>>,
        branch<converted<kaon::toward_plus_infinity, kaon::saturate_symmetric>,
               kaon::hard_silu<std::ratio<1, 6>, std::ratio<1, 2>>>,
        branch<converted<kaon::away_from_zero, kaon::wrap>, kaon::basic_selu<kaon::table<kaon::fixed<10, 3>, 64>>>,
        branch<kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::legacy>, kaon::exp_table<kaon::fixed<12, 4>, 64>,
                                   kaon::inv_table<kaon::fixed<12, 4>, 64>>>,
        branch<kaon::basic_softmax<kaon::softmax_as<kaon::softmax_variant::argmax>>>>,
    kaon::concat>;

}  // namespace networks
