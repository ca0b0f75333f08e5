"""The C++ header: the type, one layer a line, then names, numbers and the constant model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from kaon.forest import has_vector_leaves
from kaon.graph import INTEGERS, NUMBERS, SIZES, TYPES, Graph, Node, Port, tensor_type
from kaon.manifest import network_hash, sha256
from kaon.names import identifiers
from kaon.version import VERSION

LINE_WIDTH = 120


def header(name: str, graph: Graph, source_file: str, source_hash: str) -> str:
    """Returns the text of NAME.hpp. source_hash: sha256 of the source file, for the comment at the top."""
    body = "\n".join(content(graph)) + "\n"
    version = f"v_{sha256(body.encode())[:16]}"
    lines = [
        f"// {name}.hpp: written by kaon {VERSION} from {comment(source_file)}",
        f"// (sha256 {source_hash})",
        "#pragma once",
        "",
        "#include <kaon/kaon.hpp>",
        *(["#include <kaon/scalar/raw_parameters.hpp>"] if graph.is_fixed else []),
        "",
        *standard_headers(graph),
        "// The inner namespace is named after what it holds: two versions of a model in one process stay two.",
        f"namespace {name} {{",
        f"inline namespace {version} {{",
        "",
        body,
        f"}}  // namespace {version}",
        f"}}  // namespace {name}",
    ]
    return "\n".join(lines) + "\n"


def content(graph: Graph) -> Iterator[str]:
    """Yields what the namespace holds."""
    tags = identifiers((n.name, n.kind) for n in graph.nodes)
    yield "namespace layers {"
    for tag, node in zip(tags, graph.nodes):
        yield f"struct {tag} {{ static constexpr char name[] = {literal(node.name)}; }};"
    yield from ("}  // namespace layers", "")
    yield from numbers(graph, tags)
    yield from literal_tables(graph, tags)
    yield from network(graph, tags)
    yield from ("", "// What a weight file for this network says: kaon::load<network>(path, network_sha256) refuses another's.")
    yield from (f'inline constexpr char network_sha256[] = "{network_hash(graph)}";', "")
    for port in graph.inputs:
        yield from labels("feature_names", port)
    for port in graph.outputs:
        yield from labels("class_names", port)
    yield from raw_parameters(graph, tags) if graph.is_fixed else parameters(graph)
    yield from ("", "inline constexpr kaon::constant_model<network, parameters> model{};")


def standard_headers(graph: Graph) -> list[str]:
    infinite = any(math.isinf(n) for node in graph.nodes for n in node.numbers.values())
    integers = any(port.is_integer for port in graph.inputs) or graph.is_fixed
    used = [*(["#include <cstdint>"] if integers else []), *(["#include <limits>"] if infinite else [])]
    return [*used, ""] if used else []


def network(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the type, a layer a line, each with its name and operator in the source.

    A chain where the model is one; else a graph of chains, each named after its last layer.
    """
    tag_of = {node.output: tag for node, tag in zip(graph.nodes, tags)}
    inputs = {port.name: f"kaon::from_input<{i}>" for i, port in enumerate(graph.inputs)}
    value = inputs | {output: f"layers::{tag}" for output, tag in tag_of.items()}
    layers = {node.output: (layer_type(node, tag_of[node.output]), f"{comment(node.name)}: {comment(node.origin)}") for node in graph.nodes}
    given = [(input_type(port), comment(port.name)) for port in graph.inputs]
    chains = graph.segments()
    lines: list[tuple[str, str, str]] = []
    """Text, what ends it, comment."""
    if len(graph.inputs) > 1:
        lines += [("kaon::inputs<", "", ""), *indented(given, ">,")]
    else:
        lines += [(given[0][0], ",", given[0][1])]
    if len(chains) == len(graph.inputs) == len(chains[0][0].inputs) == len(graph.outputs) == 1:
        lines += [(text, "," if node is not chains[0][-1] else "", note) for node in chains[0] for text, note in [layers[node.output]]]
    else:
        lines += [("kaon::named_graph<", "", "")]
        lines += [(f"    kaon::gives<{', '.join(value[port.name] for port in graph.outputs)}>", ",", "")]
        for chain in chains:
            reads = ", ".join(value[read] for read in chain[0].inputs)
            end = f", {reads}>" + ("," if chain is not chains[-1] else ">")
            name = tag_of[chain[-1].output]
            if len(chain) == 1:
                text, note = layers[chain[0].output]
                lines += [(f"    kaon::node<layers::{name}, {text}", end, note)]
            else:
                lines += [(f"    kaon::node<layers::{name}, kaon::chain<", "", "")]
                lines += [(f"    {text}", last, note) for text, last, note in indented([layers[node.output] for node in chain], ">" + end)]
    width = max(len(text + end) for text, end, note in lines if note)
    yield "using network = kaon::network<"
    for text, end, note in lines:
        yield f"    {text + end:<{width}}  // {note}" if note else f"    {text}{end}"
    yield ">;"


