"""Parts of an event, outputs without an axis of features, constants over several axes: what PyTorch writes around dense layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import kaon
from kaon.evaluate import evaluate
from onnx_models import f32

node = helper.make_node
INDICES = {"0": 0, "one": [1], "two": [1, 2], "apart": [0, 2], "-3": [-3], "4": [4], "end": [2**62], "-1": [-1], "three": 3, "0l": [0]}
NUMBERS = {f"i{name}": np.array(value, np.int64) for name, value in INDICES.items()}


def save(path: Path, nodes: list, constants: dict[str, np.ndarray], shape: list, output: list, opset: int = 17) -> Path:
    used = {name for n in nodes for name in n.input}
    values = [helper.make_tensor_value_info("x", 1, shape), helper.make_tensor_value_info("y", 1, output)]
    tensors = [numpy_helper.from_array(array, name) for name, array in (NUMBERS | constants).items() if name in used]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], tensors)
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString())
    return path


def agree(path: Path, tmp_path: Path, rows: np.ndarray) -> list[str]:
    """Compares with onnx's own evaluator; returns the kinds of the layers."""
    package = kaon.convert(path, tmp_path / "out", name="m")
    want = ReferenceEvaluator(onnx.load(path)).run(None, {"x": rows})[0]
    got = evaluate(package.graph, {"x": rows})["y"]
    assert got.size == want.size and np.ptp(want) > 1e-3
    np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-5, atol=1e-5)
    return [n.kind for n in package.graph.nodes]


PARTS = {
    "x[:, 1:4]": ([node("Slice", ["x", "ione", "i4", "ione", "ione"], ["y"])], 3),
    "x[:, -3:]": ([node("Slice", ["x", "i-3", "iend", "i-1"], ["y"])], 3),
    "x[:, [1, 2]]": ([node("Gather", ["x", "itwo"], ["y"], axis=1)], 2),
    "x[:, [-3]]": ([node("Gather", ["x", "i-3"], ["y"], axis=-1)], 1),
    "x[:, 3]": ([node("Gather", ["x", "ithree"], ["y"], axis=1)], None),
    "sigmoid(x[:, 0])": ([node("Gather", ["x", "i0"], ["g"], axis=1), node("Sigmoid", ["g"], ["y"])], None),
}


@pytest.mark.parametrize("what", PARTS)
def test_features(tmp_path, random, what):
    nodes, size = PARTS[what]
    path = save(tmp_path / "m.onnx", nodes, {}, ["batch", 6], ["batch"] if size is None else ["batch", size])
    assert agree(path, tmp_path, f32(random.standard_normal((32, 6))))[0] == "slice"


def test_indices_of_constant_nodes(tmp_path, random):
    nodes = [node("Constant", [], ["i"], value_ints=[1, 2]), node("Gather", ["x", "i"], ["y"], axis=1)]
    assert agree(save(tmp_path / "m.onnx", nodes, {}, ["batch", 6], ["batch", 2]), tmp_path, f32(random.standard_normal((32, 6)))) == ["slice"]


@pytest.mark.parametrize("behind", [[], [node("Sigmoid", ["q"], ["y"])], [node("Relu", ["q"], ["r"]), node("Tanh", ["r"], ["y"])]])
@pytest.mark.parametrize("how", ["Squeeze ione", "Squeeze i-1", "Reshape i-1"])
def test_output_without_features(tmp_path, random, how, behind):
    """model(x).squeeze(-1), .view(-1), and an activation of that."""
    operator, constant = how.split()
    nodes = [node("MatMul", ["x", "W"], ["h"]), node(operator, ["h", constant], ["q" if behind else "y"]), *behind]
    path = save(tmp_path / "m.onnx", nodes, {"W": f32(random.standard_normal((6, 1)))}, ["batch", 6], ["batch"])
    assert len(agree(path, tmp_path, f32(random.standard_normal((32, 6))))) == 1 + len(behind)


@pytest.mark.parametrize("shape", [(3, 1, 1), (1, 3, 1, 1), (5,), (4, 1), (3, 4, 5), ()])
@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div", "PRelu"])
def test_constants_over_several_axes(tmp_path, random, operator, shape):
    constants = {"c": f32(random.uniform(0.5, 2, shape)), "W": f32(random.standard_normal((60, 2)))}
    nodes = [node(operator, ["x", "c"], ["a"]), node("Flatten", ["a"], ["f"]), node("MatMul", ["f", "W"], ["y"])]
    kinds = agree(save(tmp_path / "m.onnx", nodes, constants, ["batch", 3, 4, 5], ["batch", 2]), tmp_path, f32(random.standard_normal((9, 3, 4, 5))))
    if operator != "PRelu":
        assert kinds == ["reshape", "dense"]  # folded into the weights


