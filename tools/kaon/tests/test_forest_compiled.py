"""Forests compiled: splits by category, vector leaves, e^x, and fixed point, as constants and from weight files."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.convert import write
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fixed import Fixed
from kaon.forest import Tree, forest_node
from kaon.golden import golden, inputs, raw_inputs
from kaon.graph import Graph, Node, Port

FEATURES = 6


def random_tree(random: np.random.Generator, depth: int, categories: bool, outputs: int) -> Tree:
    """Returns a tree whose branches end at random; features are eighths, or categories below 70."""
    rows: list[list[float]] = []
    sets: dict[int, np.ndarray] = {}

    def grow(level: int) -> int:
        here = len(rows)
        rows.append([-1, -1, -1, float(random.integers(-500, 500)) / 256, 0])
        if level < depth and random.random() < 0.8:
            rows[here][2:] = [random.integers(FEATURES), float(random.integers(-16, 16)) / 8, random.integers(2)]
            if categories and random.random() < 0.4:
                sets[here] = np.flatnonzero(random.random(70) < 0.3)
            rows[here][:2] = grow(level + 1), grow(level + 1)
        return here

    grow(0)
    left, right, features, values, missing = np.array(rows).T
    leaves = random.integers(-500, 500, (len(rows), outputs)) / 256 if outputs > 1 else None
    return Tree(left.astype(int), right.astype(int), features.astype(int), values, missing != 0, sets, leaves)


def package(tmp_path, name: str, forest: Node, link: str | None, scalar: str = "float") -> kaon.Package:
    """Converts a graph of a forest and a link."""
    nodes = [forest] + ([Node(link, ["sums"], "y")] if link else [])
    forest.output = "sums" if link else "y"
    graph = Graph([Port("x", (FEATURES,), scalar=scalar)], [Port("y", (len(forest.tensors["base"]),))], nodes, name)
    passes.run(graph)
    return write(tmp_path / name, name, "test", importers.Source("sklearn", b"", graph), golden(graph))


@pytest.mark.parametrize(("name", "depth", "or_equal", "outputs", "link"), [("shallow", 4, False, 1, "exponential"), ("deep", 9, True, 3, "softmax")])
def test_float(tmp_path, random, weight_files, name, depth, or_equal, outputs, link):
    trees = [random_tree(random, depth, True, outputs) for _ in range(9)]
    made = package(tmp_path, name, forest_node("m", trees, np.arange(outputs), depth, or_equal, ["x"], "sums", "", True), link)
    assert kaon.check(made.directory, rows=300).passed
    x = inputs(made.graph, 300, 5)["x"]
    one = kaon.run(made.directory, x)["y"]
    np.testing.assert_allclose(one, evaluate(made.graph, {"x": x})["y"], rtol=1e-5)
    if outputs > 1:
        np.testing.assert_array_equal(one, kaon.run(made.directory, x, weights="file")["y"])


def by_hand(trees: list[Tree], x: np.ndarray, weights: Fixed, bias: Fixed, total: Fixed) -> np.ndarray:
    """Walks trees over values as exact multiples; returns raw integers of the sum."""
    sums = []
    for event in x:
        raw = 0
        for tree in trees:
            node = 0
            while tree.left[node] >= 0:
                threshold = weights.to_values(weights.of_values(tree.values[[node]]))[0]
                node = int((tree.left if event[tree.features[node]] <= threshold else tree.right)[node])
            raw += int(total.of_raw(bias.of_values(tree.values[[node]]), bias.fraction)[0])
        sums.append(raw)
    return total.format().overflown(np.array(sums, object))


def test_fixed(tmp_path, random, weight_files):
    """Thresholds finer and wider than inputs, sums that wrap, and exact ones: every bit."""
    depth, total = 7, Fixed(7, 3, True, "round")
    trees = [random_tree(random, depth, False, 1) for _ in range(9)]
    node = forest_node("m", trees, np.zeros(1), depth, True, ["x"], "sums", "", False)
    weights, bias = Fixed(6, 3, True, "round", "saturate"), Fixed(12, 4)
    node.types = {"weights": weights, "bias": bias}
    exact = Graph([Port("x", (FEATURES,), scalar="fixed<5,3>")], [Port("sums", (1,))], [copy.deepcopy(node)], "exact")
    passes.run(exact)
    node.types["accumulator"] = total
    made = package(tmp_path, "wrapping", node, None, "fixed<5,3>")
    graph = made.graph
    assert kaon.check(made.directory, rows=300).passed
    events = inputs(graph, 300, 5)
    expected = evaluate_fixed(graph, raw_inputs(graph, events))["y"]
    assert expected[:, 0].tolist() == by_hand(trees, events["x"], weights, bias, total).tolist()
    unrounded = evaluate_fixed(exact, raw_inputs(exact, events))["sums"]
    assert unrounded[:, 0].tolist() == by_hand(trees, events["x"], weights, bias, Fixed(17, 9)).tolist() and exact.outputs[0].scalar == "fixed<17,9>"
    for way in ("constant", "file"):
        np.testing.assert_array_equal(kaon.run(made.directory, events["x"], weights=way, raw=True)["y"], expected)
