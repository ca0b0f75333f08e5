"""The manifest NAME.json: what a converted model is, and the hashes that hold its files together."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kaon.error import Refused
from kaon.fields import Field
from kaon.fixed import Fixed, parse
from kaon.forest import check_forest
from kaon.graph import INTEGERS, LAYERS, NUMBERS, SCALARS, SIZES, SOFTMAX_VARIANTS, TABLES, TYPES, Graph, Node, Port, tensor_type
from kaon.names import identifiers
from kaon.precision import EXACT, value_types
from kaon.tables import Table
from kaon.tiles import Tile
from kaon.version import VERSION

FORMAT = "kaon model"
FORMAT_VERSION = 1
LARGEST_TABLE = 1 << 16
BOUND = ("header", "weights", "golden")
"""The files that the manifest's hash binds, in the order in which they are hashed."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def binding(hashes: Mapping[str, str]) -> str:
    """Returns the hash that binds header, weight file and golden vectors: sha256 over their sha256, a line each."""
    return sha256("".join(f"{hashes[role]}\n" for role in BOUND).encode())


def network_hash(graph: Graph) -> str:
    """Returns the hash of what a model is beside its numbers: names, shapes and features of inputs and outputs, and its layers.

    Two trainings of one network have the same: their weights may be exchanged.
    """
    layers = [layer(graph, node, "") | {"source": ""} for node in graph.nodes]
    ports = [port(p, "feature_names") for p in graph.inputs], [port(p, "class_names") for p in graph.outputs]
    return sha256(json.dumps([*ports, layers], sort_keys=True).encode())


def manifest(name: str, graph: Graph, source: Mapping[str, object], files: Mapping[str, tuple[str, bytes]]) -> str:
    """Returns the text of NAME.json. source: file, kind, sha256, what was ignored; files: for each role the file's name and content."""
    hashes = {role: sha256(data) for role, (_, data) in files.items()}
    tags = identifiers((n.name, n.kind) for n in graph.nodes)
    content: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kaon_version": VERSION,
        "name": name,
        "scalar": scalar_of(graph),
        "source": source,
        "hash": binding(hashes),
        "network_sha256": network_hash(graph),
        "files": {role: {"file": file, "sha256": hashes[role]} for role, (file, _) in files.items()},
        "inputs": [port(p, "feature_names") for p in graph.inputs],
        "outputs": [port(p, "class_names") | {"reads": layer_name(graph, p.name)} for p in graph.outputs],
        "layers": [layer(graph, node, tag) for node, tag in zip(graph.nodes, tags)],
    }
    return json.dumps(content, indent=2) + "\n"


def scalar_of(graph: Graph) -> str:
    """Returns what a graph computes in: 'fixed', 'double' or 'float'."""
    return "fixed" if graph.is_fixed else "double" if graph.is_double else "float"


def port(p: Port, label_key: str) -> dict[str, Any]:
    described: dict[str, Any] = {"name": p.name, "shape": list(p.shape), "scalar": p.scalar}
    return described | ({label_key: p.labels} if p.labels is not None else {})


def layer(graph: Graph, node: Node, tag: str) -> dict[str, Any]:
    described = {
        "name": node.name,
        "kind": node.kind,
        "inputs": [layer_name(graph, value) for value in node.inputs],
        "shape": list(node.shape),
        "parameters": node.parameter_count,
        "multiplications": node.multiplications,
        "numbers": {key: value for key, value in node.numbers.items() if math.isfinite(value)},
        "tensors": {key: list(t.shape) for key, t in node.tensors.items()},
        "identifier": tag,
        "source": node.origin,
    }
    if not graph.is_fixed:
        return described
    fixed = {"types": types_of(graph, node), "variant": node.variant, "tables": {what: table(t) for what, t in node.tables.items()}, "tile": node.tile}
    return described | {key: value for key, value in fixed.items() if value}


def table(t: Table) -> dict[str, Any]:
    return {"type": str(t.type), "size": t.size} | ({} if t.values is None else {"values": list(t.values)})


