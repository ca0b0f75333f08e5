"""The reference: a graph evaluated in float64 with numpy, independent of the C++ library."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from kaon.forest import forest
from kaon.graph import SIZES, Graph, Node

Rows = NDArray[np.floating]


def evaluate(graph: Graph, inputs: Mapping[str, np.ndarray], scalar: type = np.float64) -> dict[str, Rows]:
    """Evaluates a graph of layers on rows of events.

    inputs: for each input of the graph an array [rows][...]; returns for each output an array [rows][...].
    Weights are the graph's numbers; every operation is done in float64. scalar: another type to compute in; what float32 gives
    shows how much rounding alone changes the result. Of a graph in fixed point this is the same network with the same weights
    and nothing rounded: evaluate_fixed.py computes its bits.
    """
    values: dict[str, Rows] = {
        p.name: np.asarray(inputs[p.name], dtype=p.dtype if p.is_integer else scalar) for p in graph.inputs
    }
    for node in graph.nodes:
        read = [values[value] for value in node.inputs]
        if node.kind == "embedding":
            values[node.output] = embedding(node, read[0]).astype(scalar)
        else:
            values[node.output] = MERGES[node.kind](read) if node.kind in MERGES else OPERATIONS[node.kind](node, read[0])
    return {p.name: values[p.name] for p in graph.outputs}


def dense(node: Node, x: Rows) -> Rows:
    return x @ node.values("weights").astype(x.dtype) + node.values("bias").astype(x.dtype)


def embedding(node: Node, x: np.ndarray) -> Rows:
    """Rows of a table; zeros for integers that are none of its rows."""
    table = node.values("weights")
    known = (x >= 0) & (x < len(table))
    return np.where(known[..., None], table[np.where(known, x, 0)], 0)


def reshape(node: Node, x: Rows) -> Rows:
    return x.reshape(len(x), *node.shape)


def scaler(node: Node, x: Rows) -> Rows:
    return x * node.values("scale").astype(x.dtype) + node.values("offset").astype(x.dtype)


def prelu(node: Node, x: Rows) -> Rows:
    return np.where(x > 0, x, node.values("slope").astype(x.dtype) * x)


def layer_norm(node: Node, x: Rows) -> Rows:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    return scaler(node, centred / np.sqrt(variance + node.numbers["epsilon"]))


def part(node: Node, x: Rows) -> Rows:
    first, count = (int(node.numbers[key]) for key in SIZES["slice"])
    return x[:, first : first + count]


def relu(_: Node, x: Rows) -> Rows:
    return np.maximum(x, 0.0)


def sigmoid(_: Node, x: Rows) -> Rows:
    e = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def tanh(_: Node, x: Rows) -> Rows:
    return np.tanh(x)


def selu(_: Node, x: Rows) -> Rows:
    return 1.0507009873554805 * exponential_unit(1.6732632423543772, x)


def elu(node: Node, x: Rows) -> Rows:
    return exponential_unit(node.numbers["alpha"], x)


def exponential_unit(alpha: float, x: Rows) -> Rows:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def gelu(_: Node, x: Rows) -> Rows:
    return 0.5 * x * (1.0 + np.vectorize(math.erf, otypes=[x.dtype])(x * math.sqrt(0.5)))


def gelu_tanh(_: Node, x: Rows) -> Rows:
    return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def silu(node: Node, x: Rows) -> Rows:
    return x * sigmoid(node, x)


def exponential(_: Node, x: Rows) -> Rows:
    with np.errstate(over="ignore"):
        return np.exp(x)


def softplus(_: Node, x: Rows) -> Rows:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softsign(_: Node, x: Rows) -> Rows:
    return x / (1 + np.abs(x))


def leaky_relu(node: Node, x: Rows) -> Rows:
    return np.where(x > 0, x, node.numbers["slope"] * x)


def clip(node: Node, x: Rows) -> Rows:
    return np.clip(x, node.numbers["lowest"], node.numbers["highest"])


def hard_sigmoid(node: Node, x: Rows) -> Rows:
    return np.clip(node.numbers["slope"] * x + node.numbers["offset"], 0, 1)


def hard_silu(node: Node, x: Rows) -> Rows:
    return x * hard_sigmoid(node, x)


def softmax(_: Node, x: Rows) -> Rows:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


MERGES: dict[str, Callable[[list[Rows]], Rows]] = {
    "add": lambda values: reduce(np.add, values),
    "concat": lambda values: np.concatenate(values, axis=-1),
    "multiply": lambda values: reduce(np.multiply, values),
}

OPERATIONS: dict[str, Callable[[Node, Rows], Rows]] = {
    "clip": clip,
    "dense": dense,
    "elu": elu,
    "exponential": exponential,
    "forest": forest,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "identity": lambda _, x: x,
    "layer_norm": layer_norm,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "relu": relu,
    "reshape": reshape,
    "scaler": scaler,
    "selu": selu,
    "sigmoid": sigmoid,
    "silu": silu,
    "slice": part,
    "softmax": softmax,
    "softplus": softplus,
    "softsign": softsign,
    "tanh": tanh,
}
