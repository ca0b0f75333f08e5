"""Inputs of several axes and of integers: reshapes and embeddings, from the internal graph to compiled numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.evaluate import evaluate
from kaon.graph import Graph, Node, Port


def f32(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32)


def jets(random: np.random.Generator) -> Graph:
    """A [3][4] image of tracks and five categories: two outputs, one of them of rank 2."""
    weights = f32(random.standard_normal((3 * 4 + 5 * 2, 6)))
    nodes = [
        Node("reshape", ["tracks"], "flat", shape=(-1,)),
        Node("embedding", ["kinds"], "rows", name="table", tensors={"weights": f32(random.standard_normal((7, 2)))}),
        Node("reshape", ["rows"], "row", shape=(10,)),
        Node("concat", ["flat", "row"], "all"),
        Node("dense", ["all"], "sums", name="fc", tensors={"weights": weights, "bias": f32(random.standard_normal(6))}),
        Node("relu", ["sums"], "positive"),
        Node("reshape", ["positive"], "pairs", shape=(3, -1)),
        Node("tanh", ["tracks"], "squeezed"),
    ]
    inputs = [Port("tracks", (3, 4)), Port("kinds", (5,), scalar="int64")]
    return Graph(inputs, [Port("pairs", (3, 2)), Port("squeezed", (3, 4))], nodes)


def convert(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> kaon.Package:
    monkeypatch.setattr(importers, "read", lambda path, *_: importers.Source("made", b"", graph))
    return kaon.convert("m.made", tmp_path / "m", name="m")


def test_image_and_categories(tmp_path, random, monkeypatch):
    package = convert(jets(random), tmp_path, monkeypatch)
    assert [node.kind for node in package.graph.nodes if node.kind == "reshape"] == ["reshape"] * 3
    assert "kaon::input<std::int64_t, 5>" in package.file("header").read_text()
    assert kaon.check(tmp_path / "m", rows=64).passed
    events = {"tracks": random.standard_normal((9, 3, 4)), "kinds": random.integers(-1, 8, (9, 5))}
    got = {w: kaon.run(tmp_path / "m", events, weights=w) for w in ("constant", "file")}
    table, fc = (next(n for n in package.graph.nodes if n.name == name).tensors for name in ("table", "fc"))
    known = (events["kinds"] >= 0) & (events["kinds"] < 7)
    rows = np.where(known[..., None], table["weights"][np.where(known, events["kinds"], 0)], 0)
    joined = np.concatenate([events["tracks"].reshape(9, 12), rows.reshape(9, 10)], axis=1)
    pairs = np.maximum(joined @ fc["weights"] + fc["bias"], 0).reshape(9, 3, 2)
    for outputs in got.values():
        np.testing.assert_allclose(outputs["pairs"], pairs, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(outputs["squeezed"], np.tanh(events["tracks"]), rtol=1e-5, atol=1e-6)
    batched = kaon.run(tmp_path / "m", events, batch=4)
    np.testing.assert_allclose(batched["pairs"], pairs, rtol=1e-5, atol=1e-5)


def test_golden_integers_are_rows_of_the_table(tmp_path, random, monkeypatch):
    package = convert(jets(random), tmp_path, monkeypatch)
    kinds = package.golden()[0]["kinds"]
    assert kinds.dtype == np.int64 and kinds.min() == 0 and kinds.max() == 6


def test_integers_that_are_none(tmp_path, random, monkeypatch):
    convert(jets(random), tmp_path, monkeypatch)
    events = {"tracks": np.zeros((2, 3, 4)), "kinds": np.array([[0, 1, 2, 3, 4], [0, 1.5, 2, 3, 4]])}
    with pytest.raises(kaon.Refused, match=r"row 1, column 1: 1.5 is no int64"):
        kaon.run(tmp_path / "m", events)
    events["kinds"] = np.zeros((2, 4))
    with pytest.raises(kaon.Refused, match="expected rows x 5"):
        kaon.run(tmp_path / "m", events)
    events = {"tracks": np.zeros((2, 12)), "kinds": np.zeros((2, 5))}
    with pytest.raises(kaon.Refused, match="expected rows x 3 x 4"):
        kaon.run(tmp_path / "m", events)


def test_reshapes_that_change_nothing_are_dropped():
    nodes = [
        Node("reshape", ["x"], "a", shape=(3, 2)),
        Node("reshape", ["a"], "b", shape=(6,)),
        Node("relu", ["b"], "c"),
        Node("reshape", ["c"], "d", shape=(2, 3)),
        Node("reshape", ["d"], "y", shape=(3, 2)),
    ]
    graph = Graph([Port("x", (6,))], [Port("y", (None, None))], nodes)
    passes.run(graph)
    assert [(n.kind, n.inputs, n.output, n.shape) for n in graph.nodes] == [
        ("relu", ["x"], "c", (6,)),
        ("reshape", ["c"], "y", (3, 2)),
    ]
    x = np.arange(12.0).reshape(2, 6)
    np.testing.assert_array_equal(evaluate(graph, {"x": x})["y"], x.reshape(2, 3, 2))


@pytest.mark.parametrize(
    ("ports", "nodes", "message"),
    [
        ([Port("x", (2, 3))], [Node("dense", ["x"], "y", tensors={"weights": np.zeros((3, 2))})], r"shape \(2, 3\) an event, not a vector"),
        ([Port("x", (2, 3))], [Node("reshape", ["x"], "y", shape=(4, -1))], r"values of shape \(2, 3\) have no shape \(4, -1\)"),
        ([Port("x", (2, 3))], [Node("reshape", ["x"], "y", shape=(-1, -1))], "have no shape"),
        ([Port("x", (2, None))], [Node("relu", ["x"], "y")], "the number of features is not stated"),
        ([Port("x", (2, 3)), Port("z", (3, 2))], [Node("add", ["x", "z"], "y")], r"shapes \(2, 3\) and \(3, 2\)"),
        ([Port("x", (2,), scalar="int32")], [Node("relu", ["x"], "y")], "it computes with integers"),
        ([Port("x", (2,), scalar="int32")], [Node("slice", ["x"], "y", numbers={"first": 0, "count": 1})], "output 'y'.*gives integers"),
        ([Port("x", (2,))], [Node("embedding", ["x"], "y", tensors={"weights": np.zeros((3, 2))})], "numbers that are no integers"),
        ([Port("x", ())], [Node("relu", ["x"], "y")], "an event has rank 0"),
    ],
)
def test_shapes_that_do_not_fit(ports, nodes, message):
    with pytest.raises(kaon.Refused, match=message):
        passes.run(Graph(ports, [Port("y", (None,))], nodes))
