// categories.hpp: written by train.py: scores between the categories, the best events' first.
#pragma once

namespace diphoton {

inline constexpr float xgboost_boundaries[] = {0.6011373400688171F, 0.490607887506485F, 0.3543325662612915F};
inline constexpr float lightgbm_boundaries[] = {0.6182706952095032F, 0.48030051589012146F, 0.35370349884033203F};

/// 0 for the best events, below every boundary as many as there are.
template <class Boundaries>
constexpr int category(float score, const Boundaries& boundaries) noexcept {
    int above = 0;
    for (const float boundary : boundaries) above += score < boundary ? 1 : 0;
    return above;
}

}  // namespace diphoton