def input_type(port: Port) -> str:
    scalar = port.type.cpp() if port.type else f"std::{port.scalar}_t" if port.is_integer else port.scalar
    return f"kaon::input<{', '.join([scalar, *map(str, port.shape)])}>"


def indented(rows: list[tuple[str, str]], end: str) -> list[tuple[str, str, str]]:
    return [(f"    {text}", "," if row < len(rows) - 1 else end, note) for row, (text, note) in enumerate(rows)]


def layer_type(node: Node, identifier: str) -> str:
    tag = ", ".join([f"layers::{identifier}", *options(node, identifier)])
    if node.kind == "dense":
        return f"kaon::dense<{node.shape[0]}, {tag}>"
    if node.kind == "embedding":
        return f"kaon::embedding<{', '.join(map(str, node.tensors['weights'].shape))}, {tag}>"
    if node.kind == "forest":
        return f"kaon::forest<{', '.join([*forest_arguments(node), tag])}>"
    if node.kind == "reshape":
        shape = f"kaon::shape<{', '.join(map(str, node.shape))}>, "
        return f"kaon::basic_flatten<{tag}>" if len(node.shape) == 1 else f"kaon::basic_reshape<{shape}{tag}>"
    if node.kind in SIZES:
        return f"kaon::{node.kind}<{', '.join(str(int(node.numbers[key])) for key in SIZES[node.kind])}, {tag}>"
    if node.kind in NUMBERS:
        arguments = "".join(f"numbers::{identifier}_{key}, " for key in NUMBERS[node.kind])
        return f"kaon::{node.kind}<{arguments}{tag}>"
    return f"kaon::basic_{node.kind}<{tag}>"


def forest_arguments(node: Node) -> Iterator[str]:
    """Yields a forest's sizes and what its nodes and leaves are."""
    sizes = len(node.tensors["roots"]), len(node.tensors["values"]), int(node.numbers["depth"]), len(node.tensors["base"])
    yield from map(str, sizes)
    if node.numbers["or_equal"]:
        yield "kaon::less_or_equal"
    if "missing_left" in node.tensors:
        yield "kaon::missing_by_direction"
    if "sets" in node.tensors:
        yield f"kaon::splits_by_category<{len(node.tensors['test_sets'])}, {len(node.tensors['sets'])}>"
    if has_vector_leaves(node):
        yield "kaon::vector_leaves"


def options(node: Node, identifier: str) -> Iterator[str]:
    """Yields a layer's types and tables in fixed point."""
    if node.variant:
        yield f"kaon::softmax_as<kaon::softmax_variant::{node.variant}>"
    yield from (f"kaon::{what}<{node.types[what].cpp()}>" for what in TYPES if what in node.types)
    for what, table in node.tables.items():
        yield f"kaon::{what}<{table.type.cpp()}, {table.size}>"
        if table.values is not None:
            yield f"kaon::{what}_values<tables::{identifier}_{what}>"
    if node.tile is not None:
        at_once, at_a_time = node.tile
        whole = node.kind != "dense" or at_a_time == len(node.tensors["weights"])
        yield f"kaon::tile<{at_once}>" if whole else f"kaon::tile<{at_once}, {at_a_time}>"


