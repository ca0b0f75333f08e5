"""The one internal graph that every importer fills and every writer reads.

A graph is a list of nodes in the order in which they are evaluated. Nodes exchange *values* by name; a value is one
event's array, without the batch axis. The kinds of node are listed in KINDS. Some of them (matmul, bias, identity)
exist only between an importer and the end of passes.py; those in LAYERS have a layer in the C++ library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

LAYERS = ("dense", "relu", "sigmoid", "tanh", "softmax")
"""What the C++ library has: dense computes x W + b with W [in][out]; the others act on the features of one event."""

KINDS = (*LAYERS, "matmul", "bias", "identity")
"""matmul: x W; bias: x + b with b [out] or [1]; identity: x."""


@dataclass
class Port:
    """An input or output of the model. shape: of one event; None in it where the source does not say."""

    name: str
    shape: tuple[int | None, ...]
    labels: list[str] | None = None
    """Names of the features (input) or classes (output), where the source has them."""


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
    """weights [in][out], bias [out]; float32."""
    shape: tuple[int, ...] = ()
    """Of the output, for one event; filled in by passes.infer_shapes."""
    origin: str = ""
    """The operators it came from, in the source's words, for comments and messages: 'MatMul + Add'."""

    @property
    def parameter_count(self) -> int:
        return sum(t.size for t in self.tensors.values())

    @property
    def multiplications(self) -> int:
        return self.tensors["weights"].size if "weights" in self.tensors else 0


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

    def is_output(self, value: str) -> bool:
        return any(p.name == value for p in self.outputs)

    def parameters(self) -> Iterator[tuple[str, FloatArray]]:
        """Yields every tensor as ('fc1.weights', array), in the order of the layers."""
        for node in self.nodes:
            for key, tensor in node.tensors.items():
                yield f"{node.name}.{key}", tensor
