#!/usr/bin/env python3
"""Trains the jet tagger 16-64-32-32-5 on the jets of generate.py.

Writes model/jet_tagger.keras, model/jet_tagger.onnx and sample.csv.gz, and prints the figures
of merit of the test part. The network takes the observables as they are, in their units: the
scaling it was trained with is folded into its first layer.
"""

import argparse
import gzip
import io
import json
import os
import pathlib
import random
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

try:
    import keras
    import numpy as np
    import onnx
    import onnxruntime
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
except ImportError as error:
    sys.exit(
        f"train.py: the Python package '{error.name}' is missing; "
        "install what it needs with: pip install -r requirements.txt"
    )

from observables import CLASSES, FEATURES

WIDTHS = (64, 32, 32, 5)
LAYERS = ("fc1", "relu1", "fc2", "relu2", "fc3", "relu3", "output", "softmax")
VALIDATION_FRACTION, TEST_FRACTION = 0.1, 0.1
SAMPLE_BYTES = 2_900_000

# The same network on the hls4ml data set (arXiv:1804.06913), as its authors print it: ROC figure and
# accuracy in part 1 of github.com/fastmachinelearning/hls4ml-tutorial, commit c6b63d3 (2024).
PUBLISHED_AUC = {"g": 0.939, "q": 0.903, "w": 0.954, "z": 0.949, "t": 0.963}
PUBLISHED_ACCURACY = 0.7644


def load(folder):
    """All shards of `folder`.

    Returns (features float32 (jets, 16), label int (jets), event int (jets), cpu seconds); jets
    of one event have the same number, and no two events share one.
    """
    features, labels, events, cpu = [], [], [], 0.0
    first_event = 0
    for index, label in enumerate(CLASSES):
        for path in sorted(folder.glob(f"{label}_*.npz")):
            with np.load(path) as shard:
                features.append(shard["features"])
                labels.append(np.full(len(shard["event"]), index))
                events.append(first_event + shard["event"].astype(np.int64))
                cpu += float(shard["cpu_seconds"])
            first_event = events[-1].max() + 1
    if len({labels_of_shard[0] for labels_of_shard in labels}) < len(CLASSES):
        sys.exit(f"train.py: not every class has jets in {folder}; run generate.py first")
    return np.concatenate(features), np.concatenate(labels), np.concatenate(events), cpu


def split(labels, events, rng):
    """Index arrays (train, validation, test); classes balanced in each, events never shared."""
    parts = ([], [], [])
    for index in range(len(CLASSES)):
        jets = np.flatnonzero(labels == index)
        numbers = rng.permutation(np.unique(events[jets]))
        test = int(len(numbers) * TEST_FRACTION)
        validation = test + int(len(numbers) * VALIDATION_FRACTION)
        side = np.full(numbers.max() + 1, 2)
        side[numbers[:test]] = 0
        side[numbers[test:validation]] = 1
        for part, wanted in zip(parts, (2, 1, 0)):
            part.append(rng.permutation(jets[side[events[jets]] == wanted]))
    fewest = [min(len(jets) for jets in part) for part in parts]
    return tuple(
        rng.permutation(np.concatenate([jets[:count] for jets in part]))
        for part, count in zip(parts, fewest)
    )


def make_network():
    """The untrained network: 16 inputs, activations as layers of their own, as in hls4ml's."""
    layers = [keras.Input((len(FEATURES),), name="features")]
    for i, width in enumerate(WIDTHS):
        layers.append(keras.layers.Dense(width, name=LAYERS[2 * i]))
        kind = "softmax" if i == len(WIDTHS) - 1 else "relu"
        layers.append(keras.layers.Activation(kind, name=LAYERS[2 * i + 1]))
    return keras.Sequential(layers, name="jet_tagger")


class Bar(keras.callbacks.Callback):
    """A progress bar over the epochs."""

    def __init__(self, progress, epochs):
        super().__init__()
        self._progress = progress
        self._task = progress.add_task("training", total=epochs, state="")

    def on_epoch_end(self, epoch, logs=None):
        state = f"loss {logs['loss']:.4f}, validation {logs['val_loss']:.4f}"
        self._progress.update(self._task, completed=epoch + 1, state=state)
        if self._progress.disable and epoch % 5 == 0:
            print(f"epoch {epoch}: {state}, accuracy {logs['val_accuracy']:.4f}", flush=True)


