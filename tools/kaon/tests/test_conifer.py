"""Forests of conifer: a production model, both conventions, classes, and hostile files."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.graph import Graph
from mutations import Mutator

FUZZ = int(os.environ.get("KAON_FUZZ", "1"))


def random_tree(random: np.random.Generator, depth: int, features: int, weights: bool = True) -> dict:
    """Returns a tree as conifer stores it, depth first."""
    tree: dict = {key: [] for key in ("feature", "threshold", "value", "children_left", "children_right")}

    def grow(level: int) -> int:
        here = len(tree["feature"])
        inner = level > 0 and (level == depth or random.random() < 0.8)
        for key, value in (("feature", int(random.integers(features)) if inner else -2), ("threshold", float(random.normal()) if inner else 0.0)):
            tree[key].append(value)
        tree["value"].append(float(random.normal()))
        tree["children_left"].append(-1)
        tree["children_right"].append(-1)
        if inner:
            tree["children_left"][here] = grow(level - 1)
            tree["children_right"][here] = grow(level - 1)
        return here

    grow(depth)
    if weights:
        tree["weight"] = [[int(i == f) for i in range(features)] for f in tree["feature"]]
    return tree


def model(random: np.random.Generator, trees: int = 5, classes: int = 2, depth: int = 3, features: int = 3, **changes: object) -> dict:
    outputs = 1 if classes == 2 else classes
    made = {
        "n_classes": classes,
        "n_features": features,
        "n_trees": trees,
        "max_depth": depth,
        "init_predict": [float(n) for n in random.normal(size=outputs)],
        "norm": 0.5,
        "library": "sklearn",
        "splitting_convention": "<=",
        "feature_map": {f"f{i}": i for i in range(features)},
        "trees": [[random_tree(random, depth, features) for _ in range(outputs)] for _ in range(trees)],
        "config": {"backend": "cpp", "output_dir": "prj", "project_name": "p", "precision": "float"},
    }
    return {**made, **changes}


def scores(model: dict, x: np.ndarray, rounded: type = np.float64) -> np.ndarray:
    """What conifer's Python model computes: comparisons in float64 (or of thresholds that are `rounded`), sums in float64."""
    result = np.zeros((len(x), len(model["trees"][0])))
    for row, event in enumerate(x.astype(np.float64)):
        for group in model["trees"]:
            for output, tree in enumerate(group):
                node = 0
                while tree["feature"][node] != -2:
                    value, limit = event[tree["feature"][node]], float(rounded(tree["threshold"][node]))
                    left = value < limit if model["splitting_convention"] == "<" else value <= limit
                    node = tree["children_left" if left else "children_right"][node]
                result[row, output] += tree["value"][node]
    return (result + model["init_predict"][: result.shape[1]]) * model["norm"]


def read(tmp_path, content: dict | bytes) -> Graph:
    path = tmp_path / "model"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    graph = importers.read(path).graph
    passes.run(graph)
    return graph


def around(random: np.random.Generator, model: dict, rows: int) -> np.ndarray:
    """Returns events on the float32 nearest to thresholds and on the next ones, some of them missing."""
    thresholds = np.array([t for group in model["trees"] for tree in group for t in tree["threshold"]], np.float32)
    x = random.choice(thresholds, (rows, model["n_features"]))
    side = random.integers(-1, 2, x.shape)
    x = np.where(side == 0, x, np.nextafter(x, np.where(side < 0, np.float32(-9), np.float32(9)), dtype=np.float32))
    x[random.random(x.shape) < 0.02] = np.nan
    return x


def test_conventions_and_classes(tmp_path, random):
    """Every float32 goes where the decimals of float64 say; a missing value fails every comparison."""
    for convention in ("<", "<="):
        for classes in (1, 2, 3):
            content = model(random, classes=classes, splitting_convention=convention, depth=4)
            graph = read(tmp_path, content)
            assert graph.inputs[0].labels == ["f0", "f1", "f2"] and [node.kind for node in graph.nodes] == ["forest"]
            x = around(random, content, 200)
            assert np.abs(evaluate(graph, {"features": x})["result"] - scores(content, x)).max() < 1e-5


def test_thresholds_of_xgboost(tmp_path, random):
    """Its dumps write float32 in the fewest digits: 0.3 stands for the float32 0.300000012, and an event of that is not below it."""
    content = model(random, splitting_convention="<", library="xgboost")
    for group in content["trees"]:
        group[0]["threshold"] = [float(str(np.float32(t))) for t in group[0]["threshold"]]
    x = around(random, content, 200)
    own = scores(content, x, np.float32)
    assert np.abs(evaluate(read(tmp_path, content), {"features": x})["result"] - own).max() < 1e-5
    assert np.abs(scores(content, x) - own).max() > 0.01


