// forest_and_network.hpp: the jet tagger's network and a forest over the same observables, as one type and one model.
#pragma once

#include "jet_forest.hpp"
#include "jet_tagger.hpp"
#include "join.hpp"

#include <kaon/kaon.hpp>

#include <cstddef>

namespace jets {

/// The first layer of a converted model: of jet_forest the trees alone, without the softmax after them.
template <class Network>
struct first_layer;
template <class Input, class First, class... Rest>
struct first_layer<kaon::network<Input, First, Rest...>> {
    using type = First;
};

using network = kaon::network<kaon::input<float, 16>,
                              kaon::parallel<first_layer<jet_forest::network>::type,
                                             kaon::chain<kaon::dense<64>, kaon::relu, kaon::dense<32>, kaon::relu,
                                                         kaon::dense<32>, kaon::relu, kaon::dense<5>>>,
                              kaon::concat, kaon::dense<5>, kaon::softmax>;

constexpr network::parameters joined() {
    network::parameters p{};
    kaon::get<0>(p) = kaon::get<0>(jet_forest::parameters);
    kaon::get<1>(p) = kaon::get<0>(jet_tagger::parameters);
    kaon::get<2>(p) = kaon::get<1>(jet_tagger::parameters);
    kaon::get<3>(p) = kaon::get<2>(jet_tagger::parameters);
    kaon::get<4>(p) = kaon::get<3>(jet_tagger::parameters);
    for (std::size_t i = 0; i < 10; ++i)
        for (std::size_t o = 0; o < 5; ++o) kaon::get<5>(p).weights[i][o] = join_weights[i][o];
    for (std::size_t o = 0; o < 5; ++o) kaon::get<5>(p).bias[o] = join_bias[o];
    return p;
}

inline constexpr network::parameters parameters = joined();
inline constexpr kaon::constant_model<network, parameters> model{};

}  // namespace jets
