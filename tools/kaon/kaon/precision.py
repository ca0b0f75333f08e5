"""Fixed point in a graph: which type every value has, and numbers as raw integers.

An importer leaves float numbers, names types where the source states them (Node.types, Port.scalar), and writes a conversion of a
value as an identity that names a result. Afterwards every input and output has a type, and tensors hold raw integers of theirs.
"""

from __future__ import annotations

import math

import numpy as np

from kaon import fixed
from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.forest import part_leaves, terms_of
from kaon.graph import INTEGERS, Graph, Node, tensor_type
from kaon.tables import BELOW_ZERO, CENTRED, SELU_SLOPE, STANDARD, STANDARD_SIZE, STANDARD_SOFTMAX, Table, limited, unsigned

ROUNDED = (
    *("dense", "identity", "relu", "add", "multiply", "clip", "leaky_relu", "prelu", "scaler", "softmax"),
    *("forest", "hard_sigmoid", "hard_silu", *BELOW_ZERO, *CENTRED),
)
"""Layers that may round what they give."""

LAYERS = (*ROUNDED, "concat", "embedding", "reshape", "slice")
"""Layers that the C++ library has in fixed point."""

EXACT = "exact"
"""How a manifest says that nothing is rounded."""


def merge_conversions(graph: Graph) -> None:
    """Lets inputs and layers give a type themselves where all that reads them is a conversion to it."""
    for port in graph.inputs:
        readers = graph.consumers(port.name)
        types = {node.types.get("result") if node.kind == "identity" else None for node in readers}
        if port.scalar == "float" and len(types) == 1 and None not in types:
            port.scalar = str(types.pop())
            for node in readers:
                if not graph.is_output(node.output):
                    remove(graph, node)
    for node in [n for n in graph.nodes if n.kind == "identity" and "result" in n.types]:
        before = graph.producer(node.inputs[0])
        alone = before is not None and graph.consumers(before.output) == [node] and not graph.is_output(before.output)
        if before is not None and alone and before.kind in ROUNDED and "result" not in before.types:
            before.types["result"] = node.types["result"]
            before.origin = f"{before.origin} + {node.origin}"
            if graph.is_output(node.output):
                graph.nodes.remove(node)
                before.output = node.output
                for reader in graph.nodes:
                    reader.inputs = [before.output if value == node.inputs[0] else value for value in reader.inputs]
            else:
                remove(graph, node)


def remove(graph: Graph, node: Node) -> None:
    """Takes a node out: its readers read what it read."""
    graph.nodes.remove(node)
    for reader in graph.nodes:
        reader.inputs = [node.inputs[0] if value == node.output else value for value in reader.inputs]


def complete(graph: Graph) -> None:
    """Gives a graph in fixed point the types that follow, and makes its numbers raw integers. Refuses what has no such layer."""
    if not graph.is_fixed:
        return
    for node in graph.nodes:
        if node.kind == "forest":
            part_leaves(node)
    join_equal_types(graph)
    value_types(graph)
    for node in graph.nodes:
        for key, tensor in node.tensors.items():
            if key in INTEGERS:
                continue
            t = node.types[tensor_type(key)]
            if np.issubdtype(tensor.dtype, np.floating):
                node.tensors[key] = t.of_values(tensor)
        for what in ("weights", "bias"):
            if node.tensors and what in node.types:  # numbers that are rounded once and for all
                node.types[what] = node.types[what].format()
    types = value_types(graph)
    for port in graph.outputs:
        port.scalar = str(types[port.name])
    for port in (*graph.inputs, *graph.outputs):
        if port.type is not None and not port.type.is_stored:
            raise Refused(f"{graph.place}, {port.name!r}", f"its type {port.scalar} has over {fixed.STORED_WIDTH} bits", "round it to a narrower one")


