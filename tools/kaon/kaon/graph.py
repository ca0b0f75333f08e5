"""The one internal graph that every importer fills and every writer reads.

A graph is a list of nodes in the order in which they are evaluated. Nodes exchange *values* by name; a value is one
event's array, without the batch axis. The kinds of node are listed in KINDS. Some of them (matmul, bias, identity)
exist only between an importer and the end of passes.py; those in LAYERS have a layer in the C++ library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kaon.error import Refused
from kaon.fixed import Fixed, parse
from kaon.tables import Table
from kaon.tiles import Tile

FloatArray = NDArray[np.float32]

NUMBERS = {
    "clip": ("lowest", "highest"),
    "elu": ("alpha",),
    "hard_sigmoid": ("slope", "offset"),
    "hard_silu": ("slope", "offset"),
    "layer_norm": ("epsilon",),
    "leaky_relu": ("slope",),
}
"""The numbers that are a part of a layer's type, in the order of its template arguments. Infinite bounds of clip are allowed."""

SIZES = {"slice": ("first", "count"), "forest": ("depth", "or_equal")}
"""Likewise, whole numbers: slice gives `count` features from number `first` on; a forest has `depth` levels of splits, by <= where or_equal is 1."""

INTEGERS = ("roots", "features", "right", "missing_left", "test_features", "test_sets", "sets")
"""Tensors of whole numbers, int32: a forest's, see forest.py."""

ACTIVATIONS = (
    *("relu", "sigmoid", "tanh", "selu", "gelu", "gelu_tanh", "silu", "softplus", "softsign", "exponential"),
    *("clip", "elu", "hard_sigmoid", "hard_silu", "leaky_relu"),
)

POINTWISE = (*ACTIVATIONS, "identity", "add", "multiply")
"""Of values of any shape. The other layers read vectors; reshape reads any shape, embedding a vector of integers."""

PASSING_INTEGERS = ("identity", "reshape", "slice", "concat")

SCALARS = ("float", "double", "int32", "int64")
"""Of an input, beside fixed-point types; outputs are floats, doubles or fixed-point numbers."""

TYPES = ("weights", "bias", "accumulator", "inv_input", "norm_input", "result")
"""What of a layer may have a fixed-point type of its own; inv_input and norm_input are softmax's."""

TABLES = ("table", "exp_table", "inv_table")
"""Functions of a layer that are tables in fixed point."""

SOFTMAX_VARIANTS = ("stable", "latency", "legacy", "argmax")
"""How softmax is computed in fixed point."""

MERGES = ("add", "concat", "multiply")
"""Read several values: of one size, or for concat of any."""

LAYERS = (
    *("dense", "embedding", "forest", "softmax", "identity", "layer_norm", "prelu", "reshape", "scaler", "slice"),
    *(*MERGES, *ACTIVATIONS),
)
"""What the C++ library has: dense computes x W + b with W [in][out], scaler x scale + offset, prelu with slope [n]; layer_norm
has scale and offset, embedding weights [rows][width], forest what forest.py says; the others have no tensors. reshape keeps the values in C order."""

KINDS = (*LAYERS, "matmul", "bias", "scale")
"""matmul: x W; bias: x + b with b [out] or [1]; scale: x s + t with s and t [out] or [1]."""


@dataclass
class Port:
    """An input or output of the model. shape: of one event; None in it where the source does not say."""

    name: str
    shape: tuple[int | None, ...]
    labels: list[str] | None = None
    """Names of the features (input) or classes (output), where the source has them."""
    scalar: str = "float"
    """One of SCALARS, or a fixed-point type as text."""

    @property
    def size(self) -> int:
        """Numbers of one event."""
        return math.prod(extent or 0 for extent in self.shape)

    @property
    def type(self) -> Fixed | None:
        """Its fixed-point type, if it has one."""
        return parse(f"{self.name!r}", self.scalar) if "<" in self.scalar else None

    @property
    def is_integer(self) -> bool:
        """Whether it takes plain integers, such as categories."""
        return self.scalar.startswith("int")

    @property
    def dtype(self) -> np.dtype:
        """Of its values; those of fixed-point numbers are exact in float64 up to 53 bits."""
        return np.dtype("float64" if self.type else {"float": "float32", "double": "float64"}.get(self.scalar, self.scalar))