def fit(features, labels, train, validation, arguments):
    """Trains on shifted and scaled observables; returns (network, shift (16), scale (16)).

    The shift is the mean, the scale the root mean square, not the standard deviation: of an
    observable far from zero, such as C1 with b = 0, the folded layer takes differences of large
    numbers, and in single precision the scores would keep a digit less.
    """
    shift = features[train].mean(axis=0, dtype=np.float64)
    scale = np.sqrt(np.mean(features[train].astype(np.float64) ** 2, axis=0))
    scaled = ((features - shift) / scale).astype(np.float32)

    network = make_network()
    network.compile(
        optimizer=keras.optimizers.Adam(arguments.rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    console = Console()
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(), console=console, disable=not console.is_terminal,
    )
    with progress:
        network.fit(
            scaled[train], labels[train], batch_size=arguments.batch,
            epochs=arguments.epochs, verbose=0,
            validation_data=(scaled[validation], labels[validation]),
            validation_batch_size=16384,
            callbacks=[
                keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=4, min_lr=1e-6),
                keras.callbacks.EarlyStopping(patience=12, restore_best_weights=True),
                Bar(progress, arguments.epochs),
            ],
        )
    return network, shift, scale


def fold(network, shift, scale):
    """The same network for observables in their units.

    (x - m) / s . W + b = x . (W / s) + (b - (m / s) . W), computed in double precision.
    """
    kernel, bias = (array.astype(np.float64) for array in network.get_layer("fc1").get_weights())
    folded = make_network()
    folded.set_weights(network.get_weights())
    folded.get_layer("fc1").set_weights(
        [
            (kernel / scale[:, None]).astype(np.float32),
            (bias - (shift / scale) @ kernel).astype(np.float32),
        ]
    )
    return folded


def write_keras(network, path):
    """Saves in Keras' native format, with the names of features and classes in metadata.json.

    The date of the day is left out: same weights, same bytes.
    """
    network.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(members["metadata.json"])
    metadata |= {
        "date_saved": "2000-01-01@00:00:00",
        "feature_names": list(FEATURES),
        "class_names": list(CLASSES),
    }
    members["metadata.json"] = json.dumps(metadata).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def write_onnx(network, path):
    """Writes the network as ONNX: Gemm, Relu and Softmax nodes named like the layers."""
    helper = onnx.helper
    nodes, initializers = [], []
    tensor = "features"
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dense):
            names = [f"{layer.name}.weight", f"{layer.name}.bias"]
            for name, array in zip(names, layer.get_weights()):
                initializers.append(onnx.numpy_helper.from_array(array, name))
            node = ("Gemm", [tensor, *names], {})
        elif layer.name == "softmax":
            node = ("Softmax", [tensor], {"axis": -1})
        else:
            node = ("Relu", [tensor], {})
        tensor = "scores" if layer is network.layers[-1] else layer.name
        nodes.append(helper.make_node(node[0], node[1], [tensor], name=layer.name, **node[2]))

    def port(name, width):
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", width])

    graph = helper.make_graph(
        nodes, "jet_tagger", [port("features", len(FEATURES))], [port("scores", len(CLASSES))],
        initializers,
    )
    # IR version 8 is the one that came with opset 17.
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="kaon"
    )
    helper.set_model_props(
        model,
        {"feature_names": json.dumps(list(FEATURES)), "class_names": json.dumps(list(CLASSES))},
    )
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def onnx_scores(path, features):
    """Scores float32 (jets, 5) of ONNX Runtime."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["scores"], {"features": features})[0]


def auc(scores, is_signal):
    """Area under the ROC curve: the chance that a signal jet scores above another, ties half."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - 0.5 * (counts - 1))[inverse]  # mean rank of ties, from 1
    signal, background = is_signal.sum(), (~is_signal).sum()
    return (rank[is_signal].sum() - 0.5 * signal * (signal + 1)) / (signal * background)


