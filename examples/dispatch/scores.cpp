// scores.cpp: compiled several times, with other flags each time: kaon::native is the architecture of the flags, and a part of every name
// that is defined here.
#include "scores.hpp"

#include "jet_tagger.hpp"

template <class Target>
void scores_of(const float* jets, float* scores, std::size_t rows) noexcept {
    using network = jet_tagger::network;
    static constexpr kaon::constant_model<network, jet_tagger::parameters, Target> model{};
    model(kaon::batch_view<const float>{jets, rows, network::input::size},
          kaon::batch_view<float>{scores, rows, network::output::size});
}

template void scores_of<kaon::native>(const float*, float*, std::size_t) noexcept;
