"""The reference in fixed point: a graph evaluated in exact integers with numpy, independent of the C++ library."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from kaon import fixed, tables
from kaon.fixed import Fixed, native
from kaon.forest import forest_sums, terms_of
from kaon.graph import SIZES, Graph, Node
from kaon.precision import value_types
from kaon.tables import SELU_GAMMA, look_up_below_zero, look_up_centred

PRODUCTS = 1 << 22
"""Products that are held at a time."""


def evaluate_fixed(graph: Graph, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Evaluates a graph in fixed point on rows of events.

    inputs: for each input raw integers [rows][...], or plain ones where it takes integers; returns raw integers of the outputs' types.
    """
    types = value_types(graph)
    values = {port.name: np.asarray(inputs[port.name]) for port in graph.inputs}
    for node in graph.nodes:
        read = [values[value] for value in node.inputs]
        if node.kind == "embedding":
            values[node.output] = convert(node, embedding(node, read[0]), node.types["weights"])
        elif all(value in types for value in node.inputs):
            values[node.output] = convert(node, *OPERATIONS[node.kind](node, read, [types[value] for value in node.inputs]))
        else:
            values[node.output], _ = OPERATIONS[node.kind](node, read, [])
    return {port.name: values[port.name] for port in graph.outputs}


def convert(node: Node, raw: np.ndarray, t: Fixed | None) -> np.ndarray:
    """Rounds what a layer computed to its result's type, if it names one."""
    result = node.types.get("result")
    return raw if result is None or t is None else result.of_raw(raw, t.fraction)


Computed = tuple[np.ndarray, Fixed | None]
"""Raw integers, and the type whose fraction they have."""