def write_sample(features, labels, path):
    """Writes as many of the jets, in their order, as fit in SAMPLE_BYTES; returns how many.

    The jets come shuffled; the classes stay balanced by taking equally many of each.
    """
    order = np.stack([np.flatnonzero(labels == i)[: np.bincount(labels).min()] for i in range(5)])
    # column k of `order` holds the k-th jet of each class: any prefix is balanced
    order = order.T.ravel()

    def compressed(count):
        chosen = np.sort(order[:count])
        rows = [",".join((*FEATURES, "label"))]
        for row, label in zip(features[chosen], labels[chosen]):
            rows.append(",".join((*(f"{value:.6g}" for value in row), CLASSES[label])))
        buffer = io.BytesIO()
        # no file name, no date: the same jets give the same bytes
        with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
            file.write(("\n".join(rows) + "\n").encode())
        return buffer.getvalue()

    count = len(order)
    content = compressed(count)
    while len(content) > SAMPLE_BYTES:
        count = int(count * 0.99 * SAMPLE_BYTES / len(content)) // 5 * 5
        content = compressed(count)
    path.write_bytes(content)
    return count


def read_sample(path):
    """(features float32 (jets, 16), label int (jets)) of a file that write_sample wrote."""
    with gzip.open(path, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file]
    features = np.array([row[:-1] for row in rows[1:]], dtype=np.float32)
    return features, np.array([CLASSES.index(row[-1]) for row in rows[1:]])


def report(name, scores, labels):
    """Prints and returns accuracy and the AUC of each class against the rest."""
    areas = {label: auc(scores[:, i], labels == i) for i, label in enumerate(CLASSES)}
    accuracy = np.mean(scores.argmax(axis=1) == labels)
    print(f"{name}, {len(labels)} jets     here    hls4ml's")
    print(f"  accuracy       {accuracy:.4f}  {PUBLISHED_ACCURACY:.4f}")
    for label, area in areas.items():
        print(f"  AUC {label}          {area:.4f}  {PUBLISHED_AUC[label]:.3f}")
    return accuracy, areas


def parse_arguments():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=here / "data")
    parser.add_argument("--out", type=pathlib.Path, default=here)
    parser.add_argument("--seed", type=int, default=1804)
    parser.add_argument("--epochs", type=int, default=200, help="at most")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=3e-3, help="of learning, at the beginning")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    random.seed(arguments.seed)
    keras.utils.set_random_seed(arguments.seed)
    features, labels, events, cpu = load(arguments.data)
    counts = np.bincount(labels)
    print("jets generated:", ", ".join(f"{c} {n}" for c, n in zip(CLASSES, counts)), f"in {cpu / 3600:.2f} CPU hours")
    train, validation, test = split(labels, events, np.random.default_rng(arguments.seed))
    print(f"jets a class: train {len(train) // 5}, validation {len(validation) // 5}, test {len(test) // 5}")

    network, shift, scale = fit(features, labels, train, validation, arguments)
    folded = fold(network, shift, scale)
    model = arguments.out / "model"
    model.mkdir(parents=True, exist_ok=True)
    write_keras(folded, model / "jet_tagger.keras")
    write_onnx(folded, model / "jet_tagger.onnx")

    scores = onnx_scores(model / "jet_tagger.onnx", features[test])
    saved = keras.saving.load_model(model / "jet_tagger.keras")
    difference = np.abs(saved.predict(features[test], batch_size=16384, verbose=0) - scores).max()
    unfolded = network.predict(((features[test] - shift) / scale).astype(np.float32), batch_size=16384, verbose=0)
    print(f"largest difference of a score: ONNX Runtime and Keras {difference:.1e}, folded and not {np.abs(unfolded - scores).max():.1e}")
    if difference > 1e-5:
        sys.exit("train.py: ONNX Runtime and Keras disagree")
    report("test part", scores, labels[test])

    sample = arguments.out / "sample.csv.gz"
    count = write_sample(features[test], labels[test], sample)
    sample_features, sample_labels = read_sample(sample)
    in_test = {row.tobytes() for row in features[test]}
    if not all(row.tobytes() in in_test for row in sample_features):
        sys.exit("train.py: the sample does not read back to the same float32 values")
    print(f"sample.csv.gz: {count} jets, {sample.stat().st_size / 1e6:.2f} MB")
    report("sample", onnx_scores(model / "jet_tagger.onnx", sample_features), sample_labels)


if __name__ == "__main__":
    main()
