"""ONNX models of events with several axes, of integers, with numbers in other types and files, and operators written out in several."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import kaon
from kaon.evaluate import evaluate
from onnx_models import f32

onnxruntime = pytest.importorskip("onnxruntime")
node = helper.make_node
INT64 = TensorProto.INT64


def save(path: Path, inputs: dict[str, tuple[int, list]], nodes: list, constants: dict[str, np.ndarray], opset: int = 17) -> Path:
    """inputs: type and shape, the batch's axis first."""
    values = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
    results = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", values, results, [numpy_helper.from_array(a, n) for n, a in constants.items()])
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString())
    return path


def agree(path: Path, tmp_path: Path, events: dict[str, np.ndarray]) -> kaon.Package:
    package = kaon.convert(path, tmp_path / "out", name="m")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = session.run(["y"], events)[0]
    got = evaluate(package.graph, events)["y"]
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(expected) > 1e-3
    return package


FLATTENED = {
    "flatten": ([node("Flatten", ["h"], ["f"], axis=1)], {}),
    "flatten from the end": ([node("Flatten", ["h"], ["f"], axis=-2)], {}),
    "reshape with the batch as -1": ([node("Reshape", ["h", "to"], ["f"])], {"to": np.array([-1, 12])}),
    "reshape with the batch as 0": ([node("Reshape", ["h", "to"], ["f"])], {"to": np.array([0, -1])}),
    "reshape by way of another": (
        [node("Reshape", ["h", "one"], ["g"]), node("Relu", ["g"], ["r"]), node("Reshape", ["r", "two"], ["f"])],
        {"one": np.array([0, 0, 2, 2]), "two": np.array([-1, 12])},
    ),
    "as torch writes view(x.size(0), -1)": (
        [
            node("Shape", ["h"], ["s"]),
            node("Gather", ["s", "zero"], ["n"], axis=0),
            node("Unsqueeze", ["n", "axis"], ["u"]),
            node("Concat", ["u", "rest"], ["to"], axis=0),
            node("Reshape", ["h", "to"], ["f"]),
        ],
        {"zero": np.array(0), "axis": np.array([0]), "rest": np.array([-1])},
    ),
    "unsqueezed, squeezed, flattened": (
        [node("Unsqueeze", ["h", "axes"], ["u"]), node("Squeeze", ["u", "axes"], ["q"]), node("Flatten", ["q"], ["f"])],
        {"axes": np.array([1])},
    ),
}


@pytest.mark.parametrize("how", FLATTENED)
def test_events_of_two_axes(tmp_path, random, how):
    nodes, constants = FLATTENED[how]
    weights = {"W": f32(random.standard_normal((12, 3))), "b": f32(random.standard_normal(3))}
    nodes = [node("Tanh", ["x"], ["h"]), *nodes, node("Gemm", ["f", "W", "b"], ["y"])]
    path = save(tmp_path / "m.onnx", {"x": (TensorProto.FLOAT, ["batch", 3, 4])}, nodes, weights | constants)
    package = agree(path, tmp_path, {"x": f32(random.standard_normal((7, 3, 4)))})
    assert package.graph.inputs[0].shape == (3, 4)


def test_compiled_image_with_categories(tmp_path, random):
    constants = {
        "table": f32(random.standard_normal((6, 2))),
        "W": f32(random.standard_normal((12 + 6, 4))),
        "flat": np.array([-1, 6]),
    }
    nodes = [
        node("Gather", ["table", "kinds"], ["rows"], axis=0),
        node("Reshape", ["rows", "flat"], ["row"]),
        node("Flatten", ["x"], ["image"]),
        node("Concat", ["image", "row"], ["all"], axis=1),
        node("MatMul", ["all", "W"], ["h"]),
        node("Softmax", ["h"], ["y"], axis=-1),
    ]
    inputs = {"x": (TensorProto.FLOAT, ["batch", 3, 4]), "kinds": (INT64, ["batch", 3])}
    path = save(tmp_path / "m.onnx", inputs, nodes, constants)
    events = {"x": f32(random.standard_normal((9, 3, 4))), "kinds": random.integers(0, 6, (9, 3))}
    agree(path, tmp_path, events)
    result = kaon.check(tmp_path / "out", rows=64)
    assert result.passed and any(d.reference == "ONNX Runtime" for d in result.differences)


