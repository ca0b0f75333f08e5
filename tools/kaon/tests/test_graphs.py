"""Models that are no chain: branches, several inputs and outputs, as converted, run and compared with ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import kaon
import random_graphs
from kaon.bench import measure
from kaon.error import Refused
from kaon.evaluate import evaluate
from onnx_models import f32

node = helper.make_node


def save_graph(
    path: Path,
    inputs: dict[str, int],
    outputs: list[str],
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    opset: int = 17,
) -> Path:
    """Writes a model of several inputs (name: features) and outputs."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]) for name, size in inputs.items()]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph(nodes, "g", values, results, [numpy_helper.from_array(a, n) for n, a in constants.items()])
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString())
    return path


def runtime_outputs(path: Path, events: dict[str, np.ndarray], outputs: list[str]) -> dict[str, np.ndarray]:
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return dict(zip(outputs, session.run(outputs, events)))


def two_heads(path: Path, random: np.random.Generator) -> tuple[Path, dict[str, int], list[str]]:
    """Two inputs, a residual, a product, a split; one output is read again by the other's branch."""
    constants = {
        "W0": f32(random.standard_normal((7, 5))),
        "b0": f32(random.standard_normal(5)),
        "W1": f32(random.standard_normal((5, 5))),
        "W2": f32(random.standard_normal((8, 3))),
        "s": f32(random.standard_normal(4)),
        "t": f32(random.standard_normal(4)),
        "slopes": f32(random.standard_normal(5)),
        "sizes": np.array([3, 2], np.int64),
        "ones": np.array([1, 1], np.int64),
        "gamma": f32(random.standard_normal(8)),
    }
    nodes = [
        node("Gemm", ["tracks", "W0", "b0"], ["h"], name="encode"),
        node("PRelu", ["h", "slopes"], ["a"], name="prelu"),
        node("MatMul", ["a", "W1"], ["m"], name="inner"),
        node("Tanh", ["m"], ["n"]),
        node("Add", ["n", "a"], ["r"], name="skip"),
        node("Split", ["r", "sizes"], ["first", "second"], axis=-1, name="split"),
        node("Mul", ["vertex", "s"], ["v0"]),
        node("Add", ["v0", "t"], ["v1"], name="scale"),
        node("Softmax", ["first"], ["kind"], axis=1),
        node("Concat", ["kind", "v1"], ["joined"], axis=1, name="join"),
        node("Split", ["second", "ones"], ["k0", "k1"], axis=-1),
        node("Concat", ["joined", "k0"], ["wide"], axis=1),
        node("LayerNormalization", ["wide", "gamma"], ["normal"], axis=-1, epsilon=1e-3),
        node("Gemm", ["normal", "W2"], ["energy"]),
    ]
    return save_graph(path, {"tracks": 7, "vertex": 4}, ["energy", "kind"], nodes, constants), {"tracks": 7, "vertex": 4}, ["energy", "kind"]


def test_two_heads_agree(tmp_path, random):
    path, sizes, names = two_heads(tmp_path / "m.onnx", random)
    events = {name: f32(random.standard_normal((50, size))) for name, size in sizes.items()}
    expected = runtime_outputs(path, events, names)
    package = kaon.convert(path, tmp_path / "out")
    got = evaluate(package.graph, events)
    for name in names:
        np.testing.assert_allclose(got[name], expected[name], rtol=0, atol=1e-5)
    header = package.file("header").read_text()
    assert "kaon::named_graph<" in header and "kaon::gives<" in header and "kaon::inputs<" in header


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("weights", ["constant", "file"])
def test_two_heads_run(tmp_path, random, request, weights, kaon_command):
    if weights == "file":
        request.getfixturevalue("weight_files")
    path, sizes, names = two_heads(tmp_path / "m.onnx", random)
    events = {name: f32(random.standard_normal((70, size))) for name, size in sizes.items()}
    expected = runtime_outputs(path, events, names)
    kaon.convert(path, tmp_path / "out")
    np.savez(tmp_path / "x.npz", **events)
    for batch in (None, 1, 64):
        options = ["--weights", weights, *(["--batch", batch] if batch else [])]
        outcome = kaon_command("run", tmp_path / "out", "--input", tmp_path / "x.npz", "-o", tmp_path / "y.npz", *options)
        assert outcome.code == 0, outcome.err
        with np.load(tmp_path / "y.npz") as result:
            assert sorted(result.files) == sorted(names)
            for name in names:
                np.testing.assert_allclose(result[name], expected[name], rtol=0, atol=2e-5)
    assert kaon.check(tmp_path / "out").passed
    assert kaon_command("report", tmp_path / "out").code == 0


@pytest.mark.usefixtures("native")
def test_two_heads_are_timed(tmp_path, random):
    path, _, _ = two_heads(tmp_path / "m.onnx", random)
    report = measure(kaon.convert(path, tmp_path / "out"), 0.05)
    cases = [(row["case"], row["batch"], row["engine"]) for row in report["rows"]]
    assert cases == [(case, batch, "kaon") for case, batch in (("single", 1), ("dependent", 1), ("batch", 8), ("batch", 64), ("batch", 1024))]
    assert all(0 < row["ns_per_event_min"] <= row["ns_per_event_median"] and row["bound_ns"] > 0 for row in report["rows"])
    assert all(row["allocations_per_call"] == 0 for row in report["rows"])
    assert report["agreement"]["largest_difference"]["kaon"] < 1e-5  # batches and single events