def types_of(graph: Graph, node: Node) -> dict[str, str]:
    """Returns a layer's types as text: of its input, of its numbers, of its sums and of what it gives; "exact" where nothing is rounded."""
    known = value_types(graph)
    read = {"input": ", ".join(str(known[value]) for value in node.inputs if value in known)}
    sums = {"accumulator": EXACT} if node.kind in ("dense", "forest") else {}
    named = {what: str(t) for what, t in node.types.items()}
    return {key: text for key, text in (read | sums | {"result": EXACT} | named).items() if text}


def layer_name(graph: Graph, value: str) -> str:
    """Returns the name of the layer that writes a value, or the name of the input that it is."""
    node = graph.producer(value)
    return value if node is None else node.name


def graph_of(content: Field, tensors: Mapping[str, np.ndarray]) -> Graph:
    """Builds the graph that a manifest and its weights describe. Refuses what does not fit together."""
    inputs = [Port(p["name"].text(), sizes(p["shape"]), texts(p, "feature_names"), scalar(p["scalar"])) for p in content["inputs"]]
    nodes: list[Node] = []
    fixed, doubles = (content["scalar"].text() == known for known in ("fixed", "double"))
    values = {p.name: p.name for p in inputs}
    for entry in content["layers"]:
        kind, name = entry["kind"].text(), entry["name"].text()
        if kind not in LAYERS:
            raise entry["kind"].refuse(f"no layer of kind {kind!r}", "use the kaon that converted the model")
        own = {}
        types = types_in(entry) if fixed else {}
        for key in entry["tensors"].of(dict, "an object"):
            tensor = tensors.get(f"{name}.{key}")
            t = types.get(tensor_type(key))
            plain = np.int32 if key in INTEGERS else np.float64 if doubles else np.float32
            if tensor is None or tensor.shape != sizes(entry["tensors"][key]) or tensor.dtype != (t.dtype if t else plain):
                raise entry.refuse(f"the weight file has no fitting tensor {name}.{key}", "convert the model again")
            own[key] = tensor if t is None else tensor.astype(np.int64)
            if t is not None and np.any((own[key] < t.least) | (own[key] > t.greatest)):
                raise entry.refuse(f"{name}.{key} in the weight file has an integer that is none of {t}", "convert the model again")
        given = {key: as_number(entry["numbers"][key]) for key in numbers_of(kind) if entry["numbers"].has(key)}
        reads = entry["inputs"].texts()
        unknown = [read for read in reads if read not in values]
        if unknown or not reads or name in values:
            cause = f"nothing before is named {unknown[0]!r}" if unknown else "the layer reads nothing or has another's name"
            raise entry["inputs"].refuse(cause, "use the kaon that converted the model")
        values[name] = f"layer/{name}"
        read = [values[value] for value in reads]
        nodes.append(Node(kind, read, values[name], name, own, complete(entry, kind, given), sizes(entry["shape"]), entry["source"].text(), types))
        if kind == "forest":
            shapes = {p.name: p.shape for p in inputs} | {n.output: n.shape for n in nodes}
            check_forest(entry.path, nodes[-1], shapes[read[0]])
        if fixed:
            nodes[-1].tables, nodes[-1].variant, nodes[-1].tile = tables_in(entry), variant_in(entry), tile_in(entry, nodes[-1])
    if not nodes:
        raise content["layers"].refuse("the list is empty", "convert the model again")
    outputs = [Port(p["name"].text(), sizes(p["shape"]), texts(p, "class_names"), scalar(p["scalar"])) for p in content["outputs"]]
    graph = Graph(inputs, outputs, nodes, content.path)
    for entry, output in zip(content["outputs"], outputs):
        writer = next((n for n in nodes if n.name == entry["reads"].text() and n.output == values[n.name]), None)
        if writer is None:
            raise entry["reads"].refuse("no layer of that name, or another output reads it", "use the kaon that converted the model")
        writer.output = output.name
        for node in nodes:
            node.inputs = [output.name if value == values[writer.name] else value for value in node.inputs]
    if content["scalar"].text() != scalar_of(graph) or (fixed and any(value_types(graph).get(p.name) != p.type for p in outputs)):
        raise content["scalar"].refuse("it is not what the layers and their types give", "convert the model again")
    return graph


