// pass.hpp: the nest that only loads: it stands before activations that follow no other layer.
#pragma once

#include "../core/loop.hpp"
#include "../simd/arithmetic.hpp"

#include <cstddef>

namespace kaon {

/// Hands each pack of the input to the sink.
template <class Input>
struct pass {
    /// Events as a source gives them, to a sink.
    template <class Target, class Source, class Sink>
    [[gnu::always_inline]] static void forward(const Source& x, const Sink& sink) noexcept {
        using A = arithmetic<Target, typename Input::scalar, Input::size>;
        repeat<Target, Source::rows>([&](std::size_t r) __attribute__((always_inline)) {
            repeat<Target, (Input::size + A::lanes - 1) / A::lanes>([&](std::size_t p) __attribute__((always_inline)) {
                const std::size_t first = p * A::lanes;
                sink(r, first, A::load_first(x.pointer(r, first), Input::size - first));
            });
        });
    }
};

}  // namespace kaon