def value_types(graph: Graph) -> dict[str, Fixed]:
    """Returns the type of every value that is in fixed point. Layers with numbers get types for them where they have none."""
    types: dict[str, Fixed] = {}
    for port in graph.inputs:
        if port.type is not None:
            types[port.name] = port.type
        elif port.scalar == "float":
            raise Refused(f"{graph.place}, input {port.name!r}", "it has no fixed-point type, other parts of the model have", "quantise the input")
    for node in graph.nodes:
        place = f"{graph.place}, {node.origin or node.kind} {node.name!r}"
        if node.kind not in LAYERS:
            raise Refused(place, f"no layer of kind {node.kind!r} in fixed point", f"in fixed point there are: {', '.join(LAYERS)}")
        read = [types[value] for value in node.inputs if value in types]
        if len(read) != len(node.inputs) and node.kind != "embedding":
            if not read:  # integers that are passed on
                continue
            raise Refused(place, "it reads integers beside fixed-point numbers", "export the model again")
        computed = computed_type(place, node, read)
        types[node.output] = node.types.get("result", computed)
    return types


def computed_type(place: str, node: Node, read: list[Fixed]) -> Fixed:
    """Returns the type of what a layer computes, before its result is rounded."""
    try:
        if node.kind == "embedding":
            return give_type(place, node, "weights", "weights", 0)
        if node.kind == "dense":
            return sum_type(place, node, read[0])
        if node.kind == "forest":
            return forest_sum_type(place, node)
        if node.kind == "scaler":
            weights = give_type(place, node, "weights", "scale", 0)
            products = fixed.product(read[0], weights)
            return fixed.total(products, give_type(place, node, "bias", "offset", products.fraction))
        if node.kind in ("prelu", "leaky_relu"):
            slope = give_type(place, node, "weights", "slope", 0) if node.kind == "prelu" else number_type(node, "slope")
            return fixed.total(read[0], fixed.product(slope, read[0]))
        if node.kind in ("hard_sigmoid", "hard_silu"):
            line = fixed.total(fixed.product(number_type(node, "slope"), read[0]), number_type(node, "offset"))
            return line if node.kind == "hard_sigmoid" else fixed.product(read[0], line)
        if node.kind in BELOW_ZERO:
            below = node.tables.setdefault("table", Table(STANDARD, STANDARD_SIZE)).type
            if node.kind == "elu":
                return fixed.total(fixed.product(number_type(node, "alpha"), below), read[0])
            return fixed.total(fixed.product(node.types.setdefault("weights", SELU_SLOPE), read[0]), below)
        if node.kind in CENTRED:
            return node.tables.setdefault("table", Table(STANDARD, STANDARD_SIZE)).type
        if node.kind == "softmax":
            return softmax_type(node, read[0])
        result = read[0]
        for other in read[1:] if node.kind in ("add", "multiply") else []:
            result = (fixed.total if node.kind == "add" else fixed.product)(result, other)
        return result
    except Refused as error:
        raise error if error.place.startswith(place) else Refused(place, f"its exact result: {error.cause}", "name a type for the values before it") from error


def number_type(node: Node, key: str) -> Fixed:
    """Returns the type of a number that is a part of a layer's type; where none is named: 16 bits of it from its first on, to nearest."""
    return node.types.setdefault(tensor_type(key), leading_bits(node.numbers[key]))


def leading_bits(value: float) -> Fixed:
    if value == 0:
        return Fixed(1, 1, False)
    integer = math.frexp(abs(value))[1]
    raw = Fixed(17, integer + 1, False, "round").of_values(np.array(abs(value)))
    exact = fixed.exact("number", Fixed(17, integer + 1, False).to_values(raw), 0)
    return Fixed(exact.width, exact.integer, True, "round", "saturate")