@pytest.mark.parametrize("kind", ["float64", "float16", "bfloat16"])
@pytest.mark.parametrize("raw", [True, False])
def test_weights_of_other_types(tmp_path, random, kind, raw):
    weights = random.standard_normal((6, 4))
    types = {"float64": TensorProto.DOUBLE, "float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}
    rounded = {
        "float64": weights,
        "float16": weights.astype(np.float16).astype(float),
        "bfloat16": (weights.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32).astype(float),
    }[kind]
    if kind == "bfloat16":
        bits = (rounded.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        tensor = TensorProto(name="W", data_type=types[kind], dims=[6, 4])
        if raw:
            tensor.raw_data = bits.tobytes()
        else:
            tensor.int32_data.extend(bits.reshape(-1).tolist())
    else:
        values = rounded.astype(kind)
        tensor = helper.make_tensor("W", types[kind], [6, 4], values.tobytes() if raw else values.reshape(-1), raw=raw)
    nodes = [node("Cast", ["W"], ["V"], to=1), node("Transpose", ["V"], ["T"]), node("Gemm", ["x", "T"], ["y"], transB=1)]
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 6])
    graph = helper.make_graph(nodes, "g", [value], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [tensor])
    (tmp_path / "m.onnx").write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString())
    package = kaon.convert(tmp_path / "m.onnx", tmp_path / "out")
    np.testing.assert_allclose(package.graph.nodes[0].tensors["weights"], rounded.astype(np.float32), rtol=1e-6)


def external(path: Path, random: np.random.Generator, location: str = "numbers.bin") -> np.ndarray:
    weights = f32(random.standard_normal((6, 4)))
    save(path, {"x": (TensorProto.FLOAT, ["batch", 6])}, [node("MatMul", ["x", "W"], ["y"])], {"W": weights})
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "8"), ("length", str(weights.nbytes))):
        tensor.external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    (path.parent / "numbers.bin").write_bytes(bytes(8) + weights.tobytes())
    return weights


def test_numbers_in_another_file(tmp_path, random):
    external(tmp_path / "m.onnx", random)
    agree(tmp_path / "m.onnx", tmp_path, {"x": f32(random.standard_normal((5, 6)))})
    (tmp_path / "numbers.bin").unlink()
    assert kaon.check(tmp_path / "out", rows=16).passed  # the folder needs nothing else


