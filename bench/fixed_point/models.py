"""The networks of the fixed-point bench: what they compute, their events, and the integers that every engine must give."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from kaon import importers, passes
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fixed import Fixed
from kaon.graph import Graph, Node, Port
from kaon.native.bench_program import EVENTS

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("KAON_MODELS", ROOT.parent / "shared" / "models"))
SEED = 20

sys.path += [str(ROOT / "bench" / "dense"), str(ROOT / "tools" / "kaon" / "tests")]
from axol1tl import axol1tl, vectors  # noqa: E402
from networks import NETWORKS  # noqa: E402

Made = tuple[Graph, np.ndarray, np.ndarray]
"""A graph that went through the passes, raw events [EVENTS][inputs], and a reference's raw outputs of the first of them (or none)."""


@dataclass(frozen=True)
class Model:
    """A network of the bench."""

    name: str
    title: str
    make: Callable[[], Made]
    step: str
    """What its sums are made of: a struct of harness/integer_steps.hpp."""
    folder: str = ""
    """Of MODELS, what it needs."""
    is_exact: bool = False
    """Its sums are exact: interpreters of adder graphs take it."""

    @property
    def missing(self) -> str:
        """Why it cannot be run; nothing where it can."""
        absent = self.folder and not (MODELS / self.folder).is_dir()
        return f"no {self.folder} under {MODELS}: KAON_MODELS names the folder of reference models" if absent else ""


def jets(softmax: bool = False) -> Made:
    """The jet network of bench/dense in hls4ml's default type: each product is cut to it, sums wrap; softmax by hls4ml's standard tables."""
    default = Fixed(16, 6)
    numbers = np.random.default_rng(SEED)
    shapes = next(network for network in NETWORKS if network.name == "jets").shapes
    nodes: list[Node] = []
    value = "features"
    for index, (inputs, outputs) in enumerate(shapes):
        tensors = {"weights": (numbers.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)).astype(np.float32),
                   "bias": (0.1 * numbers.standard_normal(outputs)).astype(np.float32)}
        last = index + 1 == len(shapes)
        output = "scores" if last and not softmax else f"sums_{index}"
        types = {key: default for key in ("weights", "bias", "accumulator", "result")}
        nodes.append(Node("dense", [value], output, f"dense_{index}", tensors, types=types))
        value = output
        if not last:
            value = f"values_{index}"
            nodes.append(Node("relu", [output], value, types={"result": default}))
    if softmax:
        nodes.append(Node("softmax", [value], "scores", types={"result": default}))
    graph = Graph([Port("features", (shapes[0][0],), scalar=str(default))], [Port("scores", (shapes[-1][1],))], nodes, "jets")
    passes.run(graph)
    return graph, default.of_values(numbers.standard_normal((EVENTS, shapes[0][0]))), np.empty((0, shapes[-1][1]))


def jet_int() -> Made:
    """Integers of 6 and 8 bits, exact sums, from QONNX."""
    folder = MODELS / "jet-int"
    graph = importers.read(folder / "jet.onnx").graph
    passes.run(graph)
    rows = np.load(folder / "jet.npz")
    return graph, rows["x"][:EVENTS].astype(np.int64), rows["y_raw"][:EVENTS]


def anomaly() -> Made:
    """AXOL1TL v1 up to the 13 numbers that its score is made of; after the rows of the reference, rows with inputs exchanged between them."""
    folder = MODELS / "cms-hls4ml" / "AXOL1TL_v1"
    graph = axol1tl(folder)
    graph.outputs = graph.outputs[:1]
    passes.run(graph)
    given, mu, _ = vectors(folder)
    pick = np.random.default_rng(SEED).integers(len(given), size=(EVENTS - len(given), given.shape[1]))
    return graph, np.concatenate([given, np.take_along_axis(given, pick, axis=0)]), mu


MODELS_OF_THE_BENCH = (
    Model("jets", "16-64-32-32-5 in fixed<16,6>, each product cut", jets, "rounded_products"),
    Model("jets_softmax", "the same with softmax by tables", partial(jets, True), "rounded_products"),
    Model("jet_int", "16-64-32-32-5 of jet-int, 6-bit weights, 8-bit values, exact sums", jet_int, "dot_products", "jet-int", True),
    Model("anomaly", "AXOL1TL v1 57-32-16-13, each product cut", anomaly, "short_products", "cms-hls4ml/AXOL1TL_v1"),
)


def expected(graph: Graph, events: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Returns raw outputs by the package's evaluator, which must have the reference's bits."""
    outputs = evaluate_fixed(graph, {graph.inputs[0].name: events})[graph.outputs[0].name]
    np.testing.assert_array_equal(outputs[:len(reference)], reference)
    return outputs


def in_floats(graph: Graph, values: np.ndarray) -> np.ndarray:
    """Returns what the same weights give without any rounding, in double precision."""
    dense = [node for node in graph.nodes if node.kind == "dense"]
    for node in dense:
        values = values @ node.values("weights").astype(np.float64) + node.values("bias").astype(np.float64)
        if node is not dense[-1]:
            values = np.maximum(values, 0)
    if graph.nodes[-1].kind == "softmax":
        values = np.exp(values - values.max(axis=1, keepdims=True))
        values /= values.sum(axis=1, keepdims=True)
    return values
