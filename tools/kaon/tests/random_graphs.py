"""Random ONNX graphs of everything that convert reads, from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ACTIVATIONS = (
    *("Relu", "Sigmoid", "Tanh", "Elu", "Selu", "LeakyRelu", "HardSigmoid", "HardSwish", "Softplus", "Softsign"),
    *("Softmax", "PRelu", "Clip", "Silu"),
)


class GraphWriter:
    """Draws nodes on values that it has; `sizes` holds every value's number of features."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.inputs = {f"x{i}": int(self.random.integers(1, 20)) for i in range(self.random.integers(1, 4))}
        self.sizes = dict(self.inputs)

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = array if array.dtype == np.int64 else array.astype(np.float32)
        return name

    def normal(self, *shape: int) -> str:
        return self.constant(self.random.standard_normal(shape) / np.sqrt(shape[0] if len(shape) > 1 else 1))

    def add(self, operator: str, inputs: list[str], size: int, **attributes) -> str:
        value = f"v{len(self.sizes)}"
        self.nodes.append(helper.make_node(operator, inputs, [value], name=f"{operator}_{len(self.nodes)}", **attributes))
        self.sizes[value] = size
        return value

    def pick(self, size: int | None = None) -> str:
        """A value, recent ones more often; of one size where that is asked for."""
        names = [n for n, s in self.sizes.items() if size in (None, s)]
        weights = np.arange(1, len(names) + 1) ** 2.0
        return str(self.random.choice(names, p=weights / weights.sum()))

    def step(self) -> None:
        value = self.pick()
        size = self.sizes[value]
        kind = self.random.choice(["dense", "dense", "matmul", "activation", "activation", "merge", "concat", "split", "scale", "norm"])
        if kind in ("dense", "matmul"):
            out = int(self.random.integers(1, 40))
            if kind == "dense":
                self.add("Gemm", [value, self.normal(size, out), self.normal(out)], out)
            else:
                value = self.add("MatMul", [value, self.normal(size, out)], out)
                self.add("Add", [value, self.normal(out)], out)
        elif kind == "activation":
            self.activation(value, size)
        elif kind == "merge":
            operator = str(self.random.choice(["Add", "Mul", "Sub", "Sum"]))
            self.add(operator, [value, self.pick(size)], size)
        elif kind == "concat":
            others = [value, *(self.pick() for _ in range(self.random.integers(1, 3)))]
            total = sum(self.sizes[o] for o in others)
            if total <= 60:
                self.add("Concat", others, total, axis=-1)
        elif kind == "split" and size > 1:
            first = int(self.random.integers(1, size))
            parts = [f"v{len(self.sizes)}", f"v{len(self.sizes) + 1}"]
            self.nodes.append(helper.make_node("Split", [value, self.constant(np.array([first, size - first]))], parts, axis=1))
            self.sizes |= dict(zip(parts, (first, size - first)))
        elif kind == "scale":
            operator = str(self.random.choice(["Add", "Mul", "Sub"]))
            self.add(operator, [value, self.normal(size)], size)
        elif kind == "norm":
            if self.random.random() < 0.5:
                self.add("LayerNormalization", [value, self.normal(size), self.normal(size)], size, axis=-1, epsilon=0.1)
            else:
                spread = self.constant(self.random.uniform(0.5, 2, size))
                self.add("BatchNormalization", [value, *(self.normal(size) for _ in range(3)), spread], size)

    def activation(self, value: str, size: int) -> None:
        operator = str(self.random.choice(ACTIVATIONS))
        if operator == "Silu":
            self.add("Mul", [value, self.add("Sigmoid", [value], size)], size)
        elif operator == "PRelu":
            self.add(operator, [value, self.normal(size)], size)
        elif operator == "Clip":
            self.add(operator, [value, self.constant(np.array(-0.5)), self.constant(np.array(1.5))], size)
        else:
            self.add(operator, [value], size)


def write(path: Path, seed: int) -> tuple[dict[str, int], list[str]]:
    """Writes a model; returns its inputs with their sizes, and the names of its outputs."""
    graph = GraphWriter(seed)
    for _ in range(graph.random.integers(2, 14)):
        graph.step()
    while not graph.nodes:
        graph.step()
    read = {name for node in graph.nodes for name in node.input}
    outputs = [name for node in graph.nodes for name in node.output if name not in read]
    inner = [name for node in graph.nodes for name in node.output if name in read]
    if inner and graph.random.random() < 0.3:
        outputs.append(str(graph.random.choice(inner)))
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", s]) for n, s in graph.inputs.items()]
    results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", graph.sizes[n]]) for n in outputs]
    constants = [numpy_helper.from_array(array, name) for name, array in graph.constants.items()]
    model = helper.make_graph(graph.nodes, f"seed_{seed}", values, results, constants)
    path.write_bytes(helper.make_model(model, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString())
    return graph.inputs, outputs
