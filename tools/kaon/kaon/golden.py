"""Golden vectors: seeded inputs and what the float64 evaluator gives for them."""

from __future__ import annotations

import numpy as np

from kaon.evaluate import evaluate
from kaon.graph import Graph, Port

GOLDEN_ROWS = 64
GOLDEN_SEED = 20180406
RANDOM_SEED = 71828


def inputs(graph: Graph, rows: int, seed: int) -> dict[str, np.ndarray]:
    """Returns `rows` events for every input; the first event is all zeros.

    Floats are normal, as wide as scales() says; integers are uniform over the rows of the embeddings that read them.
    """
    generator = np.random.default_rng(seed)
    drawn = {}
    for port in graph.inputs:
        if port.scalar == "float":
            values = generator.standard_normal((rows, *port.shape)) * scales(graph, port)
        else:
            known = min((len(node.tensors["weights"]) for node in graph.embeddings_of(port)), default=1)
            values = generator.integers(0, known, (rows, *port.shape))
        values[0] = 0
        drawn[port.name] = values.astype(port.dtype)
    return drawn


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
            size = np.sqrt(np.mean(node.tensors["weights"].astype(np.float64) ** 2, axis=1) * len(scale))
            scale = np.minimum(scale, 1.0 / np.maximum(size, 1.0))
    return scale.reshape(port.shape)


def golden(graph: Graph) -> dict[str, np.ndarray]:
    """Returns the arrays of NAME.golden.npz: 'input/NAME' float32 and 'output/NAME' float64, rows of events."""
    events = inputs(graph, GOLDEN_ROWS, GOLDEN_SEED)
    results = evaluate(graph, events)
    return {f"input/{k}": v for k, v in events.items()} | {f"output/{k}": v for k, v in results.items()}
