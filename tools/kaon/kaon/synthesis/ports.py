"""The ports of a top function: one a number, an array for each input and output, or a stream of words, an event each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from kaon.fixed import Fixed
from kaon.graph import Graph, Port
from kaon.names import identifiers

PORTS = ("scalar", "array", "stream")


@dataclass(frozen=True)
class Value:
    """An input or output of a model at the ports: `size` numbers of one format."""

    name: str
    """Its own name as a C++ identifier."""
    numbers: tuple[str, ...]
    """Names of its numbers, for ports that are one each: those of the features or classes, or the name and a position."""
    format: Fixed
    cpp: str
    """Of an input: its tensor's type."""

    @property
    def size(self) -> int:
        return len(self.numbers)

    @property
    def bits(self) -> int:
        return self.size * self.format.width


def values(graph: Graph, taken: set[str]) -> tuple[list[Value], list[Value]]:
    """Returns a graph's inputs and outputs with names that are different from each other and from `taken`."""
    ports = [*graph.inputs, *graph.outputs]
    names = identifiers([*((p.name, "x") for p in graph.inputs), *((p.name, "y") for p in graph.outputs)], taken)
    used = taken | set(names)
    result = []
    for port, name in zip(ports, names):
        labels = port.labels or [f"{name}_{i}" for i in range(port.size)]
        numbers = identifiers(((label, name) for label in labels), used)
        used |= set(numbers)
        result.append(Value(name, tuple(numbers), format_of(port), tensor(port)))
    return result[: len(graph.inputs)], result[len(graph.inputs) :]


def format_of(port: Port) -> Fixed:
    """Returns the format of a port's numbers: of plain integers, all bits before the point."""
    if port.type is not None:
        return port.type.format()
    bits = 8 * port.dtype.itemsize
    return Fixed(bits, bits)


def tensor(port: Port) -> str:
    scalar = port.type.cpp() if port.type else f"std::{port.scalar}_t"
    return f"kaon::input<{', '.join([scalar, *map(str, port.shape)])}>::type"


def raw_integer(t: Fixed) -> str:
    """Returns the least built-in integer that holds the raw value."""
    return f"std::{'' if t.is_signed else 'u'}int{8 * t.bytes}_t"


def word_integer(bits: int) -> str | None:
    """Returns the least built-in integer for a word; None where none has as many bits."""
    return next((f"std::uint{size}_t" for size in (8, 16, 32, 64) if bits <= size), None)


def offsets(sizes: list[int]) -> list[int]:
    """Returns where each of several things starts when they lie one after another."""
    return [0, *itertools.accumulate(sizes)][:-1]
