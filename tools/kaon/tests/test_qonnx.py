"""QONNX's Quant as fixed-point types: every mode against its reference executor, and what no type can be is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import kaon
from kaon import importers, passes
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.golden import input_values, inputs, raw_inputs, values_of
from kaon.graph import Graph
from kaon.importers.onnx_quant import DOMAINS, ROUNDING


class Model:
    """Nodes and constants of a model from x [rows][features] to y."""

    def __init__(self, opset: int = 13) -> None:
        self.opset = opset
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, value: np.ndarray | float) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value, np.float32)
        return name

    def add(self, operator: str, *read: str, output: str | None = None, **attributes) -> str:
        output = output or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(read), [output], name=f"{operator}_{len(self.nodes)}", **attributes))
        return output

    def quant(self, value: str, bits: float, scale: np.ndarray | float = 1.0, zero: float = 0.0, output: str | None = None, **attributes) -> str:
        attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND", "domain": DOMAINS[0]} | attributes
        return self.add("Quant", value, self.constant(scale), self.constant(zero), self.constant(bits), output=output, **attributes)

    def save(self, path: Path, features: int = 4) -> Path:
        port = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", features])
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        initializers = [numpy_helper.from_array(a, n) for n, a in self.constants.items()]
        graph = helper.make_graph(self.nodes, "g", [port], [result], initializers)
        domains = [helper.make_opsetid("", self.opset), helper.make_opsetid(DOMAINS[0], 1)]
        path.write_bytes(helper.make_model(graph, opset_imports=domains, ir_version=8).SerializeToString())
        return path


def read(path: Path) -> Graph:
    graph = importers.read(path).graph
    passes.run(graph)
    return graph


def executed(path: Path, x: np.ndarray) -> np.ndarray:
    """Returns what the reference executor gives."""
    pytest.importorskip("qonnx", reason="qonnx is not installed")
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    model = ModelWrapper(str(path))
    model.set_tensor_shape("x", list(x.shape))
    return execute_onnx(model.transform(InferShapes()), {"x": x.astype(np.float32)})["y"]


def mlp(random: np.random.Generator, rounding: str, narrow: int = 0) -> Model:
    """4-5-3 with everything quantised: weights a scale a column, a bias, an unsigned activation, the result."""
    model = Model()
    x = model.quant("x", 7, 0.25, rounding_mode=rounding)
    columns = 2.0 ** random.integers(-3, 0, (1, 5))
    w = model.quant(model.constant(random.standard_normal((4, 5))), 4, columns, rounding_mode=rounding, narrow=narrow)
    b = model.quant(model.constant(random.standard_normal(5)), 6, 0.125, rounding_mode=rounding)
    h = model.add("Relu", model.add("Add", model.add("MatMul", x, w), b))
    h = model.quant(h, 5, 0.25, signed=0, rounding_mode=rounding)
    w = model.quant(model.constant(random.standard_normal((5, 3))), 5, 0.0625, rounding_mode=rounding, narrow=narrow)
    model.quant(model.add("MatMul", h, w), 6, 0.125, rounding_mode=rounding, narrow=narrow, output="y")
    return model


@pytest.mark.parametrize("rounding", ROUNDING)
def test_networks_of_every_mode(tmp_path, random, rounding):
    """All values are exact in the executor's float32: they have to be equal."""
    for narrow in (0, 1):
        path = mlp(random, rounding, narrow).save(tmp_path / "m.onnx")
        graph = read(path)
        events = np.concatenate([inputs(graph, 300, 5)["x"], random.standard_normal((300, 4)) * 8, random.integers(-99, 99, (300, 4)) / 8])
        raw = raw_inputs(graph, {"x": events})
        ours = values_of(graph, evaluate_fixed(graph, raw))["y"]
        np.testing.assert_array_equal(ours, executed(path, events))
        np.testing.assert_array_equal(ours, executed(path, input_values(graph, raw)["x"]))


def test_types_are_those_of_the_file(tmp_path, random):
    graph = read(mlp(random, "FLOOR").save(tmp_path / "m.onnx"))
    assert [node.kind for node in graph.nodes] == ["dense", "relu", "dense"]
    first, relu, last = graph.nodes
    assert graph.inputs[0].scalar == "fixed<7,5,truncate,saturate>"
    assert str(relu.types["result"]) == "ufixed<5,3,truncate,saturate>"
    assert str(last.types["weights"]) == "fixed<5,1>" and str(last.types["result"]) == graph.outputs[0].scalar == "fixed<6,3,truncate,saturate>"
    assert first.types["weights"].fraction <= 3 and str(first.types["bias"]) == "fixed<6,3>" and "result" not in first.types


def test_gemm_and_branches(tmp_path, random):
    """A quantised Gemm with transposed weights; a value that two layers read, one of them through another Quant; a residual sum."""
    model = Model()
    x = model.quant("x", 6, 0.5)
    w = model.quant(model.constant(random.standard_normal((4, 4))), 5, 0.125)
    b = model.quant(model.constant(random.standard_normal(4)), 8, 0.0625)
    h = model.add("Gemm", x, w, b, transB=1)
    narrow = model.quant(h, 4, 1.0, rounding_mode="CEIL")
    joined = model.add("Concat", model.add("Add", x, narrow), model.add("Relu", h), axis=-1)
    model.quant(joined, 10, 0.25, rounding_mode="HALF_UP", output="y")
    path = model.save(tmp_path / "m.onnx")
    graph = read(path)
    events = random.standard_normal((200, 4)) * 6
    ours = values_of(graph, evaluate_fixed(graph, raw_inputs(graph, {"x": events})))["y"]
    np.testing.assert_array_equal(ours, executed(path, events))


