"""Golden vectors: seeded inputs and what the evaluator gives for them, in float64 or in exact integers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fixed import Fixed
from kaon.forest import categories_of, features_asked
from kaon.graph import Graph, Node, Port

GOLDEN_ROWS = 64
GOLDEN_SEED = 20180406
RANDOM_SEED = 71828
LARGEST = np.finfo(np.float32).max


def inputs(graph: Graph, rows: int, seed: int) -> dict[str, np.ndarray]:
    """Returns `rows` events for every input; the first event is all zeros.

    Floats are normal, as wide as scales() says, or of a forest on and around its thresholds, some of them missing; integers are uniform over the rows of the embeddings that read them. Of fixed-point
    numbers every second event is such a normal one, the others take any value of the type, the extreme ones among them.
    """
    generator = np.random.default_rng(seed)
    drawn = {}
    for port in graph.inputs:
        if not port.is_integer:
            values = generator.standard_normal((rows, *port.shape)) * scales(graph, port)
            for node in graph.nodes:
                if node.kind == "forest" and port.name in node.inputs:
                    values = np.clip(around_thresholds(generator, node, values), -LARGEST, LARGEST)
            if port.type is not None:
                values = port.type.to_values(port.type.of_values(values))
                values[1::2] = uniform(generator, port.type, values[1::2].shape)
        else:
            known = min((len(node.tensors["weights"]) for node in graph.embeddings_of(port)), default=1)
            values = generator.integers(0, known, (rows, *port.shape))
        values[0] = 0
        drawn[port.name] = values.astype(port.dtype)
    return drawn


def around_thresholds(generator: np.random.Generator, node: Node, values: np.ndarray) -> np.ndarray:
    """Returns values for the features that a forest splits: thresholds of theirs, the next number of their type below or above, or in between.

    Of features that it splits by category: categories of its sets, their neighbours, what is none.
    """
    features, thresholds = node.tensors["features"], node.values("values")
    for feature in features_asked(node):
        categories = categories_of(node, feature)
        if len(categories):
            around = np.concatenate([categories, categories + 1, categories + 0.5, [-1, -0.5, categories[-1] + 64]])
            values[:, feature] = generator.choice(around, len(values))
        own = np.sort(thresholds[features == feature])
        if len(own) == 0:
            if len(categories) and "missing_left" in node.tensors:
                values[generator.integers(0, 8, len(values)) == 3, feature] = np.nan
            continue
        drawn = generator.choice(own, len(values))
        kind = generator.integers(0, 8, len(values))
        width = float(own[-1]) - float(own[0]) or abs(float(own[0])) or 1.0
        between = drawn + values[:, feature] * width / 4
        nudged = np.nextafter(drawn, np.where(kind == 1, -LARGEST, LARGEST), dtype=np.float64 if own.dtype == np.float64 and not node.types else np.float32)
        values[:, feature] = np.where(kind == 0, drawn, np.where(kind <= 2, nudged, between))
        if "missing_left" in node.tensors:
            values[kind == 3, feature] = np.nan
    return values


def uniform(generator: np.random.Generator, t: Fixed, shape: tuple[int, ...]) -> np.ndarray:
    """Returns values of a type that are drawn with equal probability, and its two extreme ones more often."""
    raw = generator.integers(t.least, t.greatest, shape, endpoint=True)
    kind = generator.integers(0, 16, shape)
    return t.to_values(t.of_raw(np.where(kind == 0, t.least, np.where(kind == 1, t.greatest, raw)), t.fraction))


def scales(graph: Graph, port: Port) -> np.ndarray | float:
    """Returns the standard deviation of each feature: 1, or less where a dense layer reads it with large weights.

    It is chosen so that each feature adds no more than its share to a variance of 1 of that layer's sums. A network that
    takes physical units has its standardisation in its first weights: for a feature that spreads over 0.01, events of width 1
    would lie hundreds of standard deviations out, and scores would show float32's rounding of logits in the hundreds.
    """
    scale = np.ones(port.size)
    flat = {port.name}
    for node in graph.nodes:
        if flat.isdisjoint(node.inputs):
            continue
        if node.kind == "reshape":
            flat.add(node.output)
        elif node.kind == "dense":
            size = np.sqrt(np.mean(node.values("weights").astype(np.float64) ** 2, axis=1) * len(scale))
            scale = np.minimum(scale, 1.0 / np.maximum(size, 1.0))
    return scale.reshape(port.shape)


def golden(graph: Graph) -> dict[str, np.ndarray]:
    """Returns the arrays of NAME.golden.npz: 'input/NAME' float32 (of a model in double float64) and 'output/NAME' float64, rows of events.

    Of a model in fixed point both are float64, and 'raw_input/NAME' and 'raw_output/NAME' are the raw integers, int64.
    """
    events = inputs(graph, GOLDEN_ROWS, GOLDEN_SEED)
    if not graph.is_fixed:
        return labelled("input", events) | labelled("output", evaluate(graph, events))
    raw = raw_inputs(graph, events)
    results = evaluate_fixed(graph, raw)
    values = labelled("input", events) | labelled("output", values_of(graph, results))
    return values | labelled("raw_input", raw) | labelled("raw_output", results)


def labelled(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def raw_inputs(graph: Graph, events: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns events as a graph in fixed point takes them: values rounded as the inputs' types say, integers as they are."""
    return {p.name: events[p.name] if p.type is None else p.type.of_values(events[p.name]) for p in graph.inputs}


def input_values(graph: Graph, raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the values of raw integers, float64; integers as they are."""
    return {p.name: raw[p.name] if p.type is None else p.type.to_values(raw[p.name]) for p in graph.inputs}


def values_of(graph: Graph, results: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the values of what a graph in fixed point gives, float64."""
    return {p.name: results[p.name] if p.type is None else p.type.to_values(results[p.name]) for p in graph.outputs}