def types_in(entry: Field) -> dict[str, Fixed]:
    """Reads the types that a layer names."""
    listed = entry["types"].of(dict, "an object")
    unknown = next((key for key in listed if key not in (*TYPES, "input")), None)
    if unknown is not None:
        raise entry["types"].refuse(f"no type of {unknown!r}", "use the kaon that converted the model")
    texts = {key: entry["types"][key] for key in TYPES if key in listed}
    return {key: parse(field.path, field.text()) for key, field in texts.items() if field.value != EXACT}


def tables_in(entry: Field) -> dict[str, Table]:
    """Reads the tables of a layer."""
    if not entry.has("tables"):
        return {}
    listed = {what: entry["tables"][what] for what in entry["tables"].of(dict, "an object")}
    result = {}
    for what, field in listed.items():
        t, size = parse(field["type"].path, field["type"].text()), field["size"].integer()
        values = tuple(item.integer() for item in field["values"]) if field.has("values") else None
        if what not in TABLES or not 2 <= size <= LARGEST_TABLE or size & (size - 1) or (values is not None and len(values) != size):
            raise field.refuse("it is no table, or none of its size", "convert the model again")
        if values is not None and not all(t.least <= value <= t.greatest for value in values):
            raise field.refuse(f"an entry is none of {t}", "convert the model again")
        result[what] = Table(t, size, values)
    return result


def variant_in(entry: Field) -> str:
    variant = entry.get("variant", "").text()
    if variant not in ("", *SOFTMAX_VARIANTS):
        raise entry["variant"].refuse(f"no variant {variant!r}", "use the kaon that converted the model")
    return variant


def tile_in(entry: Field, node: Node) -> Tile | None:
    """Reads how much of a layer is computed at once."""
    if not entry.has("tile"):
        return None
    tile = sizes(entry["tile"])
    size = node.tensors["weights"].shape if node.kind == "dense" else (1, node.shape[-1] if node.shape else 0)
    if len(tile) != 2 or len(size) != 2 or not all(tile) or size[0] % tile[1] or size[1] % tile[0]:
        raise entry["tile"].refuse("it does not divide the layer's outputs and inputs", "convert the model again")
    return tile[0], tile[1]


def numbers_of(kind: str) -> tuple[str, ...]:
    return NUMBERS.get(kind, SIZES.get(kind, ()))


def as_number(field: Field) -> float:
    if isinstance(field.value, bool) or not isinstance(field.value, (int, float)) or not math.isfinite(field.value):
        raise field.refuse("expected a finite number", "convert the model again")
    return float(field.value)


def complete(entry: Field, kind: str, given: dict[str, float]) -> dict[str, float]:
    """Returns a layer's numbers; a bound of clip that the manifest does not have is infinite."""
    bounds = {"lowest": -math.inf, "highest": math.inf} if kind == "clip" else {}
    numbers = bounds | given
    missing = [key for key in numbers_of(kind) if key not in numbers]
    if missing:
        raise entry["numbers"].refuse(f"the number {missing[0]!r} is missing", "convert the model again")
    return numbers


def sizes(field: Field) -> tuple[int, ...]:
    result = tuple(item.integer() for item in field)
    if any(size < 1 for size in result):
        raise field.refuse("a size is not positive")
    return result


def scalar(field: Field) -> str:
    if "<" in field.text():
        return str(parse(field.path, field.text()))
    if field.text() not in SCALARS:
        raise field.refuse(f"no scalar {field.text()!r}", "use the kaon that converted the model")
    return field.text()


def texts(field: Field, key: str) -> list[str] | None:
    return field[key].texts() if field.has(key) else None


def check_format(content: Field) -> None:
    """Refuses a manifest of another program or of a later format."""
    if content.get("format", "").value != FORMAT:
        raise Refused(content.path, "it is not the manifest of a kaon model", "give a folder that kaon convert wrote")
    version = content["format_version"].integer()
    if version != FORMAT_VERSION:
        raise Refused(content.path, f"its format version is {version}, not {FORMAT_VERSION}", "convert the model again")