def softmax_type(node: Node, x: Fixed) -> Fixed:
    """Gives softmax what it has in hls4ml where nothing is named; returns the type of its products."""
    node.variant = node.variant or "stable"
    if node.variant == "argmax":
        return Fixed(1, 1, False)
    if node.variant == "legacy":
        standard = Table(STANDARD, limited(limited(STANDARD_SIZE, x.width), STANDARD.width))
        node.tables.setdefault("exp_table", standard)
        return node.tables.setdefault("inv_table", standard).type
    total = node.types.setdefault("accumulator", STANDARD_SOFTMAX)
    asked = node.types.setdefault("inv_input", STANDARD_SOFTMAX)
    norm = node.types.setdefault("norm_input", unsigned(x)) if node.variant == "stable" else x
    size = limited(STANDARD_SIZE, x.width)
    node.tables.setdefault("exp_table", Table(STANDARD_SOFTMAX, limited(limited(size, STANDARD_SOFTMAX.width), norm.width)))
    inverses = node.tables.setdefault("inv_table", Table(STANDARD_SOFTMAX, limited(limited(size, STANDARD_SOFTMAX.width), asked.width)))
    return fixed.product(total, inverses.type)


def sum_type(place: str, node: Node, x: Fixed) -> Fixed:
    products = fixed.product(x, give_type(place, node, "weights", "weights", 0))
    bias = give_type(place, node, "bias", "bias", products.fraction)
    named = node.types.get("accumulator")
    refuse_saturation(place, named)
    return named or fixed.accumulated(products, node.tensors["weights"].shape[0], bias)


def refuse_saturation(place: str, accumulator: Fixed | None) -> None:
    if accumulator is not None and accumulator.overflow != "wrap":
        cause = f"its accumulator {accumulator} saturates: the sum would depend on the order of its terms"
        raise Refused(place, cause, "name one that wraps")


def forest_sum_type(place: str, node: Node) -> Fixed:
    """Returns the type of a forest's sums; gives its thresholds, and its leaves and base, types that have all of them."""
    if "sets" in node.tensors:
        raise Refused(place, "it splits by category, which fixed point does not", "convert it in floating point")
    give_type(place, node, "weights", "values", 0)
    if "bias" not in node.types:
        added = np.concatenate([node.tensors["leaves"].reshape(-1), node.tensors["base"]])
        node.types["bias"] = fixed.exact(f"{place}, bias", added, 0)
    bias = give_type(place, node, "bias", "leaves", 0)
    named = node.types.get("accumulator")
    refuse_saturation(place, named)
    return named or fixed.accumulated(bias, terms_of(node), bias)


def give_type(place: str, node: Node, key: str, tensor: str, fraction: int) -> Fixed:
    """Returns the type of a layer's weights or bias; the least that has all of a tensor where none is named. fraction: of zeros."""
    if key not in node.types:
        node.types[key] = fixed.exact(f"{place}, {key}", node.tensors[tensor], fraction)
    if not node.types[key].is_stored:
        raise Refused(f"{place}, {key}", f"their type {node.types[key]} has over {fixed.STORED_WIDTH} bits", "name a narrower one")
    return node.types[key]


def join_equal_types(graph: Graph) -> None:
    """Puts conversions before what joins values of several types."""
    for node in [n for n in graph.nodes if n.kind == "concat"]:
        before = Graph(graph.inputs, [], graph.nodes[: graph.nodes.index(node)], graph.place)
        types = value_types(before)
        read = [types[value] for value in node.inputs if value in types]
        if len(set(read)) < 2:
            continue
        wide = fixed.joined(read)
        for position, value in enumerate(node.inputs):
            if types[value] != wide:
                output = f"{value} as {wide} for {node.output}"
                made = Node("identity", [value], output, f"{node.name}_part_{position}", shape=node.shape, origin=node.origin)
                made.types["result"] = wide
                made.shape = shape_of(graph, value)
                graph.nodes.insert(graph.nodes.index(node), made)
                node.inputs[position] = output


def shape_of(graph: Graph, value: str) -> tuple[int, ...]:
    node = graph.producer(value)
    if node is not None:
        return node.shape
    return next(tuple(extent or 0 for extent in p.shape) for p in graph.inputs if p.name == value)
