"""The reference: a graph evaluated in float64 with numpy, independent of the C++ library."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from kaon.graph import Graph, Node

Rows = NDArray[np.floating]


def evaluate(graph: Graph, inputs: Mapping[str, np.ndarray], scalar: type = np.float64) -> dict[str, Rows]:
    """Evaluates a graph of layers on rows of events.

    inputs: for each input of the graph an array [rows][features]; returns for each output an array [rows][...].
    Weights are the graph's float32 numbers; every operation is done in float64. scalar: another type to compute in;
    what float32 gives shows how much rounding alone changes the result.
    """
    values: dict[str, Rows] = {p.name: np.asarray(inputs[p.name], dtype=scalar) for p in graph.inputs}
    for node in graph.nodes:
        values[node.output] = OPERATIONS[node.kind](node, values[node.inputs[0]])
    return {p.name: values[p.name] for p in graph.outputs}


def dense(node: Node, x: Rows) -> Rows:
    return x @ node.tensors["weights"].astype(x.dtype) + node.tensors["bias"].astype(x.dtype)


def relu(_: Node, x: Rows) -> Rows:
    return np.maximum(x, 0.0)


def sigmoid(_: Node, x: Rows) -> Rows:
    e = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def tanh(_: Node, x: Rows) -> Rows:
    return np.tanh(x)


def softmax(_: Node, x: Rows) -> Rows:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


OPERATIONS: dict[str, Callable[[Node, Rows], Rows]] = {
    "dense": dense,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax,
}
