"""Keras 3 files: layer classes, both kinds of model, where the weights lie. The expectation is numpy in this file."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest

import kaon
from kaon.evaluate import evaluate
from onnx_models import f32
from keras_models import dense, functional, h5_bytes, input_layer, layer, save, sequential, weights


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


FUNCTIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.where(x > 0, x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softmax": softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "gelu": lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
}
KINDS = {"hard_tanh": "clip", "relu6": "clip"}


def converted(path, tmp_path, random):
    package = kaon.convert(path, tmp_path / "out", name="m")
    rows = random.standard_normal((32, package.graph.inputs[0].shape[0]))
    return package, rows, next(iter(evaluate(package.graph, {package.graph.inputs[0].name: rows}).values()))


@pytest.mark.parametrize("model", [sequential, functional])
@pytest.mark.parametrize("activation", sorted(FUNCTIONS))
def test_dense_with_built_in_activation(tmp_path, random, model, activation):
    (w, b), (v, c) = numbers = weights(random, 5, 7, 3)
    layers = [input_layer(5), dense("zz", 7, activation), dense("aa", 3)]
    package, x, y = converted(save(tmp_path / "m.keras", model(layers), numbers), tmp_path, random)
    np.testing.assert_allclose(y, FUNCTIONS[activation](x @ w + b) @ v + c, rtol=1e-6, atol=1e-6)
    expected = ["zz", "aa"] if activation == "linear" else ["zz", f"zz_{KINDS.get(activation, activation)}", "aa"]
    assert [n.name for n in package.graph.nodes] == expected
    assert (package.graph.inputs[0].name, package.graph.outputs[0].name) == ("features", "aa")


@pytest.mark.parametrize("model", [sequential, functional])
@pytest.mark.parametrize(
    ("entry", "function"),
    [(layer("Activation", "act", activation=name), name) for name in sorted(FUNCTIONS)]
    + [
        (layer("ReLU", "act", max_value=None, negative_slope=0.0, threshold=0.0), "relu"),
        (layer("Softmax", "act", axis=-1), "softmax"),
        (layer("ReLU", "act", max_value=6.0), "relu6"),
        (layer("ReLU", "act", negative_slope=0.2), "leaky_relu"),
        (layer("LeakyReLU", "act", negative_slope=0.2), "leaky_relu"),
        (layer("ELU", "act", alpha=1.0), "elu"),
        (layer("Dropout", "act", rate=0.3), "linear"),
    ],
)
def test_activation_layers(tmp_path, random, model, entry, function):
    ((w, b),) = numbers = weights(random, 5, 4)
    _, x, y = converted(save(tmp_path / "m.keras", model([input_layer(5), dense("fc", 4), entry]), numbers), tmp_path, random)
    np.testing.assert_allclose(y, FUNCTIONS[function](x @ w + b), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("parts", [("scale", "center"), ("scale",), ("center",), ()])
def test_batch_normalization(tmp_path, random, where, parts):
    """Folded into the dense layer beside it. Keras stores gamma, beta, mean, variance, those that there are."""
    ((w, b),) = weights(random, 5, 4)
    size = 5 if where == "before" else 4
    stored = [f32(random.uniform(0.5, 2, size)) for _ in (*parts, "mean", "variance")]
    entry = layer("BatchNormalization", "bn", axis=-1, epsilon=1e-2, **{key: key in parts for key in ("scale", "center")})
    chain = [entry, dense("fc", 4)] if where == "before" else [dense("fc", 4), entry]
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        for group, arrays in (("layers/dense/vars", (w, b)), ("layers/batch_normalization/vars", stored)):
            for i, array in enumerate(arrays):
                file[f"{group}/{i}"] = array
    package, x, y = converted(save(tmp_path / "m.keras", sequential([input_layer(5), *chain]), data.getvalue()), tmp_path, random)
    numbers = dict(zip((*parts, "mean", "variance"), stored))
    normal = lambda v: (v - numbers["mean"]) / np.sqrt(numbers["variance"] + 1e-2) * numbers.get("scale", 1) + numbers.get("center", 0)
    np.testing.assert_allclose(y, normal(x) @ w + b if where == "before" else normal(x @ w + b), rtol=1e-5, atol=1e-5)
    assert [n.kind for n in package.graph.nodes] == ["dense"]


def test_without_bias(tmp_path, random):
    ((w, _),) = weights(random, 5, 4)
    path = save(tmp_path / "m.keras", sequential([input_layer(5), dense("fc", 4, use_bias=False)]), [[w]])
    _, x, y = converted(path, tmp_path, random)
    np.testing.assert_allclose(y, x @ w, rtol=1e-12)


def test_feature_and_class_names(tmp_path, random):
    names = {"feature_names": ["a", "b", "c"], "class_names": ["q", "g"]}
    path = save(tmp_path / "m.keras", sequential([input_layer(3), dense("fc", 2)]), weights(random, 3, 2), metadata=json.dumps(names))
    package, _, _ = converted(path, tmp_path, random)
    assert (package.graph.inputs[0].labels, package.graph.outputs[0].labels) == (["a", "b", "c"], ["q", "g"])


REFUSED = {
    "unknown class": (lambda: sequential([input_layer(3), layer("LSTM", "r", units=2)]), "LSTM"),
    "custom class": (lambda: sequential([input_layer(3), dense("fc", 2) | {"module": "mine", "registered_name": "mine>Dense"}]), "mine.Dense"),
    "activation": (lambda: sequential([input_layer(3), dense("fc", 2, "mish")]), "mish"),
    "half precision": (lambda: sequential([input_layer(3), layer("Dense", "fc", units=2) | {"config": {"name": "fc", "dtype": "mixed_float16"}}]), "mixed_float16"),
    "relu with a threshold": (lambda: sequential([input_layer(3), layer("ReLU", "r", threshold=0.1)]), "threshold"),
    "relu with slope and bound": (lambda: sequential([input_layer(3), layer("ReLU", "r", negative_slope=0.1, max_value=2.0)]), "slope"),
    "slope": (lambda: sequential([input_layer(3), layer("LeakyReLU", "r", negative_slope="a")]), "number"),
    "softmax axis": (lambda: sequential([input_layer(3), layer("Softmax", "s", axis=0)]), "last axis"),
    "wrong units": (lambda: sequential([input_layer(3), dense("fc", 4)]), "kernel has shape"),
    "wrong features": (lambda: sequential([input_layer(4), dense("fc", 2)]), "reads 4 features"),
    "no layers": (lambda: sequential([]), "no layers"),
    "nothing": (lambda: {}, "class_name"),
    "list": (lambda: [1], "expected an object"),
    "nested": (lambda: "[" * 100000, "JSON"),
    "image": (lambda: sequential([input_layer(3) | {"config": {"name": "x", "batch_shape": [None, 4, 4, 1], "dtype": "float32"}}, dense("fc", 2)]), "not a vector"),
    "subclass": (lambda: {"class_name": "MyModel", "config": {}}, "MyModel"),
    "same name twice": (lambda: sequential([input_layer(3), dense("fc", 2), layer("ReLU", "fc")]), "used twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, random, kaon_command, case):
    make, words = REFUSED[case]
    path = save(tmp_path / "m.keras", make(), weights(random, 3, 2))
    assert words in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


def linked(link) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("real", data=np.ones((3, 2), np.float32))
        file.create_group("layers/dense/vars")["0"] = link
    return buffer.getvalue()


def huge() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("layers/dense/vars/0", shape=(1 << 20, 1 << 20), dtype="<f4")
    return buffer.getvalue()


def doubles() -> bytes:
    return h5_bytes([[np.ones((3, 2)), np.ones(2)]])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: linked(h5py.ExternalLink("/etc/passwd", "x")), "link to elsewhere"),
        (lambda: linked(h5py.SoftLink("/real")), "link to elsewhere"),
        (huge, "shape"),
        (doubles, "float64"),
        (lambda: h5_bytes([]), "missing"),
        (lambda: h5_bytes([[np.full((3, 2), np.nan, np.float32), np.ones(2, np.float32)]]), "'fc.weights': element [0, 0] is nan"),
        (lambda: b"\x89HDF\r\n\x1a\n" + bytes(500), "damaged"),
    ],
)
def test_weights_refused(tmp_path, kaon_command, data, words):
    path = save(tmp_path / "m.keras", sequential([input_layer(3), dense("fc", 2)]), data())
    assert words in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


def test_the_jet_tagger_of_both_formats(tmp_path):
    """What train.py saved as .keras and as .onnx is one network with the same numbers."""
    folder = Path(__file__).resolve().parents[3] / "examples/jets/model"
    keras, onnx = (kaon.convert(folder / f"jet_tagger.{kind}", tmp_path / kind, name="m").graph for kind in ("keras", "onnx"))
    assert [node.kind for node in keras.nodes] == [node.kind for node in onnx.nodes]
    for a, b in zip(keras.nodes, onnx.nodes, strict=True):
        assert sorted(a.tensors) == sorted(b.tensors)
        for tensor in a.tensors:
            np.testing.assert_array_equal(a.tensors[tensor], b.tensors[tensor])


def graph_model(layers, inputs, outputs):
    """A Functional model of (layer, names of what it reads)."""
    entries = []
    for entry, reads in layers:
        tensors = [{"class_name": "__keras_tensor__", "config": {"shape": [None, 1], "keras_history": [r, 0, 0]}} for r in reads]
        arguments = tensors if len(tensors) == 1 else [tensors]
        nodes = [{"args": arguments, "kwargs": {}}] if reads else []
        entries.append(entry | {"name": entry["config"]["name"], "inbound_nodes": nodes})
    ends = {"input_layers": [[n, 0, 0] for n in inputs], "output_layers": [[n, 0, 0] for n in outputs]}
    inner = {"name": "functional", "layers": entries, **ends}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": inner, "registered_name": "Functional"}


def test_branches_inputs_and_outputs(tmp_path, random):
    (w, b), (v, c) = numbers = weights(random, 5, 4) + weights(random, 4 + 3, 2)
    layers = [
        (input_layer(3, "vertex"), []),
        (input_layer(5, "tracks"), []),
        (dense("hidden", 4, "relu"), ["tracks"]),
        (layer("Add", "twice"), ["hidden", "hidden"]),
        (layer("Concatenate", "joined", axis=-1), ["twice", "vertex"]),
        (dense("scores", 2, "softmax"), ["joined"]),
        (layer("Multiply", "product"), ["twice", "hidden"]),
    ]
    model = graph_model(layers, ["tracks", "vertex"], ["product", "scores"])
    package = kaon.convert(save(tmp_path / "m.keras", model, numbers), tmp_path / "out")
    assert [p.name for p in package.graph.inputs] == ["tracks", "vertex"]
    assert [p.name for p in package.graph.outputs] == ["product", "scores"]
    tracks, vertex = random.standard_normal((9, 5)), random.standard_normal((9, 3))
    got = evaluate(package.graph, {"tracks": tracks, "vertex": vertex})
    hidden = np.maximum(tracks @ w + b, 0)
    logits = np.concatenate([2 * hidden, vertex], axis=1) @ v + c
    np.testing.assert_allclose(got["product"], 2 * hidden * hidden, atol=1e-5)
    np.testing.assert_allclose(got["scores"], FUNCTIONS["softmax"](logits), atol=1e-6)


def test_merges_refused(tmp_path, random, kaon_command):
    numbers = weights(random, 5, 4)
    layers = [(input_layer(5), []), (dense("fc", 4), ["features"]), (layer("Add", "sum"), ["fc", "features"])]
    path = save(tmp_path / "m.keras", graph_model(layers, ["features"], ["sum"]), numbers)
    assert "4 and 5 features" in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    layers[2] = (layer("Concatenate", "joined", axis=0), ["fc", "features"])
    path = save(tmp_path / "m.keras", graph_model(layers, ["features"], ["joined"]), numbers)
    assert "last axis" in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
