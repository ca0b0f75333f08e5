// compose.hpp: layers one after the other, side by side, and around.
#pragma once

namespace kaon {

/// Layers one after the other, where one is asked for: a branch of parallel.
template <class... Layers>
struct chain {};

/// Branches that read the same value: several tensors, in order. Each branch is a layer, a chain or another parallel.
/// Branches that each read one of several inputs begin with `take<I>`.
template <class... Branches>
struct parallel {};

struct identity;
template <class... Options>
struct basic_add;

/// y = x + layers(x). Source: He et al., Deep residual learning for image recognition (arXiv:1512.03385).
template <class... Layers>
using residual = chain<parallel<identity, chain<Layers...>>, basic_add<>>;

}  // namespace kaon