def test_inputs_are_checked(tmp_path, random, kaon_command):
    path, sizes, _ = two_heads(tmp_path / "m.onnx", random)
    kaon.convert(path, tmp_path / "out")
    tracks, vertex = (np.zeros((rows, size), np.float32) for rows, size in zip((5, 6), sizes.values()))
    for arrays, words in (
        ({"tracks": tracks}, ["'tracks', 'vertex'", "found tracks"]),
        ({"tracks": tracks, "vertex": vertex}, ["different numbers of rows"]),
        ({"tracks": tracks, "vertex": tracks}, ["'vertex'", "5 x 7"]),
    ):
        np.savez(tmp_path / "x.npz", **arrays)
        line = kaon_command("run", tmp_path / "out", "--input", tmp_path / "x.npz", "-o", tmp_path / "y.npz").refusal()
        assert all(word in line for word in words), line


def test_one_value_given_twice_and_an_input_passed_on(tmp_path, random):
    nodes = [node("Relu", ["x"], ["y"]), node("Identity", ["y"], ["z"]), node("Identity", ["x"], ["same"])]
    path = save_graph(tmp_path / "m.onnx", {"x": 3}, ["z", "y", "same"], nodes, {})
    events = {"x": f32(random.standard_normal((9, 3)))}
    package = kaon.convert(path, tmp_path / "out")
    got = evaluate(package.graph, events)
    for name, expected in runtime_outputs(path, events, ["z", "y", "same"]).items():
        np.testing.assert_allclose(got[name], expected, atol=1e-6)


def test_scales_stand_alone(tmp_path, random):
    nodes = [node("Relu", ["x"], ["h"]), node("Mul", ["h", "s"], ["g"]), node("Add", ["g", "t"], ["f"]), node("Tanh", ["f"], ["y"])]
    path = save_graph(tmp_path / "m.onnx", {"x": 3}, ["y"], nodes, {"s": f32([1, 2, 3]), "t": f32([0.5])})
    package = kaon.convert(path, tmp_path / "out")
    assert [n.kind for n in package.graph.nodes] == ["relu", "scaler", "tanh"]
    events = {"x": f32(random.standard_normal((9, 3)))}
    np.testing.assert_allclose(evaluate(package.graph, events)["y"], runtime_outputs(path, events, ["y"])["y"], atol=1e-6)


def random_events(random: np.random.Generator, sizes: dict[str, int], rows: int) -> dict[str, np.ndarray]:
    return {name: f32(random.standard_normal((rows, size))) for name, size in sizes.items()}


@pytest.mark.parametrize("first_seed", range(0, 200, 20))
def test_random_graphs(tmp_path, random, first_seed):
    """Of 20 graphs each value is within 1e-5 of the largest of its output from ONNX Runtime's."""
    for seed in range(first_seed, first_seed + 20):
        path = tmp_path / f"g{seed}.onnx"
        sizes, outputs = random_graphs.write(path, seed)
        events = random_events(random, sizes, 16)
        expected = runtime_outputs(path, events, outputs)
        got = evaluate(kaon.convert(path, tmp_path / f"g{seed}").graph, events)
        for name in outputs:
            scale = max(1.0, np.abs(expected[name]).max())
            assert np.abs(got[name] - expected[name]).max() <= 1e-5 * scale, (seed, name)


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("seed", [200, 201, 202])
def test_random_graph_in_cpp(tmp_path, seed):
    random_graphs.write(tmp_path / "m.onnx", seed)
    kaon.convert(tmp_path / "m.onnx", tmp_path / "out")
    result = kaon.check(tmp_path / "out")
    assert result.passed, [d for d in result.differences if not d.passed]


def test_double(tmp_path, native):
    """A network in double: C++ within 1e-12 of float64; ONNX Runtime within what float32 is."""
    random_graphs.write(tmp_path / "m.onnx", 4)
    package = kaon.convert(tmp_path / "m.onnx", tmp_path / "m", scalar="double")
    result = kaon.check(tmp_path / "m", rows=100)
    assert result.passed and {d.limit for d in result.differences if d.reference == "evaluator"} == {1e-12}
    assert package.scalar == "double" and package.golden()[1][package.graph.outputs[0].name].dtype == np.float64


def test_double_refused(tmp_path):
    with pytest.raises(Refused, match="--scalar half: no such scalar"):
        kaon.convert(tmp_path / "m.onnx", scalar="half")
    table = {"table": np.zeros((3, 2), np.float32)}
    save_graph(tmp_path / "m.onnx", {"x": 2}, ["y"], [node("Gather", ["table", "x"], ["y"])], table)
    model = onnx.load(tmp_path / "m.onnx")
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(Refused, match="the input 'x' takes integers"):
        kaon.convert(tmp_path / "m.onnx", tmp_path / "m", scalar="double")
