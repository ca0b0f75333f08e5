"""Models in fixed point from the internal graph to compiled numbers: every bit of the evaluator, whichever way they run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import kaon
from kaon import importers, passes
from kaon.convert import write
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fixed import Fixed
from kaon.golden import golden, inputs, raw_inputs
from kaon.graph import Graph, Node, Port
from kaon.tables import Table

IN = Fixed(9, 4, True, "round", "saturate")
WEIGHT = Fixed(7, 2)


def f32(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, np.float32)


def dense(random: np.random.Generator, value: str, output: str, sizes: tuple[int, int], **types: Fixed) -> Node:
    tensors = {"weights": f32(random.standard_normal(sizes)), "bias": f32(random.standard_normal(sizes[1]))}
    return Node("dense", [value], output, output, tensors, types={"weights": WEIGHT, **types})


def tree(random: np.random.Generator) -> Graph:
    """Two inputs, one of categories; every layer there is in fixed point; accumulators of several roundings; two outputs."""
    rounded = Fixed(10, 5, True, "round_conv", "saturate_symmetric")
    nodes = [
        Node("embedding", ["kinds"], "rows", "table", {"weights": f32(random.standard_normal((5, 2)))}, types={"weights": Fixed(6, 2)}),
        Node("reshape", ["rows"], "row", shape=(6,)),
        dense(random, "x", "exact", (6, 8)),
        Node("relu", ["exact"], "positive", types={"result": Fixed(8, 4, False, "round", "saturate")}),
        dense(random, "positive", "cut", (8, 6), accumulator=Fixed(12, 6), bias=Fixed(9, 3)),
        dense(random, "positive", "near", (8, 6), accumulator=Fixed(14, 6, True, "round"), result=Fixed(9, 5, True, "away_from_zero")),
        Node("add", ["cut", "near", "x"], "sum"),
        Node("multiply", ["near", "x"], "product", types={"result": rounded}),
        Node("concat", ["row", "sum", "product"], "all"),
        Node("slice", ["all"], "some", numbers={"first": 3, "count": 13}),
        dense(random, "some", "far", (13, 3), result=Fixed(12, 8, True, "toward_plus_infinity", "saturate_zero")),
        Node("relu", ["far"], "last"),
        Node("identity", ["product"], "other", types={"result": Fixed(5, 3, False, "truncate_zero", "saturate")}),
    ]
    ports = [Port("x", (6,), scalar=str(IN)), Port("kinds", (3,), scalar="int32")]
    return Graph(ports, [Port("last", (3,)), Port("other", (6,))], nodes, "tree")


def functions(random: np.random.Generator) -> Graph:
    """Rectifiers, bounds, numbers a feature, and functions that are tables."""
    narrow, plain = Fixed(14, 5), Fixed(16, 6)
    per_feature = {"scale": f32(random.standard_normal(6)), "offset": f32(random.standard_normal(6))}
    nodes = [
        dense(random, "x", "sums", (5, 6), result=narrow),
        Node("scaler", ["sums"], "scaled", "scaled", per_feature, types={"weights": Fixed(9, 3), "bias": Fixed(10, 4), "result": Fixed(15, 6)}),
        Node("leaky_relu", ["scaled"], "leaky", "leaky", numbers={"slope": 0.3}, types={"result": narrow}),
        Node("prelu", ["leaky"], "slopes", "slopes", {"slope": f32(random.standard_normal(6))}, types={"weights": Fixed(7, 2), "result": plain}),
        Node("clip", ["slopes"], "held", "held", numbers={"lowest": -1.3, "highest": 2.7}),
        Node("leaky_relu", ["held"], "rectified", "rectified", numbers={"slope": 0.1}),
        Node("sigmoid", ["slopes"], "logistic", "logistic", types={"result": Fixed(12, 2, False)}),
        Node("tanh", ["slopes"], "tangent", "tangent"),
        Node("silu", ["slopes"], "gated", "gated", tables={"table": Table(Fixed(14, 5, True, "round_conv", "saturate"), 256)}),
        Node("softplus", ["slopes"], "soft", "soft", types={"result": Fixed(10, 5)}),
        Node("softsign", ["slopes"], "sign", "sign"),
        Node("tanh", ["slopes"], "listed", "listed", tables={"table": Table(Fixed(12, 2), 128, tuple(range(-64, 64)))}),
        dense(random, "slopes", "logits", (6, 5), result=plain),
        Node("softmax", ["logits"], "stable", "stable", types={"result": plain}),
        Node("softmax", ["logits"], "latency", "latency", variant="latency"),
    ]
    given = ("rectified", "logistic", "tangent", "stable", "latency", "listed", "gated", "soft", "sign")
    return Graph([Port("x", (5,), scalar="fixed<12,4>")], [Port(name, (None,)) for name in given], nodes, "functions")


def units(random: np.random.Generator) -> Graph:
    """Exponential and hard units with numbers and tables that are named, and with those that are not; softmax without sums of its own."""
    alpha, line = {"weights": Fixed(7, 1, False)}, {"weights": Fixed(16, 0, False), "bias": Fixed(2, 0, False)}
    rounded, listed = Fixed(12, 5, True, "round", "saturate"), tuple(range(0, -128, -1))
    coarse = {what: Table(Fixed(14, 6, True, "round_conv", "saturate"), 256) for what in ("exp_table", "inv_table")}
    nodes = [
        dense(random, "x", "sums", (5, 6), result=Fixed(14, 5)),
        Node("elu", ["sums"], "elu", "elu", numbers={"alpha": 1.3}),
        Node("elu", ["sums"], "rounded", "rounded", numbers={"alpha": 0.7}, types={**alpha, "result": rounded}),
        Node("elu", ["sums"], "listed", "listed", numbers={"alpha": -0.6}, tables={"table": Table(Fixed(9, 2), 128, listed)}),
        Node("selu", ["sums"], "selu", "selu"),
        Node("selu", ["sums"], "fine", "fine", types={"weights": Fixed(9, 2, True, "round"), "result": rounded}, tables={"table": Table(Fixed(20, 3), 256)}),
        Node("hard_sigmoid", ["sums"], "hard", "hard", numbers={"slope": 1 / 6, "offset": 0.5}),
        Node("hard_sigmoid", ["sums"], "firm", "firm", numbers={"slope": 0.2, "offset": 0.5}, types={**line, "result": Fixed(9, 1, False)}),
        Node("hard_sigmoid", ["sums"], "falling", "falling", numbers={"slope": -0.3, "offset": 0.4}),
        Node("hard_silu", ["sums"], "swish", "swish", numbers={"slope": 1 / 6, "offset": 0.5}, types={"result": rounded}),
        Node("hard_silu", ["sums"], "exact", "exact", numbers={"slope": 0.2, "offset": 0.5}, types=dict(line)),
        Node("softmax", ["sums"], "legacy", "legacy", variant="legacy", types={"result": Fixed(12, 2)}),
        Node("softmax", ["sums"], "coarse", "coarse", variant="legacy", tables=coarse),
        Node("softmax", ["sums"], "first", "first", variant="argmax"),
    ]
    return Graph([Port("x", (5,), scalar="fixed<12,4>")], [Port(node.output, (None,)) for node in nodes[1:]], nodes, "units")


def package_of(graph: Graph, folder: Path) -> kaon.Package:
    passes.run(graph)
    return write(folder, "m", "made", importers.Source("made", b"", graph), golden(graph))


@pytest.fixture
def package(tmp_path, random) -> kaon.Package:
    return package_of(tree(random), tmp_path / "m")


def test_every_layer_and_way(package, native, weight_files):
    """One event and batches, weights in the type and from the file."""
    graph = package.graph
    raw = raw_inputs(graph, inputs(graph, 500, 3))
    expected = evaluate_fixed(graph, raw)
    assert all(len(np.unique(values)) > 5 for values in expected.values())
    for weights, batch in (("constant", None), ("constant", 7), ("file", None)):
        got = kaon.run(package.directory, raw, batch=batch, weights=weights, raw=True)
        for name in expected:
            np.testing.assert_array_equal(got[name], expected[name], f"{name}, {weights}, {batch}")
    result = kaon.check(package.directory, rows=100)
    assert result.passed and all(d.equal == d.count for d in result.differences)


def test_functions(tmp_path, random, native):
    """The entries of the C++ tables are computed here in decimal arithmetic: the same bits."""
    package = package_of(functions(random), tmp_path / "m")
    reopened = package.graph
    raw = raw_inputs(reopened, inputs(reopened, 600, 3))
    expected = evaluate_fixed(reopened, raw)
    got = kaon.run(package.directory, raw, raw=True)
    for name, values in expected.items():
        assert len(np.unique(values)) > 50, name
        np.testing.assert_array_equal(got[name], values, name)
    unrounded = evaluate(reopened, {"x": reopened.inputs[0].type.to_values(raw["x"])})
    for port in reopened.outputs[1:4]:
        assert np.median(np.abs(port.type.to_values(expected[port.name]) - unrounded[port.name])) < 0.02, port.name


def test_units(tmp_path, random, native):
    """Numbers of a layer's type, tables below zero and softmax's other variants: the same bits, near what nothing rounds."""
    package = package_of(units(random), tmp_path / "m")
    graph = package.graph
    raw = raw_inputs(graph, inputs(graph, 400, 3))
    raw["x"][:20] = raw["x"][:20, :1]
    expected = evaluate_fixed(graph, raw)
    got = kaon.run(package.directory, raw, raw=True)
    for name, values in expected.items():
        assert len(np.unique(values)) > (1 if name == "first" else 30), name
        np.testing.assert_array_equal(got[name], values, name)
    assert (expected["first"].sum(axis=1) == 1).all()
    unrounded = evaluate(graph, {"x": graph.inputs[0].type.to_values(raw["x"])})
    for port in graph.outputs:
        if port.name not in ("listed", "coarse", "first"):
            assert np.median(np.abs(port.type.to_values(expected[port.name]) - unrounded[port.name])) < 0.02, port.name


def test_float_twin(package, native):
    """The same network and weights, nothing rounded: what float64 gives with the values of the weights."""
    events = {"x": np.random.default_rng(2).standard_normal((50, 6)), "kinds": np.full((50, 3), 4)}
    expected = evaluate(package.graph, events)
    got = kaon.run(package.directory, events, scalar="float")
    for name in ("last", "other"):
        assert got[name].dtype == np.float32
        np.testing.assert_allclose(got[name], expected[name], rtol=1e-5, atol=1e-4)


def test_bench_and_report(package, native, kaon_command):
    """Times carry the scalar; the report has types, and bytes of their size."""
    report = kaon.bench(package.directory, json=True, seconds=0.05)
    assert {row["scalar"] for row in report["rows"]} == {"fixed"} and all(row["allocations_per_call"] == 0 for row in report["rows"])
    layers = {layer.name: layer for layer in kaon.report(package.directory).layers}
    assert layers["exact"].types["accumulator"] == "exact" and layers["cut"].types["result"] == "fixed<12,6>"
    bias = next(node.types["bias"] for node in package.graph.nodes if node.name == "near")
    assert layers["table"].bytes == 10 and layers["near"].bytes == 8 * 6 + 6 * bias.bytes
    assert "fixed<12,6>" in kaon_command("report", package.directory).out


def test_weight_file_and_golden_hold_raw_integers(package):
    tensors = safetensors.numpy.load(package.file("weights").read_bytes())
    graph = package.graph
    for node in graph.nodes:
        for key, tensor in node.tensors.items():
            stored = tensors[f"{node.name}.{key}"]
            bits = 8 * stored.dtype.itemsize
            assert stored.dtype.kind == "i" and bits >= node.types[key].width and (bits == 8 or bits // 2 < node.types[key].width)
            np.testing.assert_array_equal(stored, tensor)
    arrays = np.load(package.file("golden"))
    raw = {name: arrays[f"raw_input/{name}"] for name in ("x", "kinds")}
    results = evaluate_fixed(graph, raw)
    for port in graph.outputs:
        np.testing.assert_array_equal(results[port.name], arrays[f"raw_output/{port.name}"])
        np.testing.assert_array_equal(port.type.to_values(results[port.name]), arrays[f"output/{port.name}"])
    np.testing.assert_array_equal(IN.to_values(raw["x"]), arrays["input/x"])


def test_manifest_names_types(package):
    content = json.loads((package.directory / "m.json").read_text())
    assert content["scalar"] == "fixed" and content["inputs"][0]["scalar"] == "fixed<9,4,round,saturate>"
    layers = {layer["name"]: layer["types"] for layer in content["layers"]}
    assert layers["exact"] == {
        "input": "fixed<9,4,round,saturate>",
        "accumulator": "exact",
        "result": "exact",
        "weights": "fixed<7,2>",
        "bias": layers["exact"]["bias"],
    }
    assert layers["near"]["accumulator"] == "fixed<14,6,round>" and layers["near"]["result"] == "fixed<9,5,away_from_zero>"
    assert layers["cut"]["result"] == "exact"
    reopened = kaon.open_package(package.directory).graph
    assert [node.types for node in reopened.nodes] == [node.types for node in package.graph.nodes]


def test_a_changed_type_is_refused(package):
    path = package.directory / "m.json"
    text = path.read_text()
    for old, new, cause in (
        ("fixed<9,5,away_from_zero>", "fixed<9,5,sideways>", "no such mode"),
        ("fixed<9,5,away_from_zero>", "nothing", "is no fixed-point type"),
        ('"scalar": "fixed<12,8,toward_plus_infinity,saturate_zero>"', '"scalar": "fixed<12,7>"', "not what the layers and their types give"),
        ('"scalar": "fixed"', '"scalar": "float"', "no fitting tensor"),
    ):
        assert old in text
        path.write_text(text.replace(old, new))
        with pytest.raises(kaon.Refused, match=cause):
            kaon.open_package(package.directory)


def test_options_of_run(package, tmp_path, kaon_command, random):
    x = np.zeros((2, 6), np.int64)
    x[1, 3] = 256
    np.savez(tmp_path / "x.npz", x=x, kinds=np.zeros((2, 3), np.int32))
    run = ("run", package.directory, "--input", tmp_path / "x.npz", "-o", tmp_path / "y.npz")
    assert "row 1, column 3 of 'x': 256 is no raw integer of fixed<9,4,round,saturate>" in kaon_command(*run, "--raw").refusal()
    assert "no raw integers" in kaon_command(*run, "--raw", "--scalar", "float").refusal()


def test_accumulators_have_to_wrap(random):
    graph = Graph([Port("x", (4,), scalar=str(IN))], [Port("y", (2,))], [dense(random, "x", "y", (4, 2), accumulator=Fixed(9, 4, overflow="saturate"))])
    with pytest.raises(kaon.Refused, match="its accumulator fixed<9,4,truncate,saturate> saturates"):
        passes.run(graph)


def test_widths_beyond_the_library(random):
    nodes = [dense(random, "x", "a", (4, 4), weights=Fixed(60, 2)), dense(random, "a", "y", (4, 2), weights=Fixed(60, 2))]
    with pytest.raises(kaon.Refused, match="'y': its exact result: .* name a type for the values before it"):
        passes.run(Graph([Port("x", (4,), scalar=str(IN))], [Port("y", (2,))], nodes))


def test_wide_sums(tmp_path, random, native):
    """Sums of 80 bits on the way, weights of 40: as exact as narrow ones."""
    nodes = [dense(random, "x", "y", (3, 2), weights=Fixed(40, 3), bias=Fixed(60, 3), result=Fixed(64, 8))]
    package = package_of(Graph([Port("x", (3,), scalar="fixed<30,4>")], [Port("y", (2,))], nodes), tmp_path / "m")
    raw = raw_inputs(package.graph, inputs(package.graph, 100, 3))
    np.testing.assert_array_equal(kaon.run(package.directory, raw, raw=True)["y"], evaluate_fixed(package.graph, raw)["y"])
