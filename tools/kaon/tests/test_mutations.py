"""Models with hostile shapes, types, numbers and wiring: a refusal in one line, or a model that computes what ONNX Runtime computes.

KAON_FUZZ multiplies how many are tried; 1 takes seconds.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest

import kaon
import random_graphs
from kaon import passes
from kaon.evaluate import evaluate
from kaon.graph import Graph
from kaon.golden import inputs
from kaon.importers import hdf5, keras
from kaon.importers.onnx import NEWEST, OLDEST, read_onnx
from keras_models import dense, functional, input_layer, layer, save, sequential, weights
from mutations import SIZES, Mutator
from onnx_runtime_apart import Apart
from test_keras_legacy import fill, two_inputs  # noqa: F401
from test_onnx_opsets import Writer

TIMES = int(os.environ.get("KAON_FUZZ", "1"))
PIECES = 10
ROWS = 3


def accepted(read) -> Graph | None:
    """Returns the graph that a reader makes; None where it refused in one line. Any other exception fails the test."""
    try:
        graph = read()
        passes.run(graph)
    except kaon.Refused as error:
        assert error.place and error.cause and error.remedy and "\n" not in str(error)
        return None
    events = inputs(graph, ROWS, 1)
    with np.errstate(all="ignore"):  # weights of 1e38
        for port, array in evaluate(graph, events).items():
            assert array.shape == (ROWS, *next(p.shape for p in graph.outputs if p.name == port))
    return graph


@cache
def originals(folder: Path) -> list[onnx.ModelProto]:
    """Networks of every operator that is read: of random graphs, and of two operator sets."""
    for seed in range(12):
        random_graphs.write(folder / f"{seed}.onnx", seed)
    found = [onnx.load(folder / f"{seed}.onnx") for seed in range(12)]
    for opset in (OLDEST, 13, 20, NEWEST):
        writer = Writer(opset, np.random.default_rng(opset))
        writer.network()
        found.append(writer.model())
    return found


@pytest.fixture(scope="session")
def models_to_change(tmp_path_factory) -> list[onnx.ModelProto]:
    return originals(tmp_path_factory.mktemp("originals"))


@pytest.mark.parametrize("piece", range(PIECES))
def test_onnx(models_to_change, apart, piece):
    counts = {"refused": 0, "agreed": 0}
    for seed in range(piece, 3000 * TIMES, PIECES):
        mutator = Mutator(seed)
        model = mutator.onnx(mutator.pick(models_to_change))
        graph = accepted(lambda: read_onnx("m", model.SerializeToString()))
        if graph is None:
            counts["refused"] += 1
        else:
            counts["agreed"] += agrees(apart, model, graph, seed)
    assert counts["refused"] > 30 * TIMES and counts["agreed"] > 5 * TIMES


def agrees(apart: Apart, model: onnx.ModelProto, graph: Graph, seed: int) -> bool:
    """Whether ONNX Runtime runs a changed model, too; fails where it gives something else."""
    events = {name: np.repeat(array[1:2], ROWS, axis=0) for name, array in inputs(graph, ROWS, seed).items()}
    results = apart.run(
        model.SerializeToString(), [port.name for port in graph.outputs], {name: array[0] for name, array in events.items()}, ROWS
    )
    if results is None:
        return False
    batch = all(len(port.type.tensor_type.shape.dim) != 1 for port in model.graph.input)
    with np.errstate(all="ignore"):
        got = evaluate(graph, events)
        float32 = evaluate(graph, events, np.float32)
    for port, want in zip(graph.outputs, results):
        if want.size == 0:  # a batch of none
            continue
        want = np.reshape(want, (len(want) if batch else 1, -1))[:1].astype(np.float64)
        mine, rounded = (values[port.name].reshape(ROWS, -1)[:1] for values in (got, float32))
        if not (np.isfinite(want).all() and np.isfinite(rounded).all()):
            continue
        assert mine.shape == want.shape, f"seed {seed}, output {port.name!r}: {mine.shape}, ONNX Runtime {want.shape}"
        limit = 1e-5 * max(1.0, np.abs(want).max()) + 10 * np.abs(rounded - mine).max()
        assert np.abs(mine - want).max() <= limit, f"seed {seed}, output {port.name!r}: {np.abs(mine - want).max()}"
    return True


@pytest.fixture(scope="module")
def apart():
    opened = Apart()
    yield opened
    opened.close()


@pytest.mark.parametrize("form", ["sequential", "functional"])
def test_keras_3(tmp_path, random, form):
    layers = [
        input_layer(6),
        dense("fc", 8, "relu"),
        layer("BatchNormalization", "bn", axis=-1, epsilon=1e-3, center=True, scale=True),
        layer("LeakyReLU", "leaky", negative_slope=0.2),
        layer("Reshape", "shaped", target_shape=[2, 4]),
        layer("Flatten", "flat", data_format="channels_last"),
        dense("out", 3, "softmax"),
    ]
    config = sequential(layers) if form == "sequential" else functional(layers)
    tensors = {f"layers/{name}/vars/{i}": array for name, sizes in (("dense", (6, 8)), ("dense_1", (8, 3))) for i, array in enumerate(weights(random, *sizes)[0])}
    tensors |= {f"layers/batch_normalization/vars/{i}": random.uniform(0.5, 2, 8).astype(np.float32) for i in range(4)}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, array in tensors.items():
            file[path] = array
    data = buffer.getvalue()
    original = keras.read_keras("m", save(tmp_path / "m", config, data).read_bytes())
    passes.run(original)
    refused = 0
    for seed in range(400 * TIMES):
        changed = json.dumps(Mutator(seed).json(config))
        stored = save(tmp_path / "m", changed, data).read_bytes()
        refused += accepted(lambda: keras.read_keras("m", stored)) is None
    assert refused > 130 * TIMES


@pytest.fixture(autouse=True)
def hdf5_in_this_process(monkeypatch):
    """The files here are whole HDF5: no child process is needed to read them safely, and starting one takes most of the time."""

    def read(place: str, data: bytes, arguments: list[str]) -> dict[str, np.ndarray]:
        try:
            with h5py.File(io.BytesIO(data), "r") as file:
                if arguments == ["--legacy"]:
                    return hdf5.legacy(file)
                return {str(i): hdf5.dataset(file, path) for i, path in enumerate(arguments)}
        except hdf5.Unreadable as error:
            raise hdf5.refusal(place, json.dumps(error.args).encode()) from error
        except Exception as error:  # as the child does
            raise hdf5.refusal(place, json.dumps(["", str(error)]).encode()) from error

    monkeypatch.setattr(hdf5, "run_child", read)


@pytest.mark.parametrize("form", ["h5", "json"])
def test_keras_2(two_inputs, form):  # noqa: F811
    config, stored, _, _ = two_inputs
    refused = 0
    for seed in range(400 * TIMES):
        mutator = Mutator(seed)
        changed = mutator.json(config) if seed % 3 else config
        data = legacy_bytes(mutator, stored if seed % 3 == 2 else hostile(mutator, stored), changed if form == "h5" else None)
        text = json.dumps(changed).encode()
        read = (lambda: keras.read_hdf5("m", data)) if form == "h5" else (lambda: keras.read_architecture("m", text, "w", data))
        refused += accepted(read) is None
    assert refused > 130 * TIMES


def hostile(mutator: Mutator, stored: dict) -> dict:
    """Weights with a shape, a type, a name or a number of them that is another."""
    changed = {name: list(tensors) for name, tensors in stored.items()}
    name = mutator.pick(n for n, tensors in changed.items() if tensors)
    at = int(mutator.random.integers(len(changed[name])))
    key, array = changed[name][at]
    what = mutator.random.integers(8)
    array = np.asarray(array, np.float32)
    if what == 0:
        changed[name].pop(at)
    elif what == 1:
        changed[name][at] = (key, array.T)
    elif what == 2:
        changed[name][at] = (key, array[..., None])
    elif what == 3:
        changed[name][at] = (key, array[:0])
    elif what == 4:
        changed[name][at] = (key, np.full_like(array, mutator.pick((np.nan, np.inf, 1e38))))
    elif what == 5:
        changed[name][at] = (key, array.astype(mutator.pick((np.int32, np.int64, np.uint8))))
    elif what == 6:
        changed[f"{name}/x"] = changed.pop(name)
    else:
        changed[name][at] = (mutator.pick(("", "/", "..", "a/b/c", "kernel:0", "\u00e9")), array)
    return changed


def legacy_bytes(mutator: Mutator, stored: dict, config) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config).encode()
        root = file.create_group("model_weights") if config is not None else file
        try:
            fill(root, stored)
        except (ValueError, RuntimeError, TypeError):  # a name that HDF5 does not take: half a file
            pass
        what = mutator.random.integers(12)
        if what == 0:
            root.attrs["layer_names"] = mutator.pick((3, "x", np.arange(4), [b"\xff"], np.zeros((2, 2))))
        elif what == 1 and list(root):
            name = mutator.pick(root)
            del root[name]
            root[name] = mutator.pick((h5py.SoftLink("/"), h5py.SoftLink("/nowhere"), h5py.ExternalLink("/etc/passwd", "/"), np.zeros(3)))
        elif what == 2 and config is not None:
            file.attrs["model_config"] = mutator.pick((3, "", "{", b"\xff\xfe", "[" * 5000, np.zeros(3)))
    return buffer.getvalue()


@pytest.mark.parametrize("size", [s for s in SIZES if s > 3])
def test_a_declared_size_costs_no_memory(tmp_path, size):
    """A file of a hundred bytes that asks for terabytes, or for as much as there is, is refused in a process of 2 GiB."""
    node, port = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    values = port("x", 1, ["batch", size]), port("y", 1, None)
    two = onnx.numpy_helper.from_array(np.float32(2), "two")
    graph = onnx.helper.make_graph([node("Mul", ["x", "two"], ["h"]), node("Relu", ["h"], ["y"])], "g", values[:1], values[1:], [two])
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]).SerializeToString())
    limits = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)); from kaon.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", limits, "convert", str(path), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, check=False, timeout=60)
    if size == 5:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "numbers" in done.stderr, done.stderr
