"""Forests of XGBoost, LightGBM and CatBoost from files: written by hand, of other people's, damaged and hostile."""

from __future__ import annotations

import copy
import json
import struct

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.graph import Graph



def read(tmp_path, data: bytes | str | dict) -> Graph:
    """Reads a model from memory, through the passes."""
    path = tmp_path / "model"
    text = json.dumps(data) if isinstance(data, dict) else data
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    graph = importers.read(path).graph
    passes.run(graph)
    return graph


def sums(graph: Graph, x: np.ndarray) -> np.ndarray:
    """Returns what the forest gives, before the link."""
    alone = copy.deepcopy(graph)
    alone.nodes = alone.nodes[:1]
    alone.outputs[0].name = alone.nodes[0].output
    return evaluate(alone, {"features": x})[alone.nodes[0].output]


def leaves(graph: Graph) -> float:
    """Returns the sum of the largest absolute leaf of every tree."""
    tensors = graph.nodes[0].tensors
    ends = [*tensors["roots"][1:].tolist(), len(tensors["values"])]
    inner = tensors["features"] >= 0
    return sum(np.abs(np.where(inner[a:b], 0, tensors["values"][a:b])).max() for a, b in zip(tensors["roots"].tolist(), ends))


def xgboost_tree(left, right, features, values, default_left=None) -> dict:
    size = len(left)
    return {
        "left_children": left,
        "right_children": right,
        "split_indices": features,
        "split_conditions": values,
        "default_left": default_left or [0] * size,
        "split_type": [0] * size,
        "tree_param": {"num_nodes": str(size), "size_leaf_vector": "0"},
    }


def xgboost(trees, info=None, features=3, classes=0, objective="binary:logistic", base="5E-1") -> dict:
    model = {"gbtree_model_param": {"num_trees": str(len(trees))}, "tree_info": info or [0] * len(trees), "trees": trees}
    return {
        "version": [2, 0, 0],
        "learner": {
            "feature_names": [],
            "gradient_booster": {"name": "gbtree", "model": model},
            "learner_model_param": {"base_score": base, "num_class": str(classes), "num_feature": str(features), "num_target": "1"},
            "objective": {"name": objective},
        },
    }


STUMP = xgboost_tree([1, -1, -1], [2, -1, -1], [1, 0, 0], [0.5, -1.25, 2.0])
DEEPER = xgboost_tree([2, -1, 3, -1, -1], [1, -1, 4, -1, -1], [0, 0, 2, 0, 0], [1.5, 8.0, -0.5, 16.0, 32.0], [1, 0, 0, 0, 0])

LIGHTGBM = """tree
version=v4
num_class=1
num_tree_per_iteration=1
max_feature_idx=2
objective=binary sigmoid:2
feature_names=pt eta phi

Tree=0
num_leaves=3
num_cat=0
split_feature=1 2
threshold=0.10000000000000001 -2
decision_type=2 10
left_child=1 -1
right_child=-2 -3
leaf_value=1 2 4

Tree=1
num_leaves=1
num_cat=0
leaf_value=8

end of trees
"""


def ubjson(value) -> bytes:
    """Writes UBJSON as XGBoost does: lengths of 64 bits, arrays of numbers typed and counted."""
    length = lambda n: b"L" + struct.pack(">q", n)  # noqa: E731
    if isinstance(value, dict):
        return b"{" + b"".join(length(len(k)) + k.encode() + ubjson(v) for k, v in value.items()) + b"}"
    if isinstance(value, str):
        return b"S" + length(len(value.encode())) + value.encode()
    if isinstance(value, list) and value and all(isinstance(v, float) for v in value):
        return b"[$d#" + length(len(value)) + struct.pack(f">{len(value)}f", *value)
    if isinstance(value, list) and value and all(isinstance(v, int) for v in value):
        return b"[$l#" + length(len(value)) + struct.pack(f">{len(value)}i", *value)
    if isinstance(value, list):
        return b"[#" + length(len(value)) + b"".join(map(ubjson, value))
    return b"l" + struct.pack(">i", value)


def test_xgboost_by_hand(tmp_path):
    x = np.array([[1.5, 0.5, 0], [1.4, 0.4, -0.5], [np.nan, np.nan, -0.6], [2, 0.25, np.nan]], np.float32)
    # The stump gives -1.25 below 0.5, else 2, and sends NaN right; DEEPER tests x2 < -0.5 where x0 < 1.5 or is missing, else gives 8.
    expected = np.array([2 + 8, -1.25 + 32, 2 + 16, -1.25 + 8])
    for data in (xgboost([STUMP, DEEPER]), ubjson(xgboost([STUMP, DEEPER]))):
        graph = read(tmp_path, data)
        assert graph.nodes[0].numbers == {"depth": 2, "or_equal": 0} and graph.nodes[1].kind == "sigmoid"
        assert sums(graph, x)[:, 0].tolist() == expected.tolist()
        np.testing.assert_allclose(evaluate(graph, {"features": x})["result"][:, 0], 1 / (1 + np.exp(-expected)))


