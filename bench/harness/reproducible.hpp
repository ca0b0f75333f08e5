// reproducible.hpp: a converted model under the policy that gives the same bits everywhere, beside kaon: what that costs.
#pragma once

#include "kaon.hpp"

namespace bench {

template <class Network, const typename Network::parameters& Numbers>
inline constexpr kaon::constant_model<Network, Numbers, kaon::reproducible<>> reproducible_model{};

/// `Numbers` is the constant of a converted header that holds the network's parameters.
template <class Network, const typename Network::parameters& Numbers>
class reproducible_engine : public kaon_engine<Network, reproducible_model<Network, Numbers>> {
public:
    explicit reproducible_engine(const events& given) : kaon_engine<Network, reproducible_model<Network, Numbers>>(given) {
        this->name = "reproducible";
    }
};

}  // namespace bench
