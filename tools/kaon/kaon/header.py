"""The C++ header: the type, one layer a line, then names, numbers and the constant model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from kaon.graph import NUMBERS, Graph, Node, Port
from kaon.names import identifiers
from kaon.version import VERSION

LINE_WIDTH = 120


def header(name: str, graph: Graph, source_file: str, source_hash: str) -> str:
    """Returns the text of NAME.hpp. source_hash: sha256 of the source file, for the comment at the top."""
    tags = identifiers((n.name, n.kind) for n in graph.nodes)
    lines = [
        f"// {name}.hpp: written by kaon {VERSION} from {comment(source_file)}",
        f"// (sha256 {source_hash})",
        "#pragma once",
        "",
        "#include <kaon/kaon.hpp>",
        "",
        *(["#include <limits>", ""] if any(math.isinf(n) for node in graph.nodes for n in node.numbers.values()) else []),
        f"namespace {name} {{",
        "",
        "namespace layers {",
        *(f"struct {t} {{ static constexpr char name[] = {literal(n.name)}; }};" for t, n in zip(tags, graph.nodes)),
        "}  // namespace layers",
        "",
        *numbers(graph, tags),
        *network(graph, tags),
        "",
        *labels("feature_names", graph.inputs[0]),
        *labels("class_names", graph.outputs[0]),
        *parameters(graph),
        "",
        "inline constexpr kaon::constant_model<network, parameters> model{};",
        "",
        f"}}  // namespace {name}",
    ]
    return "\n".join(lines) + "\n"


def network(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the type, a layer a line, each with its name and operator in the source."""
    rows = [(f"kaon::input<float, {graph.inputs[0].shape[0]}>", comment(graph.inputs[0].name))]
    for tag, node in zip(tags, graph.nodes):
        rows.append((layer_type(node, tag), f"{comment(node.name)}: {comment(node.origin)}"))
    width = max(len(text) for text, _ in rows) + 1
    yield "using network = kaon::network<"
    for position, (text, note) in enumerate(rows):
        last = position == len(rows) - 1
        yield f"    {(text if last else text + ','):<{width}}  // {note}"
    yield ">;"


def layer_type(node: Node, tag: str) -> str:
    if node.kind == "dense":
        return f"kaon::dense<{node.shape[0]}, layers::{tag}>"
    if node.kind in NUMBERS:
        arguments = "".join(f"numbers::{tag}_{key}, " for key in NUMBERS[node.kind])
        return f"kaon::{node.kind}<{arguments}layers::{tag}>"
    return f"kaon::basic_{node.kind}<layers::{tag}>"


def numbers(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the numbers that are a part of layers' types, a struct each."""
    if any(node.numbers for node in graph.nodes):
        yield "namespace numbers {"
        for tag, node in zip(tags, graph.nodes):
            for key in NUMBERS.get(node.kind, ()):
                yield f"struct {tag}_{key} {{ static constexpr float value = {number(node.numbers[key])}; }};"
        yield "}  // namespace numbers"
        yield ""


def number(value: float) -> str:
    if math.isinf(value):
        return ("-" if value < 0 else "") + "std::numeric_limits<float>::infinity()"
    return f"{np.float32(value)!s}f"


def labels(name: str, port: Port) -> Iterator[str]:
    if port.labels:
        yield f"inline constexpr const char* {name}[] = {{"
        yield from wrapped((literal(label) for label in port.labels), "    ")
        yield "};"
        yield ""


def parameters(graph: Graph) -> Iterator[str]:
    """Yields the aggregate: for each layer with parameters its weights [in][out], then its bias [out]."""
    yield "inline constexpr network::parameters parameters = {"
    for node in graph.nodes:
        if node.tensors:
            yield from slot(node)
    yield "};"


def slot(node: Node) -> Iterator[str]:
    yield f"    // {comment(node.name)}: weights [{node.tensors['weights'].shape[0]}][{node.shape[0]}], bias [{node.shape[0]}]"
    yield "    {{"
    yield "        {"
    for row in node.tensors["weights"]:
        yield from braced(row, "            ")
    yield "        },"
    yield from braced(node.tensors["bias"], "        ")
    yield "    }},"


def braced(numbers: np.ndarray, indent: str) -> Iterator[str]:
    """Yields '{1.0f, 2.0f},', over several lines where it is long."""
    lines = list(wrapped(floats(numbers), indent + " "))
    lines[0] = f"{indent}{{{lines[0].strip()}"
    lines[-1] = lines[-1].rstrip(",") + "},"
    yield from lines


def floats(numbers: np.ndarray) -> Iterator[str]:
    """Yields the shortest decimal that reads back as the same float, with the suffix f."""
    for value in numbers.astype(np.float32):
        yield number(value)


def wrapped(items: Iterable[str], indent: str) -> Iterator[str]:
    """Yields lines of at most LINE_WIDTH characters (or one item) with the items separated by commas."""
    line = indent
    for item in items:
        if len(line) + len(item) + 2 > LINE_WIDTH and line.strip():
            yield line.rstrip()
            line = indent
        line += f"{item}, "
    yield line.rstrip().rstrip(",")


def literal(text: str) -> str:
    """Returns a C++ string literal that holds the UTF-8 bytes of `text`, whatever they are."""
    escaped = (chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode("utf-8", "replace"))
    return '"' + "".join(escaped) + '"'


def comment(text: str, limit: int = 80) -> str:
    """Returns text that cannot end a line comment or continue it on the next line: printable ASCII, no backslash."""
    plain = "".join(c if " " <= c <= "~" and c != "\\" else "?" for c in text)
    return plain if len(plain) <= limit else plain[: limit - 3] + "..."