@pytest.mark.parametrize(("operator", "attributes"), [("Elu", {"alpha": 1.3}), ("Selu", {}), ("HardSigmoid", {"alpha": 0.3}), ("HardSwish", {})])
def test_units(tmp_path, random, operator, attributes):
    """A Quant behind becomes the unit's result; what it gives is within a step of the function's value."""
    model = Model(opset=14)
    model.quant(model.add(operator, model.quant("x", 10, 0.0625), **attributes), 10, 0.03125, output="y")
    path = model.save(tmp_path / "m.onnx")
    graph = read(path)
    assert [str(node.types["result"]) for node in graph.nodes] == ["fixed<10,5,round_conv,saturate>"]
    events = random.standard_normal((500, 4)) * 4
    raw = raw_inputs(graph, {"x": events})
    ours = values_of(graph, evaluate_fixed(graph, raw))["y"]
    exact = evaluate(graph, {"x": graph.inputs[0].type.to_values(raw["x"])})["y"]
    assert len(np.unique(ours)) > 30 and np.abs(ours - np.clip(exact, -16, 511 / 32)).max() < 0.02


def refusal(tmp_path: Path, model: Model) -> str:
    with pytest.raises(kaon.Refused) as raised:
        read(model.save(tmp_path / "m.onnx"))
    return str(raised.value)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"scale": 0.3}, "Quant): its scale 0.300000012 is no power of two"),
        ({"scale": -1.0}, "its scale -1 is no power of two"),
        ({"scale": np.array([[1.0, 2.0, 1.0, 1.0]])}, "it has 4 scales for values, a tensor has one type"),
        ({"zero": 3.0}, "its zero point is not the constant 0"),
        ({"bits": 2.5}, "a signed type of 2.5 bits"),
        ({"bits": 1.0}, "a signed type of 1 bits"),
        ({"bits": 65.0}, "a signed type of 65 bits"),
        ({"signed": 0, "narrow": 1}, "a narrow range of unsigned numbers"),
        ({"rounding_mode": "STOCHASTIC"}, "no rounding mode 'STOCHASTIC'"),
    ],
)
def test_what_no_type_can_be(tmp_path, changes, cause):
    model = Model()
    model.quant("x", **{"bits": 8.0, "output": "y"} | changes)
    assert cause in refusal(tmp_path, model)


@pytest.mark.parametrize(("operator", "cause"), [("BipolarQuant", "its values are -1 and 1"), ("Trunc", "it drops bits"), ("MultiThreshold", "is not supported")])
def test_other_quantisers(tmp_path, operator, cause):
    model = Model()
    model.add(operator, model.quant("x", 8), model.constant(1.0), output="y", domain=DOMAINS[0])
    message = refusal(tmp_path, model)
    assert f"({operator})" in message and cause in message


def test_what_is_not_quantised(tmp_path, random):
    """An input that is also read as it is; an activation that has no fixed-point layer; weights that fit no type."""
    model = Model()
    model.add("Add", model.quant("x", 8), "x", output="y")
    assert "input 'x': it has no fixed-point type" in refusal(tmp_path, model)
    model = Model(opset=20)
    model.add("Gelu", model.quant("x", 8), output="y")
    assert "no layer of kind 'gelu' in fixed point" in refusal(tmp_path, model)
    model = Model()
    weights = np.where(np.arange(12) == 0, 1e30, 1e-30).reshape(4, 3)
    model.add("MatMul", model.quant("x", 8), model.constant(weights), output="y")
    assert "weights: its numbers need" in refusal(tmp_path, model)

def test_scale_beside_quantised_weights(tmp_path, random):
    """It is not folded into them, which would change what was quantised: a layer of its own, exact."""
    model = Model()
    product = model.add("MatMul", model.quant("x", 8, 0.5), model.quant(model.constant(random.standard_normal((4, 2))), 8, 0.25))
    model.quant(model.add("Relu", model.add("Mul", product, model.constant(3.0))), 9, 0.125, output="y")
    path = model.save(tmp_path / "m.onnx")
    graph = read(path)
    assert [node.kind for node in graph.nodes] == ["dense", "scaler", "relu"]
    events = random.standard_normal((100, 4)) * 20
    ours = values_of(graph, evaluate_fixed(graph, raw_inputs(graph, {"x": events})))["y"]
    np.testing.assert_array_equal(ours, executed(path, events))


def test_quant_alone_is_a_conversion(tmp_path):
    """A model that only quantises its input: one layer, which keeps the values."""
    model = Model()
    model.quant("x", 5, 0.5, rounding_mode="HALF_DOWN", output="y")
    graph = read(model.save(tmp_path / "m.onnx"))
    assert [node.kind for node in graph.nodes] == ["identity"]
    x = np.array([[0.25, -0.25, 0.75, 99.0]])
    assert values_of(graph, evaluate_fixed(graph, raw_inputs(graph, {"x": x})))["y"].tolist() == [[0.0, 0.0, 0.5, 7.5]]