@pytest.mark.parametrize("location", ["../numbers.bin", "/etc/passwd", "link.bin", "none.bin", "pipe", "", "folder/../numbers.bin"])
def test_numbers_elsewhere_are_refused(tmp_path, random, location):
    import os

    external(tmp_path / "m.onnx", random, location)
    (tmp_path / "link.bin").symlink_to(tmp_path / "numbers.bin")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(kaon.Refused, match="initializer 'W'"):
        kaon.convert(tmp_path / "m.onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_few_numbers_in_the_other_file(tmp_path, random):
    external(tmp_path / "m.onnx", random)
    (tmp_path / "numbers.bin").write_bytes(bytes(50))
    with pytest.raises(kaon.Refused, match="has 50 bytes, not 96 from 8 on"):
        kaon.convert(tmp_path / "m.onnx", tmp_path / "out")


NUMBERS = {"root": math.sqrt(2), "inverse": math.sqrt(0.5), "one": 1.0, "half": 0.5, "cubic": 0.044715, "pi": math.sqrt(2 / math.pi)} | {
    "three": 3.0,
    "two": 2.0,
    "epsilon": 1e-3,
}
GELU = {
    "torch": ["Div x root a", "Erf a b", "Add b one c", "Mul x c d", "Mul d half y"],
    "half first": ["Mul x half h", "Mul x inverse a", "Erf a b", "Add one b c", "Mul h c y"],
    "tensorflow": ["Mul x inverse a", "Erf a b", "Add b one c", "Mul half c d", "Mul x d y"],
    "by tanh": ["Pow x three p", "Mul p cubic q", "Add x q r", "Mul pi r s", "Tanh s t", "Add t one u", "Mul x half h", "Mul h u y"],
    "by tanh, with x x x": ["Mul x x p", "Mul p x o", "Mul o cubic q", "Add x q r", "Mul r pi s", "Tanh s t", "Add one t u", "Mul x u v", "Mul v half y"],
    "by tanh, factored": ["Mul x x p", "Mul p cubic q", "Add q one r", "Mul x pi z", "Mul z r s", "Tanh s t", "Add t one u", "Mul half x h", "Mul u h y"],
}


def written_out(lines: list[str]) -> tuple[list, dict[str, np.ndarray]]:
    nodes = []
    for line in lines:
        operator, *names = line.split()
        nodes.append(node(operator, names[:-1], names[-1:]))
    used = {name for n in nodes for name in n.input}
    return nodes, {name: np.array(value, np.float32) for name, value in NUMBERS.items() if name in used}


@pytest.mark.parametrize("form", GELU)
def test_gelu_written_out(tmp_path, random, form):
    nodes, constants = written_out(GELU[form])
    path = save(tmp_path / "m.onnx", {"x": (TensorProto.FLOAT, ["batch", 5])}, nodes, constants)
    package = agree(path, tmp_path, {"x": f32(2 * random.standard_normal((9, 5)))})
    assert [n.kind for n in package.graph.nodes] == ["gelu_tanh" if "tanh" in form else "gelu"]


def test_what_only_looks_like_gelu_is_not_taken_for_it(tmp_path, random):
    nodes, constants = written_out(["Mul x inverse a", "Erf a b", "Add b one c", "Mul x c y"])
    path = save(tmp_path / "m.onnx", {"x": (TensorProto.FLOAT, ["batch", 5])}, nodes, constants)
    with pytest.raises(kaon.Refused, match="Erf"):
        kaon.convert(path, tmp_path / "out")


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize("square", ["Pow d two s", "Mul d d s"])
def test_layer_normalization_written_out(tmp_path, random, opset, square):
    mean = (lambda i, o: node("ReduceMean", [i], [o], axes=[-1])) if opset < 18 else (lambda i, o: node("ReduceMean", [i, "axes"], [o]))
    middle, constants = written_out([square])
    constants |= {"two": np.array(2, np.float32), "epsilon": np.array(1e-3, np.float32)}
    constants |= {"gamma": f32(random.standard_normal(6)), "beta": f32(random.standard_normal(6)), "W": f32(random.standard_normal((6, 3)))}
    constants |= {"axes": np.array([-1])} if opset >= 18 else {}
    if "two" not in square:
        constants.pop("two")
    nodes = [mean("x", "m"), node("Sub", ["x", "m"], ["d"]), *middle, mean("s", "v"), node("Add", ["v", "epsilon"], ["e"])]
    nodes += [node("Sqrt", ["e"], ["r"]), node("Div", ["d", "r"], ["n"]), node("Mul", ["n", "gamma"], ["g"]), node("Add", ["g", "beta"], ["h"])]
    nodes += [node("Relu", ["h"], ["p"]), node("MatMul", ["p", "W"], ["y"])]
    path = save(tmp_path / "m.onnx", {"x": (TensorProto.FLOAT, ["batch", 6])}, nodes, constants, opset)
    package = agree(path, tmp_path, {"x": f32(random.standard_normal((9, 6)))})
    assert [n.kind for n in package.graph.nodes] == ["layer_norm", "scaler", "relu", "dense"]


@pytest.mark.parametrize(
    ("nodes", "constants", "inputs", "words"),
    [
        ([node("Flatten", ["x"], ["y"], axis=2)], {}, {}, "the batch would be mixed"),
        ([node("Reshape", ["x", "to"], ["y"])], {"to": np.array([12])}, {}, "the batch would be mixed|no shape"),
        ([node("Reshape", ["x", "to"], ["y"])], {"to": np.array([-1, 5])}, {}, "have no shape"),
        ([node("Reshape", ["x", "z"], ["y"])], {}, {"z": (INT64, ["two", 2])}, "is not constant"),
        ([node("Squeeze", ["x", "axes"], ["y"])], {"axes": np.array([1])}, {}, "axes"),
        ([node("Unsqueeze", ["x", "axes"], ["y"])], {"axes": np.array([0])}, {}, "keep the batch"),
        ([node("Gather", ["x", "i"], ["y"], axis=1)], {"i": np.array([0])}, {}, "something else than features"),
        ([node("Gather", ["x", "z"], ["y"], axis=1)], {}, {"z": (INT64, ["batch", 2])}, "no table"),
        ([node("Relu", ["z"], ["y"])], {}, {"z": (INT64, ["batch", 2])}, "it computes with integers"),
        ([node("Cast", ["z"], ["y"], to=1)], {}, {"z": (INT64, ["batch", 2])}, "gives integers|computes with integers|passes its input"),
    ],
)
def test_refused(tmp_path, nodes, constants, inputs, words):
    path = save(tmp_path / "m.onnx", {"x": (TensorProto.FLOAT, ["batch", 3, 4])} | inputs, nodes, constants)
    with pytest.raises(kaon.Refused, match=words):
        kaon.convert(path, tmp_path / "out")
