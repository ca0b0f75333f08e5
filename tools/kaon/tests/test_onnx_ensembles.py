"""Tree ensembles in ONNX: random trees of every mode against ONNX Runtime, and attributes that fit no tree."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import kaon
from kaon import passes
from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.golden import inputs
from kaon.graph import Graph
from kaon.importers.onnx import read_onnx

DOMAIN = "ai.onnx.ml"
FEATURES = 4
CATEGORY = 3
"""The feature that is compared for equality."""


def model(nodes: list[onnx.NodeProto], outputs: list, version: int = 3) -> onnx.ModelProto:
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", FEATURES])]
    sets = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, version)]
    made = helper.make_model(helper.make_graph(nodes, "g", ports, outputs), opset_imports=sets)
    made.ir_version = 9
    return made


def port(name: str, kind: int = TensorProto.FLOAT, rank: int = 2):
    return helper.make_tensor_value_info(name, kind, ["rows", None][:rank])


def random_trees(random: np.random.Generator, modes: list[str], count: int = 5, depth: int = 4) -> dict[str, list]:
    """Returns the lists of nodes; leaves and splits in an order of their own."""
    lists: dict[str, list] = {key: [] for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "missing_value_tracks_true")}
    for tree in range(count):
        rows = []

        def grow(level: int) -> int:
            number = len(rows)
            rows.append(None)
            if level == depth or (level > 0 and random.random() < 0.2):
                rows[number] = (0, 0.0, "LEAF", 0, 0, 0)
                return number
            mode = modes[int(random.integers(len(modes)))]
            equal = mode in ("BRANCH_EQ", "BRANCH_NEQ")
            feature = CATEGORY if equal else int(random.integers(CATEGORY))
            value = float(random.integers(0, 5)) if equal else float(np.float32(random.normal()))
            rows[number] = (feature, value, mode, grow(level + 1), grow(level + 1), int(random.integers(2)))
            return number

        grow(0)
        names = random.permutation(len(rows)) + 3
        for number in [0, *(random.permutation(len(rows) - 1) + 1)]:
            feature, value, mode, true, false, tracks = rows[number]
            leaf = mode == "LEAF"
            row = (tree, names[number], feature, value, mode, 0 if leaf else names[true], 0 if leaf else names[false], tracks)
            for key, entry in zip(lists, row):
                lists[key].append(entry if isinstance(entry, (str, float)) else int(entry))
    return {f"nodes_{key}": column for key, column in lists.items()}


def leaf_weights(random: np.random.Generator, lists: dict, what: str, ids: int, every: bool = True, positive: bool = False) -> dict[str, list]:
    """Returns weights for the leaves: every one for all ids, or each tree for one."""
    rows = []
    for tree, node, mode in zip(lists["nodes_treeids"], lists["nodes_nodeids"], lists["nodes_modes"]):
        if mode == "LEAF":
            for chosen in range(ids) if every else [tree % ids]:
                weight = float(np.float32(random.normal()))
                rows.append((tree, node, chosen, abs(weight) / 5 if positive else weight))
    columns = zip(*rows)
    return {f"{what}_{key}": list(column) for key, column in zip(("treeids", "nodeids", "ids", "weights"), columns)}


def accepted(proto: onnx.ModelProto) -> Graph:
    graph = read_onnx("m", proto.SerializeToString())
    passes.run(graph)
    return graph


def same(proto: onnx.ModelProto, name: str, fractions: bool = False, rows: int = 1000) -> Graph:
    """Compares with ONNX Runtime on and around every threshold."""
    graph = accepted(proto)
    x = inputs(graph, rows, 3)["x"]
    if not fractions:
        x[:, CATEGORY] = np.trunc(x[:, CATEGORY])
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    own = session.run([name], {"x": x})[0]
    mine = evaluate(graph, {"x": x})[name]
    assert np.abs(mine - own.reshape(mine.shape)).max() <= 2e-6 * max(1.0, np.abs(own).max())
    return graph


LEQ, LT, GT, GTE, EQ, NEQ = (f"BRANCH_{mode}" for mode in ("LEQ", "LT", "GT", "GTE", "EQ", "NEQ"))


@pytest.mark.parametrize("modes", [[LEQ], [LT], [GT], [GTE], [LT, GTE], [LEQ, EQ], [LEQ, LT, GT, GTE, EQ, NEQ]])
@pytest.mark.parametrize("targets", [1, 3])
def test_regressor(random, modes, targets):
    lists = random_trees(random, modes)
    for every, how in ((True, "SUM"), (False, "AVERAGE")):
        weights = leaf_weights(random, lists, "target", targets, every)
        for extra in ({}, {"base_values": [0.5] * targets, "post_transform": "LOGISTIC" if targets > 1 else "NONE"}):
            node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=DOMAIN, n_targets=targets, aggregate_function=how, **lists, **weights, **extra)
            graph = same(model([node], [port("y")]), "y")
            assert graph.nodes[0].numbers["or_equal"] == (not set(modes) <= {LT, GTE})
            assert ("leaves" in graph.nodes[0].tensors) == (every and targets > 1)


@pytest.mark.parametrize("zipped", [False, True])
def test_classifier(random, zipped):
    lists = random_trees(random, [LEQ])
    for classes, every, transform, extra in (
        (3, True, "NONE", {}),
        (3, False, "SOFTMAX", {"base_values": [0.5, 0.25, -1.0]}),
        (3, True, "LOGISTIC", {}),
        (2, True, "SOFTMAX", {}),
        (2, True, "NONE", {}),
    ):
        weights = leaf_weights(random, lists, "class", classes, every)
        classifier(lists, weights, classes, transform, zipped, extra)
    for positive, transform, extra in ((True, "NONE", {}), (True, "LOGISTIC", {}), (False, "LOGISTIC", {"base_values": [0.25]})):
        weights = leaf_weights(random, lists, "class", 1, positive=positive)
        classifier(lists, weights, 2, transform, zipped, extra)


def classifier(lists: dict, weights: dict, classes: int, transform: str, zipped: bool, extra: dict) -> None:
    labels = [10 * i for i in range(classes)]
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "scores"], domain=DOMAIN, classlabels_int64s=labels, post_transform=transform, **lists, **weights, **extra
    )
    proto = model([node], [port("label", TensorProto.INT64, 1), port("scores")])
    graph = same(proto, "scores")
    assert [p.name for p in graph.outputs] == ["scores"] and graph.outputs[0].shape == (classes,)
    assert graph.outputs[0].labels == [str(label) for label in labels]
    if zipped:
        cast = helper.make_node("Cast", ["label"], ["output_label"], to=TensorProto.INT64)
        mapped = helper.make_node("ZipMap", ["scores"], ["maps"], domain=DOMAIN, classlabels_int64s=labels)
        kind = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
        outputs = [port("output_label", TensorProto.INT64, 1), helper.make_value_info("maps", helper.make_sequence_type_proto(kind))]
        again = accepted(model([node, cast, mapped], outputs))
        assert [p.name for p in again.outputs] == ["maps"] and again.outputs[0].labels == [str(label) for label in labels]
        x = inputs(graph, 50, 4)["x"]
        assert np.array_equal(evaluate(again, {"x": x})["maps"], evaluate(graph, {"x": x})["scores"])


OFFSET, SCALE = np.array([0.1, -3.0, 1e3, 0.5], np.float32), np.array([3.0, 1e-3, 0.7, 1.1], np.float32)


@pytest.mark.parametrize("how", ["Scaler", "Sub Div", "Mul Add", "Cast"])
def test_scaled_features(random, how):
    """What scales features one by one in front is folded into the thresholds: no wrong leaf where the scaled value is a threshold."""
    lists = random_trees(random, [LT, GTE] if how == "Mul Add" else [LEQ, GT])
    weights = leaf_weights(random, lists, "target", 1)
    constants = [numpy_helper.from_array(OFFSET, "offset"), numpy_helper.from_array(SCALE, "scale")]
    steps = {
        "Scaler": [helper.make_node("Scaler", ["x"], ["s"], domain=DOMAIN, offset=OFFSET.tolist(), scale=SCALE.tolist())],
        "Sub Div": [helper.make_node("Sub", ["x", "offset"], ["d"]), helper.make_node("Div", ["d", "scale"], ["s"])],
        "Mul Add": [helper.make_node("Mul", ["x", "scale"], ["d"]), helper.make_node("Add", ["d", "offset"], ["s"])],
        "Cast": [helper.make_node("Cast", ["x"], ["s"], to=TensorProto.FLOAT)],
    }[how]
    node = helper.make_node("TreeEnsembleRegressor", ["s"], ["y"], domain=DOMAIN, n_targets=1, **lists, **weights)
    proto = model([*steps, node], [port("y")])
    proto.graph.initializer.extend(constants)
    graph = same(proto, "y", fractions=True)
    assert [n.kind for n in graph.nodes] == ["forest"]


def test_mirrored_features(random):
    """A feature that a step turns round is computed: the step stays."""
    lists = random_trees(random, [LEQ])
    steps = [helper.make_node("Scaler", ["x"], ["s"], domain=DOMAIN, offset=[0.0] * 4, scale=[-1.0, 1.0, 1.0, 1.0])]
    node = helper.make_node("TreeEnsembleRegressor", ["s"], ["y"], domain=DOMAIN, n_targets=1, **lists, **leaf_weights(random, lists, "target", 1))
    assert [n.kind for n in same(model([*steps, node], [port("y")]), "y").nodes] == ["scaler", "forest"]


def test_old_operator_sets(random):
    """Exporters of trees write set 8 where nothing but trees is; of a model without any other operator no set at all."""
    lists = random_trees(random, [LEQ])
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=DOMAIN, n_targets=1, **lists, **leaf_weights(random, lists, "target", 1))
    for version in (8, None):
        proto = model([node], [port("y")])
        del proto.opset_import[0]
        if version is not None:
            proto.opset_import.append(helper.make_opsetid("", version))
        assert len(accepted(proto).nodes) == 1


def ensemble(**changes) -> onnx.NodeProto:
    """Version 5: x0 <= 0.5 ? (x3 in {1, 4} ? 1 : 2 of target 1) : 4, and x1 > -1 ? 8 : 16."""
    tensor = lambda values, kind: numpy_helper.from_array(np.array(values, kind))  # noqa: E731
    attributes = {
        "n_targets": 2,
        "aggregate_function": 1,
        "post_transform": 0,
        "tree_roots": [0, 2],
        "nodes_modes": tensor([0, 6, 3], np.uint8),
        "nodes_featureids": [0, 3, 1],
        "nodes_splits": tensor([0.5, 0, -1], np.float32),
        "nodes_truenodeids": [1, 0, 3],
        "nodes_trueleafs": [0, 1, 1],
        "nodes_falsenodeids": [2, 1, 4],
        "nodes_falseleafs": [1, 1, 1],
        "leaf_targetids": [0, 1, 0, 0, 0],
        "leaf_weights": tensor([1, 2, 4, 8, 16], np.float32),
        "membership_values": tensor([1, 4, np.nan], np.float32),
        **changes,
    }
    return helper.make_node("TreeEnsemble", ["x"], ["y"], domain=DOMAIN, **{key: value for key, value in attributes.items() if value is not None})


def test_ensemble():
    for changes in ({}, {"aggregate_function": 0}, {"nodes_missing_value_tracks_true": [1, 0, 1]}):
        same(model([ensemble(**changes)], [port("y")], 5), "y")
    x = np.array([[0.5, 0, 0, 4], [0.5, -1, 0, 2], [0.6, 0, 0, 1]], np.float32)
    assert evaluate(accepted(model([ensemble()], [port("y")], 5)), {"x": x})["y"].tolist() == [[9, 0], [16, 2], [12, 0]]


def tensor(values, kind) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, kind))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tree_roots": [0, 3]}, "tree 1: its node 3 is none"),
        ({"tree_roots": [0, 0]}, "tree 1: its node 0 is none, or reached twice"),
        ({"tree_roots": None}, "it has no trees"),
        ({"nodes_truenodeids": [0, 0, 3]}, "tree 0: its node 0 is none, or reached twice"),
        ({"nodes_truenodeids": [1, 0, 9]}, "its leaf 9 is none"),
        ({"nodes_truenodeids": [1, 0, -1]}, "its leaf -1 is none"),
        ({"nodes_truenodeids": [1, 0]}, "lists of nodes have lengths from 2 to 3"),
        ({"nodes_featureids": [0, 3, 4]}, "it splits feature 4 of 4"),
        ({"nodes_splits": tensor([np.nan, 0, -1], np.float32)}, r"nodes_splits\[0\]: it is nan"),
        ({"nodes_modes": tensor([0, 7, 3], np.uint8)}, "no mode 7"),
        ({"nodes_modes": tensor([0, 6, 3], np.int64)}, "'nodes_modes' is missing or of the wrong type"),
        ({"membership_values": tensor([1, 4], np.float32)}, "0 lists for 1 nodes"),
        ({"membership_values": tensor([1.5, np.nan], np.float32)}, "no whole number from 0 on"),
        ({"leaf_targetids": [0, 2, 0, 0, 0]}, "a leaf of a target beyond 2"),
        ({"leaf_targetids": [0]}, "lists of nodes have lengths"),
        ({"n_targets": 1 << 40}, "1099511627776 targets"),
        ({"aggregate_function": 2}, "it takes the MIN of its trees"),
        ({"post_transform": 1}, "the transform 1 after its sums is not supported"),
    ],
)
def test_hostile_ensemble(changes, words):
    with pytest.raises(Refused, match=words):
        accepted(model([ensemble(**changes)], [port("y")], 5))


STUMP = {
    "nodes_treeids": [0, 0, 0],
    "nodes_nodeids": [0, 1, 2],
    "nodes_featureids": [1, 0, 0],
    "nodes_values": [0.5, 0.0, 0.0],
    "nodes_modes": [LEQ, "LEAF", "LEAF"],
    "nodes_truenodeids": [1, 0, 0],
    "nodes_falsenodeids": [2, 0, 0],
    "target_treeids": [0, 0],
    "target_nodeids": [1, 2],
    "target_ids": [0, 0],
    "target_weights": [1.0, 2.0],
    "n_targets": 1,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodes_truenodeids": [0, 0, 0]}, "it has 1 roots, and 2 nodes that the first does not lead to"),
        ({"nodes_truenodeids": [7, 0, 0]}, "tree 0, node 0: its child 7 is no node"),
        ({"nodes_truenodeids": [2, 0, 0]}, "it has 2 roots"),
        ({"nodes_nodeids": [0, 1, 1]}, "node 1 of tree 0 is there twice"),
        ({"nodes_featureids": [4, 0, 0]}, "it splits feature 4 of 4"),
        ({"nodes_values": [float("inf"), 0.0, 0.0]}, r"nodes_values\[0\]: it is inf"),
        ({"nodes_values": [0.5]}, "lengths from 1 to 3"),
        ({"nodes_modes": ["BRANCH_NEAR", "LEAF", "LEAF"]}, "no mode 'NEAR'"),
        ({"nodes_modes": [EQ, "LEAF", "LEAF"]}, "no whole number from 0 on"),
        ({"nodes_modes": ["LEAF", "LEAF", "LEAF"]}, "it has 3 roots"),
        ({"target_nodeids": [1, 0]}, "node 0 of tree 0 is no leaf"),
        ({"target_treeids": [0, 5]}, "node 2 of tree 5 is no leaf"),
        ({"target_ids": [0, 1]}, r"target_ids\[1\]: 1 of 1"),
        ({"target_weights": [1.0]}, "1 weights for 2 target_ids"),
        ({"base_values": [1.0, 2.0]}, "2 base values for 1 targets"),
        ({"aggregate_function": "MAX"}, "it takes the MAX of its trees"),
        ({"n_targets": 0}, "0 targets"),
        ({"post_transform": "LOGISTIC"}, "which ONNX Runtime leaves out"),
        ({"post_transform": "PROBIT"}, "the transform PROBIT is not supported"),
        ({"post_transform": "SOFTMAX_ZERO"}, "the transform SOFTMAX_ZERO is not supported"),
        ({"nodes_treeids": "x"}, "wrong type"),
    ],
)
def test_hostile_regressor(changes, words):
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=DOMAIN, **(STUMP | changes))
    with pytest.raises(Refused, match=words):
        accepted(model([node], [port("y")]))


def stump_classifier(weights: list[float], ids: list[int], **more) -> onnx.NodeProto:
    lists = {key: value for key, value in STUMP.items() if key.startswith("nodes")}
    where = {"class_treeids": [0] * len(ids), "class_nodeids": ([1, 2] if len(ids) == 2 else [1, 1, 2, 2])[: len(ids)]}
    return helper.make_node("TreeEnsembleClassifier", ["x"], ["l", "p"], domain=DOMAIN, class_weights=weights, class_ids=ids, **lists, **where, **more)


def test_what_the_standard_leaves_open():
    """Two classes with weights for one: where ONNX Runtime gives no probabilities the model is refused."""
    both = [port("l", TensorProto.INT64, 1), port("p")]
    two = {"classlabels_int64s": [0, 1]}
    with pytest.raises(Refused, match="some negative, and NONE"):
        accepted(model([stump_classifier([-1.0, 2.0], [0, 0], **two)], both))
    with pytest.raises(Refused, match="2 base values for 2 classes"):
        accepted(model([stump_classifier([1.0, 2.0], [0, 0], base_values=[0.5, 0.5], **two)], both))
    with pytest.raises(Refused, match="without a weight for the second"):
        accepted(model([stump_classifier([1.0, 2.0], [0, 1], **two)], both))
    with pytest.raises(Refused, match="it has 1 class labels"):
        accepted(model([stump_classifier([1.0, 2.0], [0, 0], classlabels_int64s=[3])], both))
    with pytest.raises(Refused, match="it gives labels alone"):
        accepted(model([stump_classifier([1.0, 2.0], [0, 0], **two)], both[:1]))
    with pytest.raises(Refused, match="for version 9 of ai.onnx.ml"):
        accepted(model([stump_classifier([1.0, 2.0], [0, 0], **two)], both, version=9))


def test_checked_against_onnx_runtime(tmp_path, random, native):
    lists = random_trees(random, [LEQ])
    weights = leaf_weights(random, lists, "class", 3)
    node = helper.make_node("TreeEnsembleClassifier", ["x"], ["label", "scores"], domain=DOMAIN, classlabels_int64s=[0, 1, 2], post_transform="SOFTMAX", **lists, **weights)
    mapped = helper.make_node("ZipMap", ["scores"], ["maps"], domain=DOMAIN, classlabels_int64s=[0, 1, 2])
    kind = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    outputs = [port("label", TensorProto.INT64, 1), helper.make_value_info("maps", helper.make_sequence_type_proto(kind))]
    onnx.save(model([node, mapped], outputs), tmp_path / "m.onnx")
    kaon.convert(tmp_path / "m.onnx", tmp_path / "out", name="m")
    result = kaon.check(tmp_path / "out", rows=100)
    assert result.passed and not result.notes and any(d.reference == "ONNX Runtime" for d in result.differences)
