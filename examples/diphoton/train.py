#!/usr/bin/env python3
"""Trains the classifier of photon pairs twice, with XGBoost and with LightGBM, on the events of generate.py.

Writes model/xgboost.ubj, model/lightgbm.txt, model/categories.hpp and sample.csv.gz.
"""

import argparse
import pathlib
import sys

try:
    import lightgbm
    import numpy as np
    import xgboost
except ImportError as error:
    sys.exit(f"train.py: the Python package '{error.name}' is missing; pip install -r requirements.txt")

import sample
from categories import best_boundaries
from observables import FEATURES

TREES, DEPTH, RATE = 100, 4, 0.15
SAMPLE_BYTES = 280_000

HEADER = """\
// categories.hpp: written by train.py: scores between the categories, the best events' first.
#pragma once

namespace diphoton {{

{arrays}
/// 0 for the best events, below every boundary as many as there are.
template <class Boundaries>
constexpr int category(float score, const Boundaries& boundaries) noexcept {{
    int above = 0;
    for (const float boundary : boundaries) above += score < boundary ? 1 : 0;
    return above;
}}

}}  // namespace diphoton
"""


def training_weights(events):
    """Signal counts in inverse proportion to its mass resolution, as in arXiv:1407.0558; both classes weigh the same together.

    Without that a classifier that does not see the mass has no reason to prefer events whose mass is well measured.
    """
    right, wrong, probability = (events.features[:, FEATURES.index(name)].astype(np.float64)
                                 for name in ("sigma_right", "sigma_wrong", "vertex_probability"))
    weights = np.where(events.signal, probability / right + (1 - probability) / wrong, 1.0)
    for side in (events.signal, ~events.signal):
        weights[side] /= weights[side].mean()
    return weights


def train_xgboost(part, seed):
    """A booster of 100 trees of depth 4; part: Events by name."""
    data = xgboost.DMatrix(part["train"].features, part["train"].signal, weight=training_weights(part["train"]), feature_names=list(FEATURES))
    parameters = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": RATE, "seed": seed, "nthread": 1}
    return xgboost.train(parameters, data, TREES)


def train_lightgbm(part, seed):
    data = lightgbm.Dataset(part["train"].features, part["train"].signal.astype(np.int32), weight=training_weights(part["train"]),
                            feature_name=list(FEATURES))
    parameters = {"objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "learning_rate": RATE, "seed": seed,
                  "num_threads": 1, "deterministic": True, "verbose": -1}
    return lightgbm.train(parameters, data, TREES)


def xgboost_scores(booster, features):
    return booster.predict(xgboost.DMatrix(features, feature_names=list(FEATURES)))


def write_lightgbm(booster, path):
    """Without the lines of the training set and the parameters of the run, which no prediction reads."""
    text = booster.model_to_string()
    path.write_text(text[: text.index("end of trees")] + "end of trees\n")
    again = lightgbm.Booster(model_file=str(path))
    probe = np.random.default_rng(1).normal(size=(1000, len(FEATURES)))
    if not np.array_equal(booster.predict(probe), again.predict(probe)):
        sys.exit("train.py: the model that was written is not the model that was trained")


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=here / "data")
    parser.add_argument("--out", type=pathlib.Path, default=here)
    parser.add_argument("--seed", type=int, default=1804)
    arguments = parser.parse_args()
    part = sample.load(arguments.data)
    for name, events in part.items():
        print(f"{name}: signal {events.signal.sum()}, continuum {(~events.signal).sum()}")
    model = arguments.out / "model"
    model.mkdir(parents=True, exist_ok=True)

    first = train_xgboost(part, arguments.seed)
    first.save_model(model / "xgboost.ubj")
    second = train_lightgbm(part, arguments.seed)
    write_lightgbm(second, model / "lightgbm.txt")
    scores = {"xgboost": lambda features: xgboost_scores(first, features), "lightgbm": second.predict}

    arrays = []
    for name, of in scores.items():
        boundaries = best_boundaries(of(part["validation"].features), part["validation"])
        numbers = ", ".join(f"{np.float32(boundary)}F" for boundary in boundaries)
        arrays.append(f"inline constexpr float {name}_boundaries[] = {{{numbers}}};\n")
        print(f"{name}: categories end at {numbers}")
    (model / "categories.hpp").write_text(HEADER.format(arrays="".join(arrays)))
    count = sample.write_sample(arguments.out / "sample.csv.gz", part["test"],
                                {name: of(part["test"].features) for name, of in scores.items()}, SAMPLE_BYTES)
    print(f"sample.csv.gz: {count} events, {(arguments.out / 'sample.csv.gz').stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
