"""One network in every operator set from the oldest that is read to the newest, as exporters write it there.

Against ONNX Runtime in the operator sets that it has, from operator set 14 on against onnx's own evaluator too: before that its
batch normalisation is not that of ONNX Runtime.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import kaon
from kaon.evaluate import evaluate
from kaon.importers.onnx import NEWEST, OLDEST
from onnx_models import f32, mlp

node = helper.make_node
MET_BY_ONNX_RUNTIME = 24
"""At least: the pinned version's newest."""


class Writer:
    """Writes nodes in the form that operators have in one operator set: numbers as attributes, later as inputs."""

    def __init__(self, opset: int, generator: np.random.Generator) -> None:
        self.opset = opset
        self.generator = generator
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.value = "x"

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def normal(self, *shape: int) -> str:
        return self.constant(f32(self.generator.standard_normal(shape)))

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes) -> list[str]:
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(node(operator, [self.value, *inputs], names, **attributes))
        self.value = names[0]
        return names

    def numbers(self, operator: str, key: str, sizes: list[int], since: int, **options) -> list[str]:
        """Sizes or axes: an attribute before operator set `since`, an input from then on."""
        if self.opset < since:
            return self.add(operator, **{key: sizes}, **options)
        return self.add(operator, self.constant(np.array(sizes, np.int64)), **options)

    def network(self) -> None:
        self.add("Gemm", self.normal(6, 8), self.normal(8))
        spread = self.constant(f32(self.generator.uniform(0.5, 2, 8)))
        self.add("BatchNormalization", self.normal(8), self.normal(8), self.normal(8), spread)
        self.add("PRelu", self.normal(8))
        self.numbers("Unsqueeze", "axes", [1], 13)
        self.numbers("Squeeze", "axes", [1], 13)
        self.add("Reshape", self.constant(np.array([0, 2, 4])))
        self.add("Flatten", axis=1)
        self.clip(-2.0, 2.0)
        self.dropout()
        first, second = self.numbers("Split", "split", [5, 3], 13, axis=1, outputs=2)
        self.value = second
        self.add("Concat", first, axis=1)
        self.take(1, 7)
        if self.opset >= 17:
            self.add("LayerNormalization", self.normal(6), self.normal(6), axis=-1)
        if self.opset >= 14:
            self.add("HardSwish")
        if self.opset >= 20:
            self.add("Gelu")
        self.add("MatMul", self.normal(6, 4))
        self.add("Add", self.normal(4))
        self.add("Identity")
        self.add("Softmax", axis=1)

    def clip(self, lowest: float, highest: float) -> None:
        if self.opset < 11:
            self.add("Clip", min=lowest, max=highest)
        else:
            self.add("Clip", self.constant(f32(lowest)), self.constant(f32(highest)))

    def dropout(self) -> None:
        if self.opset < 12:
            self.add("Dropout", ratio=0.4)
        else:
            self.add("Dropout", self.constant(f32(0.4)))

    def take(self, first: int, last: int) -> None:
        if self.opset < 10:
            self.add("Slice", starts=[first], ends=[last], axes=[1])
        else:
            self.add("Slice", *(self.constant(np.array([n], np.int64)) for n in (first, last, 1)))

    def model(self) -> onnx.ModelProto:
        values = [helper.make_tensor_value_info(*port) for port in (("x", 1, ["batch", 6]), (self.value, 1, ["batch", 4]))]
        graph = helper.make_graph(self.nodes, "g", values[:1], values[1:], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


@pytest.mark.parametrize("opset", range(OLDEST, NEWEST + 1))
def test_agrees(tmp_path, random, opset):
    writer = Writer(opset, random)
    writer.network()
    model = writer.model()
    onnx.checker.check_model(model)  # else it would not be what that operator set has
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    package = kaon.convert(tmp_path / "m.onnx", tmp_path / "out", name="m")
    rows = f32(random.standard_normal((32, 6)))
    wanted = references(model, rows)
    assert wanted
    for want in wanted:
        np.testing.assert_allclose(evaluate(package.graph, {"x": rows})[writer.value], want, rtol=1e-4, atol=1e-5)
        assert np.ptp(want) > 0.1


def references(model: onnx.ModelProto, rows: np.ndarray) -> list[np.ndarray]:
    """Returns what others give for rows."""
    opset = model.opset_import[0].version
    wanted = [ReferenceEvaluator(model).run(None, {"x": rows})[0]] if opset >= 14 else []
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail:  # an operator set that it does not have yet
        assert opset > MET_BY_ONNX_RUNTIME
        return wanted
    return [*wanted, session.run(None, {"x": rows})[0]]


@pytest.mark.parametrize("opset", [1, OLDEST - 1, NEWEST + 1])
def test_others_are_refused(tmp_path, random, opset, kaon_command):
    """Add of operator set 6 spreads its operand by other rules; what a later one means is not known yet."""
    line = kaon_command("convert", mlp(tmp_path / "m.onnx", random, opset=opset), "-o", tmp_path / "out").refusal()
    assert f"operator set {opset}" in line and f"{OLDEST} to {NEWEST}" in line
    assert not (tmp_path / "out").exists()
