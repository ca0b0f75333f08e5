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


def test_reference_model(tmp_path, models):
    import json

    folder = models / "fastml"
    vectors = json.loads((folder / "three_layer_keras.vectors.json").read_text())
    package = kaon.convert(folder / vectors["model"], tmp_path / "out")
    rows = np.load(folder / vectors["inputs"][0]["file"])
    expected = np.load(folder / vectors["outputs"][0]["file"])
    got = evaluate(package.graph, {vectors["inputs"][0]["name"]: rows})[vectors["outputs"][0]["name"]]
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
