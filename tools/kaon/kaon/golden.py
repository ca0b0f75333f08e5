"""Golden vectors: seeded inputs and what the float64 evaluator gives for them."""

from __future__ import annotations

import numpy as np

from kaon.evaluate import evaluate
from kaon.graph import Graph

GOLDEN_ROWS = 64
GOLDEN_SEED = 20180406
RANDOM_SEED = 71828


def inputs(graph: Graph, rows: int, seed: int) -> dict[str, np.ndarray]:
    """Returns `rows` standard normal float32 events for every input; the first event is all zeros."""
    generator = np.random.default_rng(seed)
    drawn = {p.name: generator.standard_normal((rows, *p.shape)).astype(np.float32) for p in graph.inputs}
    for array in drawn.values():
        array[0] = 0.0
    return drawn


def golden(graph: Graph) -> dict[str, np.ndarray]:
    """Returns the arrays of NAME.golden.npz: 'input/NAME' float32 and 'output/NAME' float64, rows of events."""
    events = inputs(graph, GOLDEN_ROWS, GOLDEN_SEED)
    results = evaluate(graph, events)
    return {f"input/{k}": v for k, v in events.items()} | {f"output/{k}": v for k, v in results.items()}