def dense(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """Sums of products: exact, or each product converted to the accumulator's type and the sums wrapped."""
    x, weights, bias = read[0], node.tensors["weights"], node.tensors["bias"]
    product = fixed.product(types[0], node.types["weights"])
    accumulator = node.types.get("accumulator")
    if accumulator is None:
        t = fixed.accumulated(product, len(weights), node.types["bias"])
        x, weights, bias = (roomy_for(t, raw) for raw in (x, weights, bias))
        return native((x @ weights) * shifted(t, product) + bias * shifted(t, node.types["bias"])), t
    rows = max(1, PRODUCTS // weights.size)
    parts = [accumulated(x[i : i + rows], weights, product, accumulator) for i in range(0, max(1, len(x)), rows)]
    sums = np.concatenate(parts) + accumulator.of_raw(bias, node.types["bias"].fraction).astype(object)
    return Fixed(accumulator.width, accumulator.integer, accumulator.is_signed).of_raw(sums, accumulator.fraction), accumulator


def shifted(t: Fixed, own: Fixed) -> int:
    """Returns what raw integers of `own` are multiplied with to have the fraction of t."""
    return 1 << (t.fraction - own.fraction)


def roomy_for(t: Fixed, raw: np.ndarray) -> np.ndarray:
    """Returns raw integers from which those of t can be computed without overflow."""
    return raw.astype(object if t.width > fixed.NATIVE_BITS else np.int64)


def accumulated(x: np.ndarray, weights: np.ndarray, product: Fixed, accumulator: Fixed) -> np.ndarray:
    products = roomy_for(product, x)[:, :, None] * roomy_for(product, weights)[None]
    converted = accumulator.of_raw(products, product.fraction)
    growth = accumulator.width + math.ceil(math.log2(len(weights) + 1))
    return (converted.astype(object) if growth > fixed.NATIVE_BITS else converted).sum(axis=1)


def forest(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """Sums of leaves: exact, or each leaf converted to the accumulator's type and the sums wrapped. Comparisons are of the values."""
    thresholds, bias, x = node.types["weights"], node.types["bias"], read[0]
    fine = max(types[0].fraction, thresholds.fraction)
    common = Fixed(1 + fine + max(types[0].integer, thresholds.integer), 1 + max(types[0].integer, thresholds.integer))
    x, limits = (roomy_for(common, raw) << (fine - t.fraction) for raw, t in ((x, types[0]), (node.tensors["values"], thresholds)))
    accumulator = node.types.get("accumulator")
    t = accumulator or fixed.accumulated(bias, terms_of(node), bias)
    summed = Fixed(t.width, t.integer, t.is_signed)
    leaves, base = ((t if accumulator else summed).of_raw(node.tensors[key], bias.fraction) for key in ("leaves", "base"))
    return summed.of_raw(forest_sums(node, x, limits, roomy_for(wider(t, node), leaves), base), t.fraction), t


def wider(t: Fixed, node: Node) -> Fixed:
    """Returns a type in which no sum of a forest's leaves wraps."""
    growth = terms_of(node).bit_length() + 1
    return Fixed(min(t.width + growth, fixed.MAXIMUM_WIDTH), t.integer + growth)


def embedding(node: Node, x: np.ndarray) -> np.ndarray:
    """Rows of a table; zeros for integers that are none of its rows."""
    table = node.tensors["weights"]
    known = (x >= 0) & (x < len(table))
    return np.where(known[..., None], table[np.where(known, x, 0)], 0)


def relu(_: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    return np.maximum(read[0], 0), types[0]


def add(_: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    t = reduce(fixed.total, types)
    return native(reduce(np.add, [roomy_for(t, raw) * shifted(t, own) for raw, own in zip(read, types)])), t


def multiply(_: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    t = reduce(fixed.product, types)
    return native(reduce(np.multiply, [roomy_for(t, raw) for raw in read])), t


def concat(_: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    return np.concatenate(read, axis=-1), types[0] if types else None


def part(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    first, count = (int(node.numbers[key]) for key in SIZES["slice"])
    return read[0][:, first : first + count], types[0] if types else None


def reshape(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    return read[0].reshape(len(read[0]), *node.shape), types[0] if types else None


def scaler(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    products = fixed.product(types[0], node.types["weights"])
    t = fixed.total(products, node.types["bias"])
    x, scale, offset = (roomy_for(t, raw) for raw in (read[0], node.tensors["scale"], node.tensors["offset"]))
    return native(x * scale * shifted(t, products) + offset * shifted(t, node.types["bias"])), t


def rectified(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """x above 0, slope x below: the slope a number of the layer, or one for each feature."""
    slope = node.types["weights"]
    products = fixed.product(slope, types[0])
    t = fixed.total(types[0], products)
    factors = node.tensors["slope"] if "slope" in node.tensors else np.array([raw_number(slope, node.numbers["slope"])])
    x = roomy_for(t, read[0])
    return native(np.maximum(x, 0) * shifted(t, types[0]) + np.minimum(x, 0) * roomy_for(t, factors) * shifted(t, products)), t


def clip(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """The bounds are the nearest that the input's format has."""
    t = types[0]
    nearest = Fixed(t.width, t.integer, t.is_signed, "round", "saturate")
    lowest, highest = (raw_number(nearest, node.numbers[key]) for key in ("lowest", "highest"))
    return np.minimum(np.maximum(read[0], lowest), highest), t


def hard_sigmoid(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """slope x + offset, held between 0 and the nearest to 1 that the sum's format has."""
    slope, offset = (raw_number(node.types[what], node.numbers[key]) for what, key in (("weights", "slope"), ("bias", "offset")))
    products = fixed.product(node.types["weights"], types[0])
    t = fixed.total(products, node.types["bias"])
    line = roomy_for(t, read[0]) * (slope * shifted(t, products)) + offset * shifted(t, node.types["bias"])
    one = raw_number(Fixed(t.width, t.integer, t.is_signed, "round", "saturate"), 1)
    return native(np.minimum(np.maximum(line, 0), one)), t


def hard_silu(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    gate, own = hard_sigmoid(node, read, types)
    t = fixed.product(types[0], own)
    return native(roomy_for(t, read[0]) * roomy_for(t, gate)), t


def exponential_unit(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    """elu: x above 0, alpha times the table's entry below; selu: gamma x above 0, the entry below."""
    table, weight = node.tables["table"], node.types["weights"]
    below = look_up_below_zero(node.kind, table, np.minimum(read[0], 0), types[0].fraction)
    number = raw_number(weight, node.numbers["alpha"] if node.kind == "elu" else SELU_GAMMA)
    scaled, kept = (table.type, types[0]) if node.kind == "elu" else (types[0], table.type)
    products = fixed.product(weight, scaled)
    t = fixed.total(products, kept)
    above = roomy_for(t, np.maximum(read[0], 0))
    low = roomy_for(t, below)
    factors, rest = (low, above) if node.kind == "elu" else (above, low)
    return native(factors * (number * shifted(t, products)) + rest * shifted(t, kept)), t


def raw_number(t: Fixed, value: float) -> int:
    """Returns the raw integer of a number that is a part of a layer's type."""
    return int(t.of_values(np.array([value]))[0])  # of one dimension: without any, numpy has no Python integers


def function(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    table = node.tables["table"]
    return look_up_centred(node.kind, table, read[0], types[0].fraction), table.type


def softmax(node: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    if node.variant == "argmax":
        return tables.argmax(read[0])
    if node.variant == "legacy":
        return tables.legacy_softmax(node.tables, read[0], types[0])
    return tables.softmax(node.types, node.tables, node.variant == "stable", read[0], types[0])


def identity(_: Node, read: list[np.ndarray], types: list[Fixed]) -> Computed:
    return read[0], types[0] if types else None


OPERATIONS: dict[str, Callable[[Node, list[np.ndarray], list[Fixed]], Computed]] = {
    "add": add,
    "clip": clip,
    "concat": concat,
    "dense": dense,
    "elu": exponential_unit,
    "forest": forest,
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": hard_silu,
    "identity": identity,
    "leaky_relu": rectified,
    "multiply": multiply,
    "prelu": rectified,
    "relu": relu,
    "reshape": reshape,
    "scaler": scaler,
    "selu": exponential_unit,
    "slice": part,
    "softmax": softmax,
    **dict.fromkeys(tables.CENTRED, function),
}
