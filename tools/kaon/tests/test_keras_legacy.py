"""HDF5 models of Keras 1 and 2, and architectures in JSON with their weights: as they were written, by h5py."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kaon
from kaon.evaluate import evaluate


def entry(kind: str, name: str, reads: list[Any] | None = None, **config: Any) -> dict[str, Any]:
    nodes = [[[read, 0, 0, {}] if isinstance(read, str) else read for read in reads]] if reads else []
    return {"class_name": kind, "name": name, "config": {"name": name, "trainable": True, **config}, "inbound_nodes": nodes}


def entered(name: str, *sizes: int) -> dict[str, Any]:
    return entry("InputLayer", name, batch_input_shape=[None, *sizes], dtype="float32", sparse=False)


def model(layers: list[dict[str, Any]], inputs: list[str], outputs: list[str], name: str = "model") -> dict[str, Any]:
    ends = {"input_layers": [[i, 0, 0] for i in inputs], "output_layers": [[o, 0, 0] for o in outputs]}
    return {"class_name": "Model", "config": {"name": name, "layers": layers, **ends}, "keras_version": "2.2.4", "backend": "tensorflow"}


Weights = dict[str, list[tuple[str, np.ndarray]]]


def fill(group: h5py.Group, weights: Weights) -> None:
    group.attrs["layer_names"] = [name.encode() for name in weights]
    for name, tensors in weights.items():
        inner = group.create_group(name)
        inner.attrs["weight_names"] = [key.encode() for key, _ in tensors]
        for key, tensor in tensors:
            inner.create_dataset(key, data=tensor.astype(np.float32) if tensor.dtype.kind == "f" else tensor)


def h5(weights: Weights, config: dict[str, Any] | None = None) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
        fill(file.create_group("model_weights") if config is not None else file, weights)
    return buffer.getvalue()


@pytest.fixture
def two_inputs(random):
    """A nested model, a layer that is called twice, a batch normalisation, two inputs."""
    inner = model([entered("inner_in", 4), entry("Dense", "dense", ["inner_in"], units=3, activation="tanh", use_bias=True)], ["inner_in"], ["dense"])
    layers = [
        entered("x", 4),
        entered("z", 3),
        entry("Dropout", "drop", ["x"], rate=0.5),
        {"class_name": "Model", "name": "model_1", "config": inner["config"] | {"name": "model_1"}, "inbound_nodes": [[["drop", 0, 0, {}]]]},
        entry("BatchNormalization", "bn", ["model_1"], epsilon=0.01, axis=-1, center=True, scale=True),
        entry("Dense", "twice", None, units=3, activation="relu", use_bias=False)
        | {"inbound_nodes": [[["bn", 0, 0, {}]], [["z", 0, 0, {}]]]},
        entry("Concatenate", "join", [["twice", 0, 0, {}], ["twice", 1, 0, {}]], axis=-1),
        entry("Dense", "out", ["join"], units=2, activation="softmax", use_bias=True),
    ]
    config = model(layers, ["x", "z"], ["out"])
    t = random.standard_normal
    weights = {
        "x": [], "z": [], "drop": [],
        "model_1": [("dense/kernel:0", t((4, 3))), ("dense/bias:0", t(3))],
        "bn": [("bn/gamma:0", t(3)), ("bn/beta:0", t(3)), ("bn/moving_mean:0", t(3)), ("bn/moving_variance:0", t(3) ** 2)],
        "twice": [("twice/kernel:0", t((3, 3)))],
        "join": [],
        "out": [("out/kernel:0", t((6, 2))), ("out/bias:0", t(2))],
    }  # fmt: skip
    x, z = t((9, 4)), t((9, 3))
    arrays = {layer: [tensor.astype(np.float32).astype(float) for _, tensor in tensors] for layer, tensors in weights.items()}
    h = np.tanh(x.astype(np.float32) @ arrays["model_1"][0] + arrays["model_1"][1])
    gamma, beta, mean, variance = arrays["bn"]
    h = (h - mean) / np.sqrt(variance + 0.01) * gamma + beta
    joined = np.concatenate([np.maximum(v @ arrays["twice"][0], 0) for v in (h, z.astype(np.float32))], axis=1)
    logits = joined @ arrays["out"][0] + arrays["out"][1]
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return config, weights, {"x": x.astype(np.float32), "z": z.astype(np.float32)}, e / e.sum(axis=1, keepdims=True)


def test_whole_model(tmp_path, two_inputs):
    config, weights, events, expected = two_inputs
    path = tmp_path / "m.h5"
    path.write_bytes(h5(weights, config))
    package = kaon.convert(path, tmp_path / "out")
    np.testing.assert_allclose(evaluate(package.graph, events)["out"], expected, rtol=1e-5, atol=1e-6)
    assert kaon.check(tmp_path / "out", rows=32).passed


@pytest.mark.parametrize("name", ["m.weights.h5", "m_weights.h5", "m.h5", "m.hdf5", "weights.h5"])
def test_architecture_with_weights_beside_it(tmp_path, two_inputs, name):
    config, weights, events, expected = two_inputs
    (tmp_path / "m.json").write_text(json.dumps(config))
    (tmp_path / name).write_bytes(h5(weights))
    package = kaon.convert(tmp_path / "m.json", tmp_path / "out")
    np.testing.assert_allclose(evaluate(package.graph, events)["out"], expected, rtol=1e-5, atol=1e-6)
    assert package.file("source_weights").read_bytes() == (tmp_path / name).read_bytes()


def test_sequential_of_the_first_keras(tmp_path, random):
    """Keras 1: a list of layers, output_dim, bias, p; the first layer says what it reads."""
    config = {
        "class_name": "Sequential",
        "config": [
            {"class_name": "Dense", "config": {"name": "dense_1", "batch_input_shape": [None, 3], "output_dim": 4, "activation": "relu", "bias": True}},
            {"class_name": "Dropout", "config": {"name": "dropout_1", "p": 0.5}},
            {"class_name": "Dense", "config": {"name": "dense_2", "output_dim": 1, "activation": "sigmoid", "bias": False}},
        ],
    }
    w, b, v = random.standard_normal((3, 4)), random.standard_normal(4), random.standard_normal((4, 1))
    weights = {"dense_1": [("dense_1_W:0", w), ("dense_1_b:0", b)], "dropout_1": [], "dense_2": [("dense_2_W:0", v)]}
    (tmp_path / "old.h5").write_bytes(h5(weights, config))
    package = kaon.convert(tmp_path / "old.h5", tmp_path / "out")
    x = random.standard_normal((7, 3)).astype(np.float32)
    expected = 1 / (1 + np.exp(-np.maximum(x @ w + b, 0) @ v))
    np.testing.assert_allclose(next(iter(evaluate(package.graph, {"input": x}).values())), expected, rtol=1e-4, atol=1e-5)


def test_images_and_categories(tmp_path, random):
    layers = [
        entered("image", 2, 3),
        entered("kinds", 2),
        entry("Flatten", "flat", ["image"]),
        entry("Embedding", "table", ["kinds"], input_dim=5, output_dim=2, mask_zero=False),
        entry("Reshape", "row", ["table"], target_shape=[4]),
        entry("Concatenate", "join", ["flat", "row"], axis=1),
        entry("PReLU", "slope", ["join"], shared_axes=None),
        entry("LayerNormalization", "norm", ["slope"], axis=[1], epsilon=0.1, center=True, scale=False),
        entry("Dense", "out", ["norm"], units=1, activation="linear", use_bias=True),
    ]
    t = random.standard_normal
    table, alpha, beta, kernel, bias = t((5, 2)), t(10), t(10), t((10, 1)), t(1)
    weights = {
        "image": [], "kinds": [], "flat": [], "table": [("table/embeddings:0", table)], "row": [], "join": [],
        "slope": [("slope/alpha:0", alpha)], "norm": [("norm/beta:0", beta)], "out": [("out/kernel:0", kernel), ("out/bias:0", bias)],
    }  # fmt: skip
    (tmp_path / "m.h5").write_bytes(h5(weights, model(layers, ["image", "kinds"], ["out"])))
    package = kaon.convert(tmp_path / "m.h5", tmp_path / "out")
    assert [port.scalar for port in package.graph.inputs] == ["float", "int32"]
    image, kinds = t((6, 2, 3)).astype(np.float32), random.integers(0, 5, (6, 2))
    h = np.concatenate([image.reshape(6, 6), table[kinds].reshape(6, 4)], axis=1)
    h = np.where(h > 0, h, alpha * h)
    h = (h - h.mean(axis=1, keepdims=True)) / np.sqrt(h.var(axis=1, keepdims=True) + 0.1) + beta
    np.testing.assert_allclose(evaluate(package.graph, {"image": image, "kinds": kinds})["out"], h @ kernel + bias, rtol=1e-4, atol=1e-5)
    assert kaon.check(tmp_path / "out", rows=32).passed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c, w: w.pop("out"), "no weights of layer 'out'"),
        (lambda c, w: w["out"].pop(), "layer 'out' has 1 tensors, not 2"),
        (lambda c, w: c["config"]["layers"].append(c["config"]["layers"][-1]), "used twice"),
        (lambda c, w: c["config"].update(output_layers=[["nobody", 0, 0]]), "no layer gives 'nobody'"),
        (lambda c, w: c["config"]["layers"][2].update(inbound_nodes=[[["out", 0, 0, {}]]]), "in a circle"),
        (lambda c, w: c["config"]["layers"][2].update(class_name="Masking"), "Masking are not supported"),
        (lambda c, w: c["config"]["layers"][2].update(class_name="LSTM"), "LSTM are not supported"),
        (lambda c, w: c["config"]["layers"][6]["config"].update(axis=0), "last axis"),
        (lambda c, w: c.update(class_name="Subclassed"), "models of class 'Subclassed'"),
        (lambda c, w: c["config"]["layers"][3]["config"]["layers"].clear(), "no layer|field|circle"),
    ],
)
def test_refused(tmp_path, two_inputs, change, words):
    config, weights, _, _ = two_inputs
    change(config, weights)
    (tmp_path / "m.h5").write_bytes(h5(weights, config))
    with pytest.raises(kaon.Refused, match=words):
        kaon.convert(tmp_path / "m.h5", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_that_do_not_belong_together(tmp_path, two_inputs):
    config, weights, _, _ = two_inputs
    (tmp_path / "m.json").write_text(json.dumps(config))
    with pytest.raises(kaon.Refused, match="no weights beside it"):
        kaon.convert(tmp_path / "m.json", tmp_path / "out")
    for name in ("m.h5", "weights.h5"):
        (tmp_path / name).write_bytes(h5(weights))
    with pytest.raises(kaon.Refused, match="2 files beside it may be its weights"):
        kaon.convert(tmp_path / "m.json", tmp_path / "out")
    with pytest.raises(kaon.Refused, match="it holds weights alone"):
        kaon.convert(tmp_path / "weights.h5", tmp_path / "out")
    with pytest.raises(kaon.Refused, match="holds its own weights"):
        kaon.convert(tmp_path / "m.h5", tmp_path / "out", weights=tmp_path / "weights.h5")
    with pytest.raises(kaon.Refused, match="no HDF5 file"):
        kaon.convert(tmp_path / "m.json", tmp_path / "out", weights=tmp_path / "m.json")
    kaon.convert(tmp_path / "m.json", tmp_path / "out", weights=tmp_path / "m.h5")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_refused(tmp_path, two_inputs, seed):
    config, weights, _, _ = two_inputs
    random = np.random.default_rng(seed)
    data = bytearray(h5(weights, config))
    if seed % 4 == 0:
        data = data[: int(random.integers(8, len(data)))]
    else:
        for _ in range(int(random.integers(1, 30))):
            data[int(random.integers(8, len(data)))] = int(random.integers(256))
    (tmp_path / "m.h5").write_bytes(data)
    try:
        kaon.convert(tmp_path / "m.h5", tmp_path / "out")
    except kaon.Refused:
        assert not (tmp_path / "out").exists()


def test_reference_models(tmp_path, models):
    """The hls4ml jet tagger from Keras 2 against ONNX, and two networks of lwtnn."""
    folder = models / "fastml"
    tagger = kaon.convert(folder / "KERAS_3layer.json", tmp_path / "tagger")
    rows = np.load(folder / "three_layer_keras.in0.npy")
    got = evaluate(tagger.graph, {tagger.graph.inputs[0].name: rows})[tagger.graph.outputs[0].name]
    assert np.abs(got - np.load(folder / "three_layer_keras.out0.npy")).max() < 2e-7
    vectors = json.loads((models / "lwtnn" / "vectors.json").read_text())
    for name in ("elu", "dense_dropout"):
        case = vectors[name]
        package = kaon.convert(models / "lwtnn" / case["architecture"], tmp_path / name, weights=models / "lwtnn" / case["weights"])
        given = {key: np.reshape(value["data"], value["shape"]).astype(np.float32) for key, value in case["inputs"].items()}
        want = case["independent_numpy_outputs"][0]
        got = next(iter(evaluate(package.graph, given).values()))
        np.testing.assert_allclose(got, np.reshape(want["data"], want["shape"]), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("version", "slope"), [("2.2.4", 0.2), (None, 0.2), ("3.15.1", 1 / 6)])
def test_hard_sigmoid_meant_something_else_before_keras_3(tmp_path, random, version, slope):
    config = model([entered("x", 4), entry("Dense", "d", ["x"], units=3, activation="hard_sigmoid", use_bias=True)], ["x"], ["d"])
    weights = {"d": [("d/kernel:0", random.normal(size=(4, 3))), ("d/bias:0", random.normal(size=3))]}
    with h5py.File(io.BytesIO(h5(weights, config)), "r+") as file:
        if version is not None:
            file.attrs["keras_version"] = version.encode()
        file.flush()
        data = file.id.get_file_image()
    (tmp_path / "m.h5").write_bytes(data)
    kaon.convert(tmp_path / "m.h5", output=tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / "m.json").read_text())
    hard = next(layer for layer in manifest["layers"] if layer["kind"] == "hard_sigmoid")
    assert hard["numbers"]["slope"] == pytest.approx(slope, rel=1e-6)
