#!/usr/bin/env python3
"""Trains a forest beside the jet tagger, and the layer that joins the two.

Takes the jets of sample.csv.gz, which the network's training did not see: the first 60 % train the forest (XGBoost, softprob), 15 %
fit the joining layer, the last quarter is for the figures. Writes model/jet_forest.ubj, model/join.hpp, and model/expected.csv.gz:
what XGBoost, ONNX Runtime and numpy say of the last quarter's first jets. Needs xgboost-cpu==3.2.0 beside numpy, onnx and
onnxruntime of requirements.txt.
"""

import gzip
import io
import pathlib
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime
    import xgboost
except ImportError as error:
    sys.exit(f"train_forest.py: the Python package '{error.name}' is missing; pip install -r requirements.txt xgboost-cpu==3.2.0")

from observables import CLASSES, FEATURES

ROUNDS, DEPTH, RATE, SEED = 40, 4, 0.2, 1804
TRAINED, JOINED = 0.60, 0.75  # of the jets, in their order
RIDGE = 100.0  # holds the joining layer near the network alone, which has seen more jets
EXPECTED_JETS = 500

JOIN = """\
// join.hpp: written by train_forest.py: the dense layer over the five sums of the forest and the five of the network.
#pragma once

namespace jets {{

inline constexpr float join_weights[10][5] = {{
{weights}}};
inline constexpr float join_bias[5] = {{{bias}}};

}}  // namespace jets
"""


def read_sample(path):
    """(features float32 (jets, 16), label int (jets))."""
    with gzip.open(path, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file]
    features = np.array([row[:-1] for row in rows[1:]], dtype=np.float32)
    return features, np.array([CLASSES.index(row[-1]) for row in rows[1:]])


def network_sums(path, features):
    """What the network's softmax takes: float32 (jets, 5), of ONNX Runtime."""
    model = onnx.load(path)
    model.graph.output.append(onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["batch", len(CLASSES)]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["output"], {"features": features})[0]


def softmax(sums):
    shifted = np.exp(sums - sums.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def fit_join(sums, labels):
    """Multinomial logistic regression by Newton's method: (weights (10, 5), bias (5)), which a ridge draws to the network alone."""
    x = np.hstack([sums, np.ones((len(sums), 1))])
    start = np.vstack([np.zeros((5, 5)), np.eye(5), np.zeros((1, 5))])
    theta, truth = start.copy(), np.eye(5)[labels]
    for _ in range(20):
        p = softmax(x @ theta)
        gradient = x.T @ (p - truth) + RIDGE * (theta - start)
        blocks = [[(x * (p[:, [a]] * ((a == b) - p[:, [b]]))).T @ x for b in range(5)] for a in range(5)]
        hessian = np.block(blocks) + RIDGE * np.eye(55)
        step = np.linalg.solve(hessian, gradient.T.ravel()).reshape(5, 11).T
        theta -= step
        if np.abs(step).max() < 1e-9:
            break
    return theta[:-1].astype(np.float32), theta[-1].astype(np.float32)


def auc(scores, is_signal):
    """The chance that a signal jet scores above another, ties half."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - 0.5 * (counts - 1))[inverse]
    signal, background = is_signal.sum(), (~is_signal).sum()
    return (rank[is_signal].sum() - 0.5 * signal * (signal + 1)) / (signal * background)


def main():
    here = pathlib.Path(__file__).parent
    features, labels = read_sample(here / "sample.csv.gz")
    train, join = int(TRAINED * len(labels)), int(JOINED * len(labels))
    data = xgboost.DMatrix(features[:train], labels[:train], feature_names=list(FEATURES))
    parameters = {"objective": "multi:softprob", "num_class": 5, "max_depth": DEPTH, "eta": RATE, "subsample": 0.7, "seed": SEED, "nthread": 1}
    booster = xgboost.train(parameters, data, ROUNDS)
    booster.save_model(here / "model/jet_forest.ubj")

    everything = xgboost.DMatrix(features, feature_names=list(FEATURES))
    forest, network = booster.predict(everything, output_margin=True), network_sums(here / "model/jet_tagger.onnx", features)
    sums = np.hstack([forest, network]).astype(np.float64)
    weights, bias = fit_join(sums[train:join], labels[train:join])
    rows = "".join("    {" + ", ".join(f"{value!s}F" for value in row) + "},\n" for row in weights)
    (here / "model/join.hpp").write_text(JOIN.format(weights=rows, bias=", ".join(f"{value!s}F" for value in bias)))

    both = softmax(sums @ weights.astype(np.float64) + bias)
    scores = {"forest": softmax(forest.astype(np.float64)), "network": softmax(network.astype(np.float64)), "both": both}
    print(f"{len(labels)} jets: {train} for the forest, {join - train} for the join, {len(labels) - join} for these figures")
    print("             " + "".join(f"  AUC {label} " for label in CLASSES) + "accuracy  log loss")
    for name, values in scores.items():
        areas = "".join(f"  {auc(values[join:, i], labels[join:] == i):.4f}" for i in range(5))
        loss = -np.mean(np.log(values[np.arange(join, len(labels)), labels[join:]]))
        print(f"{name:12} {areas}  {np.mean(values[join:].argmax(axis=1) == labels[join:]):.4f}    {loss:.4f}")

    lines = [",".join(f"{name}_{label}" for name in scores for label in CLASSES)]
    for jet in range(join, join + EXPECTED_JETS):
        lines.append(",".join(f"{value:.7f}" for values in scores.values() for value in values[jet]))
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    (here / "model/expected.csv.gz").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