def test_base_scores_and_links(tmp_path):
    x = np.zeros((1, 3), np.float32)
    for objective, base, score, link, version in (
        ("binary:logistic", "2E-1", np.log(0.25), "sigmoid", [2, 0, 0]),
        ("binary:logitraw", "[2E-1]", 0.2, None, [1, 4, 0]),
        ("binary:logitraw", "[2E-1]", np.log(0.25), None, [1, 3, 2]),
        ("reg:squarederror", "3.5", 3.5, None, [3, 0, 0]),
        ("count:poisson", "3.5", np.log(3.5), "exponential", [3, 0, 0]),
    ):
        graph = read(tmp_path, change(xgboost([STUMP], objective=objective, base=base), "version", version))
        assert sums(graph, x)[0, 0] == pytest.approx(score - 1.25, abs=1e-6) and [n.kind for n in graph.nodes[1:]] == ([link] if link else [])
    graph = read(tmp_path, xgboost([STUMP, DEEPER, STUMP, STUMP], [2, 0, 2, 1], classes=3, objective="multi:softprob", base="[0.5,1,2]"))
    assert sums(graph, x).tolist() == [[0.5 + 32, 1 - 1.25, 2 - 2.5]] and graph.nodes[1].kind == "softmax"


def test_lightgbm_by_hand(tmp_path):
    graph = read(tmp_path, LIGHTGBM)
    assert graph.inputs[0].labels == ["pt", "eta", "phi"] and graph.nodes[0].numbers["or_equal"] == 1
    below = np.nextafter(np.float32(0.1), np.float32(0))  # the threshold lies between two float32, and 0.1 is above it
    x = np.array([[0, below, -2], [0, 0.1, 0], [0, 0, -1.9], [0, np.nan, np.nan], [0, 0, np.inf]], np.float32)
    # Of feature 1 no value was missing: NaN counts as zero, which goes left. Feature 2 sends NaN left (2 in the type, default left).
    assert sums(graph, x)[:, 0].tolist() == [2 * 9, 2 * 10, 2 * 12, 2 * 9, 2 * 12]
    assert "missing_left" not in graph.nodes[0].tensors
    right = read(tmp_path, LIGHTGBM.replace("decision_type=2 10", "decision_type=2 8"))
    assert sums(right, x)[:, 0].tolist() == [2 * 9, 2 * 10, 2 * 12, 2 * 12, 2 * 12]
    averaged = read(tmp_path, LIGHTGBM.replace("objective=binary sigmoid:2", "objective=regression\naverage_output"))
    assert sums(averaged, x)[:, 0].tolist() == [4.5, 5, 6, 4.5, 6] and len(averaged.nodes) == 1


def change(model: dict, *path_and_value) -> dict:
    *path, last, value = path_and_value
    changed = copy.deepcopy(model)
    at = changed
    for key in path:
        at = at[key]
    at[last] = value
    return changed