def test_older_files(tmp_path, random):
    """Of before oblique splits, names and conventions: x <= threshold."""
    content = model(random)
    for group in content["trees"]:
        del group[0]["weight"]
    older = {key: value for key, value in content.items() if key not in ("feature_map", "splitting_convention", "config")}
    graph = read(tmp_path, older)
    x = around(random, content, 50)
    assert graph.inputs[0].labels is None
    assert np.abs(evaluate(graph, {"features": x})["result"] - scores(content, x)).max() < 1e-5


def test_level_1_electrons(tmp_path, models, native):
    """CMS's electron identification of the Level-1 trigger: the scores of float64, through the compiled code."""
    path = models / "cms-data/L1Trigger/compositeID_EB_v1.json"
    table = np.loadtxt(path.with_name("compositeID_EB_v1.vectors.csv"), delimiter=",", skiprows=1)
    kaon.convert(path, tmp_path / "m", name="electrons")
    assert kaon.open_package(tmp_path / "m").graph.inputs[0].labels[:2] == ["TkEle_CryClu_pt", "TkEle_CryClu_showerShape"]
    for batch in (None, 64):
        assert np.abs(kaon.run(tmp_path / "m", table[:, :11], batch=batch)["result"][:, 0] - table[:, 11]).max() < 1e-5


TREE = ("trees", 0, 0)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("n_features",), 0, "n_features: 0 is no number from 1"),
        (("n_features",), "3", "n_features: expected an integer, found str"),
        (("n_classes",), 3, "init_predict: 1 numbers for 3 outputs"),
        (("n_trees",), 4, "n_trees: 5 trees of 1 outputs, not 4"),
        (("norm",), float("nan"), "norm: 'nan' is no finite number"),
        (("init_predict",), [float("inf")], r"init_predict\[0\]: 'inf' is no finite number"),
        (("splitting_convention",), ">", "splitting_convention: '>' is neither < nor <="),
        (("trees",), [], "n_trees: 0 trees"),
        (("trees", 0), [], r"trees\[0\]: 0 trees for 1 outputs"),
        ((*TREE, "feature"), [], r"trees\[0\]\[0\]\.feature: the tree has no nodes"),
        ((*TREE, "feature", 0), 3, r"trees\[0\]\[0\]\.(weight\[0\]|children_left\[0\]): it splits"),
        ((*TREE, "feature", 0), -2.5, r"feature\[0\]: expected a whole number"),
        ((*TREE, "children_left", 0), 0, r"children_left\[0\]: its children are 0 and"),
        ((*TREE, "children_left", 0), -1, r"children_left\[0\]: its children are -1 and"),
        ((*TREE, "children_right", 0), 1, "the node is reached twice"),
        ((*TREE, "children_right", 0), 1 << 40, r"children_right\[0\]: expected a whole number of 32 bits"),
        ((*TREE, "threshold", 0), float("nan"), r"threshold\[0\]: it is nan"),
        ((*TREE, "threshold", 0), None, r"threshold\[0\]: expected a number, found None"),
        ((*TREE, "value"), [1.0], r"value: 1 entries for"),
        ((*TREE, "weight", 0), [0.5, 0.5, 0], r"weight\[0\]: it splits a linear combination"),
        ((*TREE, "weight", 0), [1], r"weight\[0\]: 1 weights for 3 features"),
        ((*TREE, "weight"), {}, r"weight: expected a list"),
    ],
)  # fmt: skip
def test_hostile(tmp_path, random, path, value, words):
    content = model(random)
    at = content
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(Refused, match=words):
        read(tmp_path, content)


def test_changed_structure(tmp_path, random):
    """Parts exchanged, dropped, doubled and replaced: a refusal, or what conifer computes."""
    mutator = Mutator(11)
    original = model(random, trees=2, depth=2)
    agreed = refused = 0
    for _ in range(400 * FUZZ):
        content = mutator.json(original)
        data = json.dumps(content).encode()
        try:
            if importers.recognise("m", data) != "conifer":
                continue
            graph = read(tmp_path, data)
        except Refused as error:
            assert error.place and error.cause and error.remedy and "\n" not in str(error)
            refused += 1
            continue
        agreed += 1
        size = graph.inputs[0].shape[0]
        x = random.normal(size=(4, size)).astype(np.float32)
        expected = scores({"splitting_convention": "<=", **content}, x)
        assert np.abs(evaluate(graph, {"features": x})["result"] - expected).max() < 1e-5 * max(1, np.abs(expected).max())
    assert agreed > 20 * FUZZ and refused > 100 * FUZZ
