"""Every operator and variant of the ONNX importer, against ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import helper, numpy_helper

import kaon
from kaon.evaluate import evaluate
from onnx_models import DYNAMIC, f32, mlp, outputs_of, save

pytest.importorskip("onnxruntime")
node = helper.make_node


def agree(path: Path, tmp_path: Path, random: np.random.Generator, fixed: int | None = None) -> kaon.Package:
    """Converts, evaluates and compares with ONNX Runtime on 64 rows."""
    package = kaon.convert(path, tmp_path / "out", name="m")
    rows = f32(random.standard_normal((64, package.graph.inputs[0].shape[0])))
    expected = outputs_of(path, rows, fixed)
    got = evaluate(package.graph, {"x": rows})["y"]
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(expected) > 1e-3  # a constant result would agree with anything
    return package


@pytest.mark.parametrize("transpose", [0, 1])
@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (0.37, 1.0), (1.0, -2.5), (-1.3, 0.0)])
@pytest.mark.parametrize("bias", ["none", "vector", "row", "scalar", "one"])
def test_gemm(tmp_path, random, transpose, alpha, beta, bias):
    shapes = {"vector": (4,), "row": (1, 4), "scalar": (), "one": (1,)}
    constants = {"W": f32(random.standard_normal((4, 6) if transpose else (6, 4)))}
    names = ["x", "W"]
    if bias != "none":
        constants["b"] = f32(random.standard_normal(shapes[bias]))
        names.append("b")
    gemm = node("Gemm", names, ["y"], alpha=alpha, beta=beta, transB=transpose)
    agree(save(tmp_path / "m.onnx", [gemm], constants), tmp_path, random)


def test_gemm_of_constants_with_both_transposed(tmp_path, random):
    """transA is meaningful where the first operand is constant: the result is the weights of the layer after."""
    constants = {"A": f32(random.standard_normal((5, 6))), "B": f32(random.standard_normal((4, 5))), "C": f32(random.standard_normal(4))}
    nodes = [node("Gemm", ["A", "B", "C"], ["W"], transA=1, transB=1, alpha=0.5, beta=2.0), node("MatMul", ["x", "W"], ["y"])]
    agree(save(tmp_path / "m.onnx", nodes, constants), tmp_path, random)


@pytest.mark.parametrize("order", ["value first", "bias first"])
@pytest.mark.parametrize("shape", [(4,), (1, 4), (1,), ()])
def test_matmul_add(tmp_path, random, order, shape):
    constants = {"W": f32(random.standard_normal((6, 4))), "b": f32(random.standard_normal(shape))}
    operands = ["h", "b"] if order == "value first" else ["b", "h"]
    nodes = [node("MatMul", ["x", "W"], ["h"], name="fc"), node("Add", operands, ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes, constants), tmp_path, random)
    assert [(n.name, n.kind, n.origin) for n in package.graph.nodes] == [("fc", "dense", "MatMul + Add")]


def test_matmul_alone_and_two_biases(tmp_path, random):
    constants = {"W": f32(random.standard_normal((6, 4))), "V": f32(random.standard_normal((4, 3)))}
    constants |= {"b": f32(random.standard_normal(3)), "c": f32(random.standard_normal(3))}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node("Gemm", ["h", "V", "b"], ["g"]), node("Add", ["c", "g"], ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes, constants), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["dense", "dense"]
    assert not package.graph.nodes[0].tensors["bias"].any()


@pytest.mark.parametrize("operator", ["Relu", "Sigmoid", "Tanh", "Softmax"])
@pytest.mark.parametrize("opset", [9, 11, 13, 17])
def test_activations(tmp_path, random, operator, opset):
    constants = {"W": f32(3 * random.standard_normal((6, 4)))}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node(operator, ["h"], ["y"])]
    agree(save(tmp_path / "m.onnx", nodes, constants, opset=opset), tmp_path, random)


ACTIVATIONS = {
    "leaky relu": ("LeakyRelu", {"alpha": 0.3}, 17, "leaky_relu"),
    "leaky relu by default": ("LeakyRelu", {}, 9, "leaky_relu"),
    "elu": ("Elu", {"alpha": 0.7}, 17, "elu"),
    "selu": ("Selu", {}, 17, "selu"),
    "selu of other numbers": ("Selu", {"alpha": 1.5, "gamma": 0.7}, 17, "elu"),
    "hard sigmoid": ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}, 17, "hard_sigmoid"),
    "hard sigmoid by default": ("HardSigmoid", {}, 17, "hard_sigmoid"),
    "hard swish": ("HardSwish", {}, 17, "hard_silu"),
    "softplus": ("Softplus", {}, 17, "softplus"),
    "softsign": ("Softsign", {}, 17, "softsign"),
    "gelu": ("Gelu", {}, 20, "gelu"),
    "gelu by tanh": ("Gelu", {"approximate": "tanh"}, 20, "gelu_tanh"),
    "clip by attributes": ("Clip", {"min": -0.5, "max": 0.7}, 10, "clip"),
    "clip from below": ("Clip", {"min": -0.5}, 10, "clip"),
    "relu as clip": ("Clip", {"min": 0.0}, 10, "relu"),
}


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_more_activations(tmp_path, random, case):
    operator, attributes, opset, kind = ACTIVATIONS[case]
    constants = {"W": f32(3 * random.standard_normal((6, 4)))}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node(operator, ["h"], ["y"], **attributes)]
    package = agree(save(tmp_path / "m.onnx", nodes, constants, opset=opset), tmp_path, random)
    assert package.graph.nodes[1].kind == kind


@pytest.mark.parametrize(("inputs", "kind"), [(["a", "b"], "clip"), (["a"], "clip"), (["", "b"], "clip"), (["z"], "relu"), ([], "dense")])
def test_clip_by_inputs(tmp_path, random, inputs, kind):
    constants = {"W": f32(3 * random.standard_normal((6, 4))), "a": f32(-0.4), "b": f32(1.5), "z": f32(0)}
    used = {k: v for k, v in constants.items() if k in ("W", *inputs)}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node("Clip", ["h", *inputs], ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes, used), tmp_path, random)
    assert package.graph.nodes[-1].kind == kind


def test_prelu_of_one_slope(tmp_path, random):
    constants = {"W": f32(random.standard_normal((6, 4))), "s": f32(np.full(4, 0.25))}
    agree(save(tmp_path / "m.onnx", [node("MatMul", ["x", "W"], ["h"]), node("PRelu", ["h", "s"], ["y"])], constants), tmp_path, random)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize(("gate", "kind"), [("Sigmoid", "silu"), ("HardSigmoid", "hard_silu")])
def test_gates_written_out(tmp_path, random, order, gate, kind):
    nodes = [node("MatMul", ["x", "W"], ["h"]), node(gate, ["h"], ["g"]), node("Mul", ["g", "h"] if order else ["h", "g"], ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes, {"W": f32(random.standard_normal((6, 4)))}), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["dense", kind]


@pytest.mark.parametrize("opset", [9, 12, 17])
def test_dropout_and_flatten_vanish(tmp_path, random, opset):
    inputs = ["h"] if opset < 12 else ["h", "ratio", "training"]
    constants = {"W": f32(random.standard_normal((6, 4)))}
    if opset >= 12:
        constants |= {"ratio": f32(0.4), "training": np.array(False)}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node("Dropout", inputs, ["d", "mask"]), node("Flatten", ["d"], ["f"]), node("Tanh", ["f"], ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes, constants, opset=opset), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["dense", "tanh"]


@pytest.mark.parametrize("where", ["before", "after"])
def test_batch_normalization_is_folded(tmp_path, random, where):
    size = 6 if where == "before" else 4
    names = ["gamma", "beta", "mean", "variance"]
    constants = {"W": f32(random.standard_normal((6, 4))), "b": f32(random.standard_normal(4))}
    constants |= {name: f32(random.uniform(0.5, 2, size)) for name in names}
    if where == "before":
        nodes = [node("BatchNormalization", ["x", *names], ["n"]), node("Gemm", ["n", "W", "b"], ["y"])]
    else:
        nodes = [node("Gemm", ["x", "W", "b"], ["h"]), node("BatchNormalization", ["h", *names], ["y"], epsilon=1e-3)]
    package = agree(save(tmp_path / "m.onnx", nodes, constants), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["dense"]


def test_scaler_written_out(tmp_path, random):
    """(x - mean) / width, then 1 - 2 (x W + b) / c: what a pipeline of scikit-learn or PyTorch leaves in a file."""
    constants = {"mean": f32(random.standard_normal(6)), "width": f32(random.uniform(1, 2, (1, 6))), "W": f32(random.standard_normal((6, 4)))}
    constants |= {"b": f32(random.standard_normal(4)), "c": f32(random.uniform(1, 2, 4)), "two": f32(2), "one": f32([1])}
    nodes = [
        node("Sub", ["x", "mean"], ["a"]),
        node("Div", ["a", "width"], ["s"]),
        node("MatMul", ["s", "W"], ["h"]),
        node("Add", ["h", "b"], ["i"]),
        node("Mul", ["two", "i"], ["j"]),
        node("Div", ["j", "c"], ["k"]),
        node("Sub", ["one", "k"], ["y"]),
    ]
    package = agree(save(tmp_path / "m.onnx", nodes, constants), tmp_path, random)
    assert [(n.kind, n.origin) for n in package.graph.nodes] == [("dense", "Sub + Div + MatMul + Add + Mul + Div + Sub")]


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("opset", [11, 13])
def test_softmax_axis(tmp_path, random, axis, opset):
    agree(save(tmp_path / "m.onnx", [node("Softmax", ["x"], ["y"], axis=axis)], opset=opset), tmp_path, random)


@pytest.mark.parametrize("where", ["before", "between", "after", "weights"])
def test_identity(tmp_path, random, where):
    constants = {"W": f32(random.standard_normal((6, 4)))}
    chains = {
        "before": [node("Identity", ["x"], ["i"]), node("MatMul", ["i", "W"], ["h"]), node("Tanh", ["h"], ["y"])],
        "between": [node("MatMul", ["x", "W"], ["h"]), node("Identity", ["h"], ["i"]), node("Tanh", ["i"], ["y"])],
        "after": [node("MatMul", ["x", "W"], ["h"]), node("Tanh", ["h"], ["i"]), node("Identity", ["i"], ["y"])],
        "weights": [node("Identity", ["W"], ["V"]), node("MatMul", ["x", "V"], ["h"]), node("Tanh", ["h"], ["y"])],
    }
    package = agree(save(tmp_path / "m.onnx", chains[where], constants), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["dense", "tanh"]


@pytest.mark.parametrize("form", ["value", "value_floats", "float_data"])
def test_constant_nodes(tmp_path, random, form):
    weights, bias = f32(random.standard_normal((6, 4))), f32(random.standard_normal(4))
    tensor = helper.make_tensor("t", 1, [4], bias.tolist()) if form == "float_data" else numpy_helper.from_array(bias)
    constant = {"value_floats": bias.tolist()} if form == "value_floats" else {"value": tensor}
    nodes = [
        node("Constant", [], ["W"], value=numpy_helper.from_array(weights)),
        node("Constant", [], ["b"], **constant),
        node("Gemm", ["x", "W", "b"], ["y"]),
    ]
    agree(save(tmp_path / "m.onnx", nodes), tmp_path, random)


@pytest.mark.parametrize(("shape", "fixed"), [(DYNAMIC, None), ([1, 6], 1), ([16, 6], 16), ([None, 6], None), ([6], 0)])
def test_batch_axis(tmp_path, random, shape, fixed):
    constants = {"W": f32(random.standard_normal((6, 4))), "b": f32(random.standard_normal(4))}
    nodes = [node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "b"], ["g"]), node("Softmax", ["g"], ["y"], axis=-1)]
    agree(save(tmp_path / "m.onnx", nodes, constants, input_shape=shape), tmp_path, random, fixed)


@pytest.mark.parametrize("shape", [["batch", "features"], ["batch", None]])
def test_features_from_the_weights(tmp_path, random, shape):
    package = agree(mlp(tmp_path / "m.onnx", random, input_shape=shape), tmp_path, random)
    assert package.graph.inputs[0].shape == (6,)


def test_initializers_listed_as_inputs(tmp_path, random):
    """Files before IR version 4 list every initializer among the inputs."""
    import onnx

    path = mlp(tmp_path / "m.onnx", random)
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, 1, list(tensor.dims)))
    model.ir_version = 3
    onnx.save(model, path)
    agree(path, tmp_path, random)


def test_nodes_that_lead_nowhere_are_ignored(tmp_path, random):
    nodes = [node("Erf", ["x"], ["dead"]), node("Tanh", ["x"], ["y"])]
    package = agree(save(tmp_path / "m.onnx", nodes), tmp_path, random)
    assert [n.kind for n in package.graph.nodes] == ["tanh"]


@pytest.mark.parametrize(("folder", "name"), [("fastml", "three_layer_keras"), ("acts", "duplicateClassifier")])
def test_reference_model(tmp_path, models, folder, name):
    import json

    vectors = json.loads((models / folder / f"{name}.vectors.json").read_text())
    package = kaon.convert(models / folder / vectors["model"], tmp_path / "out")
    rows = np.load(models / folder / vectors["inputs"][0]["file"])
    expected = np.load(models / folder / vectors["outputs"][0]["file"])
    got = evaluate(package.graph, {vectors["inputs"][0]["name"]: rows})[vectors["outputs"][0]["name"]]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
