// A user's translation unit: the jet tagger on one event and on a batch. run.py measures how long it takes to compile.
#include "jet_tagger.hpp"

jet_tagger::network::output scores(const jet_tagger::network::input& jet) { return jet_tagger::model(jet); }

void scores(const float* jets, float* results, std::size_t rows) {
    jet_tagger::model(kaon::batch_view<const float>{jets, rows, 16}, kaon::batch_view<float>{results, rows, 5});
}