def test_normalised_image(tmp_path, random):
    """(x - mean) / 255, normalised a channel, with an activation that keeps the scales from the weights."""
    constants = {"m": f32(random.standard_normal((3, 1, 1))), "d": f32(25.5), "W": f32(random.standard_normal((60, 2)))}
    constants |= {name: f32(random.uniform(0.5, 2, 3)) for name in ("gamma", "beta", "mean", "variance")}
    nodes = [
        node("Sub", ["x", "m"], ["a"]),
        node("Div", ["a", "d"], ["b"]),
        node("BatchNormalization", ["b", "gamma", "beta", "mean", "variance"], ["n"]),
        node("Tanh", ["n"], ["t"]),
        node("Flatten", ["t"], ["f"]),
        node("MatMul", ["f", "W"], ["y"]),
    ]
    path = save(tmp_path / "m.onnx", nodes, constants, ["batch", 3, 4, 5], ["batch", 2])
    assert "scaler" in agree(path, tmp_path, f32(random.standard_normal((9, 3, 4, 5))))
    assert kaon.convert(path, tmp_path / "out").graph.nodes[1].parameter_count == 120


def test_chunk(tmp_path, random):
    """torch.chunk(x, 2, dim=1)[1] of operator sets below 18: bounds that are reckoned from the shape."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "ione"], ["n"]),
        node("Add", ["n", "ione"], ["m"]),
        node("Div", ["m", "two"], ["half"]),
        node("Mul", ["half", "two"], ["end"]),
        node("Slice", ["x", "half", "end", "ione"], ["y"]),
    ]
    path = save(tmp_path / "m.onnx", nodes, {"two": np.array([2])}, ["batch", 7], ["batch", 3])
    assert agree(path, tmp_path, f32(random.standard_normal((32, 7)))) == ["slice"]


@pytest.mark.parametrize("alpha", [1.0, 0.6, 2.5])
def test_celu(tmp_path, random, alpha):
    path = save(tmp_path / "m.onnx", [node("Celu", ["x"], ["y"], alpha=alpha)], {}, ["batch", 6], ["batch", 6])
    assert "elu" in agree(path, tmp_path, f32(2 * random.standard_normal((32, 6))))


@pytest.mark.parametrize("order", [1, -1])
def test_softsign_written_out(tmp_path, random, order):
    nodes = [node("Abs", ["x"], ["a"]), node("Add", ["a", "c"][::order], ["b"]), node("Div", ["x", "b"], ["y"])]
    path = save(tmp_path / "m.onnx", nodes, {"c": f32(1)}, ["batch", 6], ["batch", 6])
    assert agree(path, tmp_path, f32(random.standard_normal((32, 6)))) == ["softsign"]


ABS = [node("Abs", ["x"], ["a"]), node("Add", ["a", "c"], ["b"]), node("Div", ["x", "b"], ["y"])]

REFUSED = {
    "batch as a bound": ([node("Shape", ["x"], ["s"]), node("Gather", ["s", "i0l"], ["n"]), node("Slice", ["x", "n", "i4", "ione"], ["y"])], 3, "not known"),
    "no softsign": (ABS, 6, "operator Abs is not supported"),
    "celu": ([node("Celu", ["x"], ["y"], alpha=-1.0)], 6, "alpha"),
    "rows": ([node("Slice", ["x", "ione", "i4"], ["y"])], 6, "not features one after another"),
    "steps": ([node("Slice", ["x", "ione", "i4", "ione", "i-1"], ["y"])], 3, "steps of 1"),
    "apart": ([node("Gather", ["x", "iapart"], ["y"], axis=1)], 2, "not one after another"),
    "beyond": ([node("Gather", ["x", "iend"], ["y"], axis=1)], 1, "takes features"),
    "none": ([node("Slice", ["x", "i4", "ione", "ione"], ["y"])], 1, "takes features"),
    "of the batch": ([node("Gather", ["x", "ione"], ["y"], axis=0)], 6, "something else than features"),
    # [batch] times [batch, 1] would be [batch, batch]
    "rank": ([node("Gather", ["x", "i0"], ["g"], axis=1), node("Gather", ["x", "ione"], ["h"], axis=1), node("Mul", ["g", "h"], ["y"])], 1, "leaves out"),
    "written twice": ([node("Tanh", ["x"], ["a/negative"]), node("Sub", ["x", "a/negative"], ["a"]), node("Add", ["a", "x"], ["y"])], 6, "twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, case, kaon_command):
    nodes, size, words = REFUSED[case]
    path = save(tmp_path / "m.onnx", nodes, {"c": f32(1.001)}, ["batch", 6], ["batch", size])
    assert words in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert not (tmp_path / "out").exists()


def test_inputs_with_and_without_a_batch_are_refused(tmp_path, kaon_command):
    values = [helper.make_tensor_value_info(name, 1, shape) for name, shape in (("x", ["batch", 6]), ("z", [6]), ("y", ["batch", 6]))]
    graph = helper.make_graph([node("Add", ["x", "z"], ["y"])], "g", values[:2], values[2:])
    (tmp_path / "m.onnx").write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString())
    assert "input 'z': its rank is 1" in kaon_command("convert", tmp_path / "m.onnx", "-o", tmp_path / "out").refusal()