TREE = ("learner", "gradient_booster", "model", "trees", 0)
HOSTILE = [
    ((*TREE, "left_children", [0, -1, -1]), r"trees\[0\]\.left_children\[0\]: its children are 0 and 2"),
    ((*TREE, "left_children", [2, -1, -1]), r"trees\[0\]\.left_children\[2\]: the node is reached twice"),
    ((*TREE, "right_children", [3, -1, -1]), r"its children are 1 and 3, of 3 nodes"),
    ((*TREE, "right_children", [2, -1]), r"trees\[0\]\.right_children: 2 entries for 3 nodes"),
    ((*TREE, "left_children", [1, "x", -1]), r"left_children\[1\]: expected a whole number"),
    ((*TREE, "left_children", []), "the tree has no nodes"),
    ((*TREE, "left_children", {}), "expected a list"),
    ((*TREE, "split_indices", [3, 0, 0]), "it splits feature 3 of 3"),
    ((*TREE, "split_indices", [1 << 70, 0, 0]), r"split_indices\[0\]: expected a whole number"),
    ((*TREE, "split_conditions", [float("nan"), 0.0, 0.0]), r"split_conditions\[0\]: it is nan"),
    ((*TREE, "split_conditions", [1.0, 1e300, 0.0]), r"split_conditions\[1\]: it is inf"),
    ((*TREE, "split_type", [1, 0, 0]), "'categories_nodes' is missing"),
    ((*TREE, "split_type", [2, 0, 0]), "a split of another type"),
    ((*TREE, "split_type", [0, 0]), "2 entries for 3 nodes"),
    ((*TREE, "tree_param", "size_leaf_vector", "2"), "leaves of 2 numbers in a model of 1 outputs"),
    ((*TREE, "tree_param", "size_leaf_vector", "99999"), "is no number from"),
    (("learner", "learner_model_param", "num_feature", "-1"), r"num_feature: '-1' is no number"),
    (("learner", "learner_model_param", "num_feature", "9" * 5000), "is no number from"),
    (("learner", "learner_model_param", "base_score", "nan"), "is no finite number"),
    (("learner", "learner_model_param", "base_score", "1"), "is no probability"),
    (("learner", "objective", "name", "survival:aft"), "'survival:aft' with 1 classes is not supported"),
    (("learner", "objective", "name", "binary:hinge"), "'binary:hinge' with 1 classes is not supported"),
    (("learner", "gradient_booster", "name", "gblinear"), "the booster 'gblinear'"),
    (("learner", "gradient_booster", "name", "dart"), "'gbtree' is missing"),
    (("learner", "gradient_booster", "weight_drop", [1.0, 1.0]), "2 weights, 1 trees"),
    (("learner", "gradient_booster", "weight_drop", [float("nan")]), "not finite"),
    (("learner", "learner_model_param", "num_target", "-2"), "is no number from"),
    (("version", [2, "x"]), r"version\[1\]: expected an integer"),
    (("learner", "gradient_booster", "model", "tree_info", [1]), "a tree of class 1 of 1"),
    (("learner", "gradient_booster", "model", "tree_info", []), "0 entries, 1 trees"),
    (("learner", "gradient_booster", "model", "trees", []), "1 entries, 0 trees"),
]


@pytest.mark.parametrize(("edit", "words"), HOSTILE)
def test_hostile_xgboost(tmp_path, edit, words):
    with pytest.raises(Refused, match=words):
        read(tmp_path, change(xgboost([STUMP]), *edit))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("left_child=1 -1", "left_child=0 -1", "its children are 0|reached twice"),
        ("left_child=1 -1", "left_child=1 1", "reached twice"),
        ("left_child=1 -1", "left_child=1 -4", r"tree 0\.left_child\[1\]: -4 is no node"),
        ("right_child=-2 -3", "right_child=-2 -1", "reached twice"),
        ("split_feature=1 2", "split_feature=1 3", "it splits feature 3 of 3"),
        ("threshold=0.10000000000000001 -2", "threshold=nan -2", r"threshold\[0\]: it is nan"),
        ("threshold=0.10000000000000001 -2", "threshold=1", "1 numbers, not 2"),
        ("leaf_value=8", "leaf_value=inf", r"tree 1\.leaf_value\[0\]: it is inf"),
        ("num_leaves=3", "num_leaves=999999999999", "no whole number"),
        ("num_leaves=3", "num_leaves=3\nnum_leaves=3", "there twice"),
        ("decision_type=2 10", "decision_type=3 10", r"tree 0\.num_cat: '0' is no whole number"),
        ("decision_type=2 10", "decision_type=2 6", "tree 0, node 1: zeros are missing values"),
        ("decision_type=2 10", "decision_type=2 14", r"decision_type\[1\]: no split of type 14"),
        ("decision_type=2 10", "decision_type=-2 10", r"decision_type\[0\]: no split of type -2"),
        ("num_cat=0", "num_cat=0\nis_linear=1", "linear trees"),
        ("Tree=1", "Tree=2", "the next tree is numbered"),
        ("end of trees", "", "was cut"),
        ("max_feature_idx=2", "max_feature_idx=-1", "no whole number"),
        ("max_feature_idx=2\n", "", "'max_feature_idx' is missing"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "with 3 outputs"),
        ("num_tree_per_iteration=1\nmax_feature_idx=2\nobjective=binary sigmoid:2", "num_tree_per_iteration=3\nmax_feature_idx=2\nobjective=multiclass", "2 trees for 3"),
        ("objective=binary sigmoid:2", "objective=regression sqrt", "not supported"),
        ("objective=binary sigmoid:2", "objective=binary sigmoid:x", "its sigmoid"),
    ],
)
def test_hostile_lightgbm(tmp_path, old, new, words):
    assert old in LIGHTGBM
    with pytest.raises(Refused, match=words):
        read(tmp_path, LIGHTGBM.replace(old, new, 1))


