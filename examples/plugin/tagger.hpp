// tagger.hpp: what the host knows of a plugin.
#pragma once

#include <cstddef>

/// A model behind an interface. Const: any number of threads may call it at once.
class tagger {
public:
    virtual ~tagger() = default;
    virtual std::size_t features() const noexcept = 0;
    virtual std::size_t classes() const noexcept = 0;
    /// x: rows of features(), without gaps; y: room for as many rows of classes().
    virtual void operator()(const float* x, std::size_t rows, float* y) const noexcept = 0;
};

/// Every plugin has one, for dlsym.
extern "C" const tagger* kaon_example_tagger();
