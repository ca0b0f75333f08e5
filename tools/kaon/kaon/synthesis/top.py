"""The top function of a model, as C++ for one tool: types, names and calls, no arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kaon.fixed import Fixed
from kaon.graph import Graph
from kaon.header import wrapped
from kaon.package import Package
from kaon.synthesis.ports import Value, offsets, values, word_integer

RESERVED = frozenset(
    """result word wrong total event got equal golden golden_event formats number_format make bits packed unpack number raw
    kaon std hls main i""".split()
)
"""What the top and its test bench name themselves."""


@dataclass(frozen=True)
class Dialect:
    """How a tool's users write ports."""

    includes: dict[str, tuple[str, ...]]
    """For each kind of ports, what the top's header includes."""
    ports_header: Callable[[str], str]
    """kaon's header for the tool's types, for each kind of ports."""
    number: Callable[[Fixed], str]
    """The type of one number."""
    word: Callable[[int], str]
    """The type of an event in a stream, of so many bits."""
    stream: str
    """The template of a stream."""
    returns_word: bool
    """Whether outputs of scalar ports are returned as one integer, where they have no more bits than one, not through references."""
    before: Callable[[Top], list[str]] = lambda top: []
    """Pragmas before the function."""
    inside: Callable[[Top], list[str]] = lambda top: []
    """Pragmas at the beginning of its body."""
    block: str = "{top}"
    """The function's name where it is defined."""
    call: str = "{top}"
    """Its name where the test bench calls it."""
    linkage: str = ""
    prologue: Callable[[Top], list[str]] = lambda top: []
    """Lines before the includes of the top's header."""


class Top:
    """The top of one model with one kind of ports, in a tool's dialect."""

    def __init__(self, package: Package, dialect: Dialect, ports: str, in_turns: bool) -> None:
        """in_turns: whether layers compute in turns, loops that the function must not be pipelined around."""
        self.model, self.dialect, self.ports = package.name, dialect, ports
        self.name = f"{package.name}_top"
        self.graph: Graph = package.graph
        self.inputs, self.outputs = values(package.graph, RESERVED | {self.model, self.name})
        self.in_turns = in_turns
        self.returned = self.returned_word()
        self.package = package

    def returned_word(self) -> str | None:
        """The type of the word that is returned, if one is."""
        if self.ports != "scalar" or not self.dialect.returns_word:
            return None
        return word_integer(sum(v.bits for v in self.outputs))

    @property
    def interval(self) -> int | None:
        """Cycles from an event to the next that the function is pipelined for; None: not as a whole."""
        longest = max(v.size for v in (*self.inputs, *self.outputs))
        return None if self.in_turns else longest if self.ports == "array" else 1

    @property
    def outputs_as(self) -> str:
        """How outputs leave: as 'word', 'scalar', 'array' or 'stream'."""
        return "word" if self.returned else self.ports

    def parameters(self) -> list[str]:
        """The function's parameters."""
        return [p for v in self.inputs for p in self.declared(v, self.ports, "")] + [p for v in self.outputs for p in self.declared(v, self.outputs_as, "&")]

    def declared(self, value: Value, ports: str, reference: str) -> list[str]:
        number = self.dialect.number(value.format)
        if ports == "scalar":
            return [f"{number}{reference} {name}" for name in value.numbers]
        if ports == "array":
            return [f"{number} {value.name}[{value.size}]"]
        return [f"{self.stream_type(value)}& {value.name}"] if ports == "stream" else []

    def stream_type(self, value: Value) -> str:
        return f"{self.dialect.stream}<{self.word_type(value)}>"

    def word_type(self, value: Value) -> str:
        """Words of whole bytes: a bus has no other."""
        return self.dialect.word((value.bits + 7) // 8 * 8)

    def signature(self, name: str) -> list[str]:
        return [f"{self.returned or 'void'} {name}(", *wrapped(self.parameters(), "    ")]

    def described(self) -> Iterator[str]:
        """What each port carries, as comments."""
        for value, direction in [*((v, "in") for v in self.inputs), *((v, "out") for v in self.outputs)]:
            t = value.format
            numbers = f"{value.size} numbers" if value.size > 1 else "one number"
            yield f"// {direction} {value.name}: {numbers} of {t}, value = raw * 2^{-t.fraction}"
        if self.outputs_as in ("word", "stream"):
            yield "// A word holds number i of an event from bit i * width on, all outputs one after another."

    def header(self) -> str:
        lines = [
            f"// {self.name}.hpp: the function that becomes hardware: one event a call. Written by kaon hls.",
            *self.described(),
            "#pragma once",
            "",
            *self.dialect.prologue(self),
            *(f"#include <{name}>" for name in self.dialect.includes[self.ports]),
            "",
        ]
        first, *rest = self.signature(self.name)
        return "\n".join([*lines, f"{self.dialect.linkage}{first}", *rest]) + ");\n"

    def source(self) -> str:
        body = [f"// {self.name}.cpp: ports to the network's input, its output to ports. Written by kaon hls.", f'#include "{self.name}.hpp"', ""]
        body += ["// The model is wires, also where a plain compiler simulates it.", "#ifndef KAON_HLS", "#define KAON_HLS", "#endif"]
        body += [f'#include "{self.model}.hpp"', "", f"#include <{self.dialect.ports_header(self.ports)}>", ""]
        body += self.dialect.before(self)
        first, *rest = self.signature(self.dialect.block.format(top=self.name))
        body += [f"{self.dialect.linkage}{first}", *rest]
        body[-1] += ") {"
        body += self.dialect.inside(self)
        body += [f"    const auto result = {self.model}::model(", *self.comma(self.read(v) for v in self.inputs)]
        body[-1] += ");"
        body += self.written()
        return "\n".join([*body, "}"]) + "\n"

    @staticmethod
    def comma(groups: Iterable[list[str]]) -> Iterator[str]:
        groups = list(groups)
        for group in groups:
            *lines, last = group
            yield from lines
            yield last if group is groups[-1] else f"{last},"

    def read(self, value: Value) -> list[str]:
        if self.ports == "scalar":
            first, *rest = [f"        kaon::ports::read<{value.cpp}>(", *wrapped(value.numbers, "            ")]
            return [first, *rest[:-1], f"{rest[-1]})"]
        if self.ports == "array":
            return [f"        kaon::ports::read_array<{value.cpp}>({value.name})"]
        return [f"        kaon::ports::read_word<{value.cpp}>({value.name}.read())"]

    def written(self) -> Iterator[str]:
        results = [f"kaon::get<{i}>(result)" for i in range(len(self.outputs))] if len(self.outputs) > 1 else ["result"]
        if self.outputs_as == "word":
            yield f"    {self.returned} word = 0;"
            for result, first in zip(results, offsets([v.bits for v in self.outputs])):
                yield f"    kaon::ports::write_word<{first}>({result}, word);"
            yield "    return word;"
            return
        for result, value in zip(results, self.outputs):
            if self.outputs_as == "scalar":
                *lines, last = wrapped([result, *value.numbers], "        ")
                yield from ["    kaon::ports::write(", *lines, f"{last});"]
            elif self.outputs_as == "array":
                yield f"    kaon::ports::write_array({result}, {value.name});"
            else:
                yield f"    {self.word_type(value)} {value.name}_word = 0;"
                yield f"    kaon::ports::write_word({result}, {value.name}_word);"
                yield f"    {value.name}.write({value.name}_word);"