def test_deep_and_wide_containers(tmp_path):
    start = b"{" + b"L" + struct.pack(">q", 1) + b"x"
    for tail in (b"[" * 100_000, b"[$l#L" + struct.pack(">q", 1 << 60), b"[$T#L" + struct.pack(">q", 1 << 60), b"S" + b"L" + struct.pack(">q", -1)):
        with pytest.raises(Refused, match="no valid UBJSON"):
            read(tmp_path, start + tail)


def test_higgs(tmp_path, models, native):
    """150 trees of five levels, one model in three formats: the margins of XGBoost, and the area under the curve of its real events."""
    table = np.loadtxt(models / "higgs/binary.test", dtype=np.float32)
    rows, is_signal = table[:, 1:], table[:, 0] == 1
    margins, predictions = np.loadtxt(models / "higgs/xgb174_higgs.predictions.csv", delimiter=",", skiprows=1, unpack=True)
    for suffix in ("json", "ubj", "deprecated"):
        graph = importers.read(models / f"higgs/xgb174_higgs.{suffix}").graph
        passes.run(graph)
        assert np.abs(sums(graph, rows)[:, 0] - margins).max() < 1e-6 * leaves(graph)
    kaon.convert(models / "higgs/xgb174_higgs.ubj", tmp_path / "m", name="higgs")
    for batch in (None, 64):
        scores = kaon.run(tmp_path / "m", rows, batch=batch)["result"][:, 0]
        assert np.abs(scores - predictions).max() < 1e-6
        area = (scores[is_signal][:, None] > scores[~is_signal]).mean() + (scores[is_signal][:, None] == scores[~is_signal]).mean() / 2
        assert area == pytest.approx(0.8260, abs=5e-5)


def test_missing_values_and_classes_compiled(tmp_path, weight_files):
    """Everything that a forest may have, as constants and from the file, one event and batches."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(xgboost([STUMP, DEEPER, STUMP, STUMP, DEEPER], [2, 0, 2, 1, 1], classes=3, objective="multi:softprob")))
    kaon.convert(path, tmp_path / "m", name="classes")
    assert kaon.check(tmp_path / "m", rows=200).passed
    x = np.array([[1.5, 0.5, 0], [1.4, 0.4, -0.5], [np.nan, np.nan, -0.6], [2, 0.25, np.nan]] * 5, np.float32)
    one = kaon.run(tmp_path / "m", x)["result"]
    np.testing.assert_allclose(one, evaluate(kaon.package.open_package(tmp_path / "m").graph, {"features": x})["result"], atol=1e-6)
    np.testing.assert_array_equal(one, kaon.run(tmp_path / "m", x, weights="file")["result"])


def lightgbm_sums(text: str, x: np.ndarray, classes: int) -> np.ndarray:
    """Walks LightGBM's trees in float64, as its text says, one event after the other."""
    trees = []
    for block in text.split("\nTree=")[1:]:
        fields = dict(line.split("=", 1) for line in block.split("end of trees")[0].splitlines()[1:] if "=" in line)
        kinds = {"split_feature": int, "threshold": float, "left_child": int, "right_child": int, "leaf_value": float}
        trees.append({key: [kind(v) for v in fields[key].split()] for key, kind in kinds.items()})
    result = np.zeros((len(x), classes))
    for row, event in enumerate(x):
        for number, tree in enumerate(trees):
            node = 0
            while node >= 0:
                left = event[tree["split_feature"][node]] <= tree["threshold"][node]
                node = tree["left_child" if left else "right_child"][node]
            result[row, number % classes] += tree["leaf_value"][~node]
    return result


def test_leaves(models):
    """LightGBM's own sums of float64 features, and the same trees on float32 ones: no wrong leaf."""
    path = models / "leaves/lgmulticlass.model"
    x = np.loadtxt(models / "leaves/multiclass_test.tsv")[:, 1:]
    raw = np.loadtxt(models / "leaves/lgmulticlass_true_raw_predictions.txt")
    assert np.abs(lightgbm_sums(path.read_text(), x, 5) - raw).max() < 1e-12
    graph = importers.read(path).graph
    passes.run(graph)
    x = x.astype(np.float32)
    assert np.abs(sums(graph, x) - lightgbm_sums(path.read_text(), x.astype(np.float64), 5)).max() < 1e-6 * leaves(graph) / 5
    near = [np.float64(np.float32(t)) for t in graph.nodes[0].tensors["values"][:200]]
    on = np.array([[t] * x.shape[1] for t in near], np.float32)
    assert np.abs(sums(graph, on) - lightgbm_sums(path.read_text(), on.astype(np.float64), 5)).max() < 1e-6 * leaves(graph) / 5