def literal_tables(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the tables whose entries the source has computed."""
    listed = [(tag, what, t) for tag, node in zip(tags, graph.nodes) for what, t in node.tables.items() if t.values is not None]
    if listed:
        yield "namespace tables {"
        for tag, what, table in listed:
            yield f"inline constexpr std::{table.type.dtype}_t {tag}_{what}[{table.size}] = {{"
            yield from wrapped((raw_literal(n) for n in table.values or ()), "    ")
            yield "};"
        yield from ("}  // namespace tables", "")


def numbers(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the numbers that are a part of layers' types, a struct each."""
    if any(node.kind in NUMBERS for node in graph.nodes):
        yield "namespace numbers {"
        for tag, node in zip(tags, graph.nodes):
            for key in NUMBERS.get(node.kind, ()):
                yield f"struct {tag}_{key} {{ static constexpr {constant(node.numbers[key], graph.is_fixed)}; }};"
        yield "}  // namespace numbers"
        yield ""


def constant(value: float, is_fixed: bool) -> str:
    """Returns the definition of a number that is a part of a type: in fixed point it may have more bits than a float."""
    return f"double value = {float(value)!r}" if is_fixed and math.isfinite(value) else f"float value = {number(value)}"


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
    """Yields the aggregate: for each layer with parameters its tensors, weights [in][out], then bias [out]."""
    yield "inline constexpr network::parameters parameters = {"
    for node in graph.nodes:
        if node.tensors:
            yield from slot(node)
    yield "};"


def raw_parameters(graph: Graph, tags: list[str]) -> Iterator[str]:
    """Yields the raw integers of every tensor, and the aggregate made of them."""
    names: list[str] = []
    yield "namespace raw {"
    for tag, node in zip(tags, graph.nodes):
        for key, tensor in node.tensors.items():
            t = None if key in INTEGERS else node.types[tensor_type(key)]
            names.append(f"raw::{tag}_{key}")
            yield f"// {comment(node.name)}: {key}{'' if t is None else f', {t}'}"
            yield f"inline constexpr std::{tensor.dtype if t is None else t.dtype}_t {tag}_{key}{''.join(f'[{size}]' for size in tensor.shape)} = {{"
            if tensor.ndim == 1:
                yield from wrapped((raw_literal(n) for n in tensor), "    ")
            else:
                for row in tensor:
                    yield from braced((raw_literal(n) for n in row), "    ")
            yield "};"
    yield from ("}  // namespace raw", "")
    yield "inline constexpr network::parameters parameters = kaon::from_raw<network::parameters>("
    yield from wrapped(names, "    ")
    yield ");"


def raw_literal(number: int) -> str:
    """Returns an integer as C++ writes it: the least of 64 bits has no literal of its own."""
    return "-9223372036854775807 - 1" if number == -(1 << 63) else str(number)


def slot(node: Node) -> Iterator[str]:
    shapes = ", ".join(f"{key} {''.join(f'[{size}]' for size in tensor.shape)}" for key, tensor in node.tensors.items())
    yield f"    // {comment(node.name)}: {shapes}"
    yield "    {{"
    for key, tensor in node.tensors.items():
        if key in INTEGERS:
            yield from braced(map(str, tensor), "        ")
        elif tensor.ndim == 1:
            yield from braced(floats(tensor), "        ")
        else:
            # A forest's arrays are each a part of its parameters, whose braces may be left out around one of a single extent.
            opening, closing = ("{{", "}}") if node.kind == "forest" else ("{", "}")
            yield f"        {opening}"
            for row in tensor:
                yield from braced(floats(row), "            ")
            yield f"        {closing},"
    yield "    }},"


def braced(numbers: Iterable[str], indent: str) -> Iterator[str]:
    """Yields '{1.0f, 2.0f},', over several lines where it is long."""
    lines = list(wrapped(numbers, indent + " "))
    lines[0] = f"{indent}{{{lines[0].strip()}"
    lines[-1] = lines[-1].rstrip(",") + "},"
    yield from lines


def floats(numbers: np.ndarray) -> Iterator[str]:
    """Yields the shortest decimals that read back as the same numbers, those of float32 with the suffix f."""
    if numbers.dtype == np.float64:
        yield from map(repr, numbers.tolist())
        return
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
