// dropout.hpp: a layer of training that does nothing afterwards.
#pragma once

#include "view.hpp"

namespace kaon {

/// The input as it is. In training it sets values to zero at random (Srivastava et al., JMLR 15 (2014) 1929) and scales the
/// others, so that nothing is left to do here. Any shape and scalar.
template <class... Options>
struct basic_dropout : detail::view<Options...> {
    static constexpr char kind[] = "dropout";

    template <class Input>
    using verdict = accepted;

    template <class Input>
    struct bind : detail::bound_view<Input> {};
};
using dropout = basic_dropout<>;

}  // namespace kaon
