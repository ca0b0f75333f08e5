"""The networks of the dense bench and the files that each engine reads: ONNX, raw weights, events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kaon.native.bench_program import EVENTS

SEED = 20


@dataclass(frozen=True)
class Network:
    """ReLU after every layer but the last; random weights, the same in every run."""

    name: str
    widths: tuple[int, ...]
    last: str
    """sigmoid or softmax"""

    @property
    def shapes(self) -> list[tuple[int, int]]:
        return list(zip(self.widths, self.widths[1:]))

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))} {self.last}"


NETWORKS = (
    Network("jets", (16, 64, 32, 32, 5), "softmax"),
    Network("small", (12, 16, 1), "sigmoid"),
    Network("flavour", (57, 32, 16, 13), "softmax"),
    Network("wide", (28, 300, 300, 300, 300, 1), "sigmoid"),
)


def write(network: Network, directory: Path) -> Path:
    """Writes NAME.onnx, dynamic_batch.onnx (any number of rows), weights.f32 and events.f32; returns the ONNX file."""
    directory.mkdir(parents=True, exist_ok=True)
    numbers = np.random.default_rng(SEED)
    layers = [
        ((numbers.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)).astype(np.float32),
         (0.1 * numbers.standard_normal(outputs)).astype(np.float32))
        for inputs, outputs in network.shapes]
    np.concatenate([part.ravel() for layer in layers for part in layer]).tofile(directory / "weights.f32")
    numbers.standard_normal((EVENTS, network.widths[0]), dtype=np.float32).tofile(directory / "events.f32")
    target = directory / f"{network.name}.onnx"
    onnx.save(model(network, layers), target)
    return target


def model(network: Network, layers: list[tuple[np.ndarray, np.ndarray]]) -> onnx.ModelProto:
    nodes, constants, value = [], [], "features"
    for index, (weights, bias) in enumerate(layers):
        constants += [numpy_helper.from_array(weights, f"weights_{index}"), numpy_helper.from_array(bias, f"bias_{index}")]
        nodes.append(helper.make_node("Gemm", [value, f"weights_{index}", f"bias_{index}"], [f"sums_{index}"]))
        last = index + 1 == len(layers)
        value = "scores" if last else f"values_{index}"
        kind = network.last.capitalize() if last else "Relu"
        nodes.append(helper.make_node(kind, [f"sums_{index}"], [value], **({"axis": -1} if kind == "Softmax" else {})))
    graph = helper.make_graph(
        nodes, network.name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", network.widths[0]])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", network.widths[-1]])], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made