@dataclass
class Node:
    """One operation."""

    kind: str
    inputs: list[str]
    """Names of the values it reads."""
    output: str
    """Name of the value it writes."""
    name: str = ""
    """Its name in the source; passes.name_layers makes it unique and never empty."""
    tensors: dict[str, FloatArray] = field(default_factory=dict)
    """weights [in][out], bias [out]; float32, in double precision float64, or where the graph is in fixed point (see precision.py) raw integers, int64."""
    numbers: dict[str, float] = field(default_factory=dict)
    """Those of NUMBERS and SIZES for its kind; those of NUMBERS are float32, in fixed point float64."""
    shape: tuple[int, ...] = ()
    """Of the output, for one event; filled in by passes.infer_shapes. A reshape comes with it; one extent may be -1 there."""
    origin: str = ""
    """The operators it came from, in the source's words, for comments and messages: 'MatMul + Add'."""
    types: dict[str, Fixed] = field(default_factory=dict)
    """Fixed-point types of TYPES; without one the weights keep every bit, sums are exact and the result is not rounded."""

    tables: dict[str, Table] = field(default_factory=dict)
    """In fixed point, those of TABLES."""
    variant: str = ""
    """In fixed point, of softmax: one of SOFTMAX_VARIANTS."""
    tile: Tile | None = None
    """How much of it one circuit computes at once; None: everything."""
    rounds: bool = False
    """Of a forest, between an importer and passes.py: whether its trainer rounds features to float32 before it compares them."""

    def values(self, key: str) -> np.ndarray:
        """Returns the numbers of a tensor, whether they are kept as such or as raw integers (float64 then)."""
        tensor = self.tensors[key]
        return tensor if np.issubdtype(tensor.dtype, np.floating) or key in INTEGERS else self.types[tensor_type(key)].to_values(tensor)

    @property
    def parameter_count(self) -> int:
        return sum(t.size for t in self.tensors.values())

    @property
    def multiplications(self) -> int:
        factors = {"scaler": 1, "prelu": 1, "layer_norm": 3, "multiply": len(self.inputs) - 1}
        return self.tensors["weights"].size if self.kind == "dense" else factors.get(self.kind, 0) * math.prod(self.shape)


def tensor_type(key: str) -> str:
    """Returns which of TYPES is that of a tensor, '' where it has whole numbers: offsets, and what leaves add, are biases; weights, scales,
    slopes and thresholds are weights."""
    if key in INTEGERS:
        return ""
    return "bias" if key in ("bias", "offset", "leaves", "base") else "weights"


def clipped(lowest: float, highest: float) -> tuple[str, dict[str, float]]:
    """Returns the kind and the numbers of a node that holds values between two bounds."""
    if lowest == 0 and math.isinf(highest):
        return "relu", {}
    if math.isinf(lowest) and math.isinf(highest):
        return "identity", {}
    return "clip", {"lowest": lowest, "highest": highest}


def normalization(
    place: str, gamma: np.ndarray, beta: np.ndarray, mean: np.ndarray, variance: np.ndarray, epsilon: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns scale and offset of a batch normalization. Refuses a variance that is not positive."""
    sizes = {array.shape for array in (gamma, beta, mean, variance)}
    if len(sizes) > 1:
        raise Refused(place, f"its numbers have shapes {sorted(sizes)}", "export the model again")
    spread = variance.astype(np.float64) + epsilon
    if not np.all(spread > 0):
        raise Refused(place, f"its variance of feature {int(np.argmin(spread > 0))} is not positive", "train or export the model again")
    scale = gamma / np.sqrt(spread)
    return scale, beta - mean * scale


@dataclass
class Graph:
    """A model: what it reads, what it computes, what it writes."""

    inputs: list[Port]
    outputs: list[Port]
    nodes: list[Node]
    place: str = "model"
    """What error messages call the source."""

    def producer(self, value: str) -> Node | None:
        """Returns the node that writes `value`, or None for an input."""
        return next((n for n in self.nodes if n.output == value), None)

    def consumers(self, value: str) -> list[Node]:
        return [n for n in self.nodes if value in n.inputs]

    def segments(self) -> list[list[Node]]:
        """Returns the nodes in chains, in order: each but the first of a chain is all that reads the one before it."""
        readers: dict[str, int] = {}
        for node in self.nodes:
            for value in node.inputs:
                readers[value] = readers.get(value, 0) + 1
        given = {p.name for p in self.outputs}
        chains: list[list[Node]] = []
        ending: dict[str, list[Node]] = {}
        for node in self.nodes:
            before = node.inputs[0]
            if len(node.inputs) == 1 and before in ending and readers[before] == 1 and before not in given:
                chain = ending.pop(before)
            else:
                chains.append(chain := [])
            chain.append(node)
            ending[node.output] = chain
        return chains

    def embeddings_of(self, port: Port) -> list[Node]:
        """Returns the embeddings that read an input, past layers that pass integers on."""
        same = {port.name}
        found = []
        for node in self.nodes:
            if same.isdisjoint(node.inputs):
                continue
            if node.kind == "embedding":
                found.append(node)
            elif node.kind in PASSING_INTEGERS:
                same.add(node.output)
        return found

    @property
    def is_fixed(self) -> bool:
        """Whether it computes in fixed point."""
        return any(p.type for p in self.inputs) or any(n.types for n in self.nodes)

    @property
    def is_double(self) -> bool:
        """Whether it computes in double precision."""
        return any(p.scalar == "double" for p in self.inputs)

    @property
    def real(self) -> type:
        """What its numbers are, where they are no fixed-point ones."""
        return np.float64 if self.is_double else np.float32

    def is_output(self, value: str) -> bool:
        return any(p.name == value for p in self.outputs)

    def stored_parameters(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yields every tensor as a weight file holds it: raw integers as the least type of C++ that has them."""
        for node in self.nodes:
            for key, tensor in node.tensors.items():
                t = node.types.get(tensor_type(key))
                yield f"{node.name}.{key}", tensor if t is None else tensor.astype(t.dtype)

    def parameters(self) -> Iterator[tuple[str, FloatArray]]:
        """Yields every tensor as ('fc1.weights', array), in the order of the layers."""
        for node in self.nodes:
            for key, tensor in node.tensors.items():
                yield f"{node.name}.{key}", tensor
