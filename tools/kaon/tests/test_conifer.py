"""Forests of conifer: a production model, both conventions, classes, fixed point bit for bit, and hostile files."""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.error import Refused
from conifer_emulation import Case, emulated, headers
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.golden import inputs, raw_inputs, values_of
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


PRODUCTION = "ap_fixed<8,1,AP_RND_CONV,AP_SAT>"


def typed(content: dict, inputs: str, weights: str, scores: str, backend: str = "cpp") -> dict:
    precision = {"input_precision": inputs, "threshold_precision": inputs, "weight_precision": weights, "score_precision": scores}
    return {**content, "config": {"backend": backend, **precision}}


def fixed_scores(graph: Graph, x: np.ndarray) -> np.ndarray:
    return values_of(graph, evaluate_fixed(graph, raw_inputs(graph, {"features": x})))["result"]


def cast(value: Fraction, text: str) -> Fraction:
    """What ap_fixed makes of a number, by its definition. text: such as ap_fixed<8,1,AP_RND,AP_SAT>."""
    kind, inner = text.rstrip(">").split("<")
    width, integer, rounding, overflow = (*inner.split(","), *("AP_TRN", "AP_WRAP")[inner.count(",") - 1 :])
    scaled = value * Fraction(2) ** (int(width) - int(integer))
    near = {
        "AP_TRN": lambda: math.floor(scaled),
        "AP_RND": lambda: math.floor(scaled + Fraction(1, 2)),
        "AP_RND_ZERO": lambda: int(math.copysign(math.ceil(abs(scaled) - Fraction(1, 2)), scaled)),
        "AP_RND_CONV": lambda: round(scaled),
    }[rounding]()
    bits = int(width) - (kind == "ap_fixed")
    least, greatest = (-(1 << bits) if kind == "ap_fixed" else 0), (1 << bits) - 1
    if overflow == "AP_SAT":
        near = min(max(near, least), greatest)
    return Fraction((near - least) % (1 << int(width)) + least) / Fraction(2) ** (int(width) - int(integer))


def walked(content: dict, x: np.ndarray) -> np.ndarray:
    """What conifer.h computes, one cast after the other."""
    config = content["config"]
    inputs, weights, score = config["input_precision"], config["weight_precision"], config["score_precision"]
    one = cast(Fraction(1), weights) if "weight" in content["trees"][0][0] else Fraction(1)
    result = []
    for event in x:
        seen = [cast(cast(Fraction(float(value)), inputs) * one, inputs) for value in event]
        sums = [cast(Fraction(start), score) for start in content["init_predict"]]
        for group in content["trees"]:
            for output, tree in enumerate(group):
                node = 0
                while tree["feature"][node] != -2:
                    value, limit = seen[tree["feature"][node]], cast(Fraction(tree["threshold"][node]), inputs)
                    left = value < limit if content["splitting_convention"] == "<" else value <= limit
                    node = tree["children_left" if left else "children_right"][node]
                sums[output] = cast(sums[output] + cast(Fraction(tree["value"][node]), score), score)
        result.append([float(cast(total * cast(Fraction(content["norm"]), score), score)) for total in sums])
    return np.array(result)


TYPES = {
    "usual": ("ap_fixed<18,8>", "ap_fixed<18,8>", "ap_fixed<18,8>", 1),
    "wrapping": ("ap_fixed<10,4>", "ap_fixed<10,4>", "ap_fixed<9,2>", 0.3),
    "saturating": ("ap_fixed<7,3,AP_RND,AP_SAT>", "ap_fixed<7,3,AP_RND,AP_SAT>", "ap_fixed<16,8,AP_RND,AP_SAT>", 0.7),
    "unsigned": ("ap_ufixed<6,2,AP_TRN,AP_SAT>", "ap_ufixed<6,2>", "ap_fixed<12,5,AP_RND_ZERO>", 1),
    "no_one": ("ap_fixed<6,1,AP_TRN,AP_SAT>", "ap_fixed<6,1,AP_TRN,AP_SAT>", "ap_fixed<12,6,AP_RND>", -1.3),
}


def typed_models(random: np.random.Generator) -> dict[str, dict]:
    made = {}
    for name, (inputs, weights, score, norm) in TYPES.items():
        for number, convention in enumerate(("<", "<=")):
            content = model(random, trees=12, classes=2 + number, depth=4, splitting_convention=convention, norm=norm)
            made[f"{name}_{number}"] = typed(content, inputs, weights, score)
    return made


def test_fixed_point(tmp_path, random):
    """Every bit of the scores: both conventions, classes, modes, norms, sums that wrap, weights of a type that does not hold 1."""
    for name, content in typed_models(random).items():
        graph = read(tmp_path, content)
        x = random.normal(size=(40, 3))
        expected = walked(content, x)
        assert np.array_equal(fixed_scores(graph, x), expected), name
        assert [node.kind for node in graph.nodes] == (["forest"] if content["norm"] == 1 else ["forest", "scaler"])


def production(models) -> tuple[dict, np.ndarray, np.ndarray]:
    path = models / "cms-data/L1Trigger/compositeID_EB_v1.json"
    table = np.loadtxt(path.with_name("compositeID_EB_v1.vectors.csv"), delimiter=",", skiprows=1)
    return json.loads(path.read_text()), table[:, :11], table[:, 11]


def test_level_1_electrons(tmp_path, models, native):
    """CMS's electron identification of the Level-1 trigger: the scores of float64, and in its production types every bit, compiled."""
    content, x, expected = production(models)
    graph = read(tmp_path, {key: value for key, value in content.items() if key != "config"})
    assert np.abs(evaluate(graph, {"features": x.astype(np.float32)})["result"][:, 0] - expected).max() < 1e-7
    package = kaon.convert(models / "cms-data/L1Trigger/compositeID_EB_v1.json", tmp_path / "m", name="electrons")
    assert package.graph.inputs[0].scalar == "fixed<8,1,round_conv,saturate>" and package.graph.outputs[0].scalar == "fixed<11,4>"
    assert package.graph.inputs[0].labels[:2] == ["TkEle_CryClu_pt", "TkEle_CryClu_showerShape"]
    assert content["config"]["input_precision"] == content["config"]["threshold_precision"] == PRODUCTION
    own = walked({**content, "config": {**content["config"], "weight_precision": PRODUCTION}}, x)
    for batch in (None, 64):
        assert np.array_equal(kaon.run(tmp_path / "m", x, batch=batch)["result"], own)


def test_beside_conifer(tmp_path, random):
    """conifer.h of version 1.11 on ap_fixed; where the reference models are, the production one too, whose weights have no 1 in their type."""
    if headers() is None:
        pytest.skip("conifer or hls4ml is not installed")
    everything = {name: made for name, made in typed_models(random).items() if name.startswith(("saturating", "no_one"))}
    rows = {name: random.normal(size=(300, 3)) for name in everything}
    folder = os.environ.get("KAON_MODELS")
    if folder is not None:
        content, x, _ = production(Path(folder))
        for group in content["trees"]:
            group[0]["weight"] = [[int(i == f) for i in range(11)] for f in group[0]["feature"]]
        for name, weights in (("production", PRODUCTION), ("with_one", "ap_fixed<9,2>")):
            everything[name] = typed(content, PRODUCTION, weights, content["config"]["score_precision"])
            rows[name] = np.concatenate([x, np.random.default_rng(1).integers(-300, 300, (300, 11)) / 256])
    cases = {}
    for name, made in everything.items():
        inputs, weights, score = (made["config"][f"{key}_precision"] for key in ("input", "weight", "score"))
        cases[name] = Case(made, inputs, weights, score, rows[name])
    got = emulated(tmp_path, cases)
    for name, case in cases.items():
        assert np.array_equal(fixed_scores(read(tmp_path, case.model), case.x), got[name]), name
    if folder is not None:
        assert not np.array_equal(got["production"], got["with_one"])
        for group in content["trees"]:
            del group[0]["weight"]
        assert np.array_equal(fixed_scores(read(tmp_path, content), rows["with_one"]), got["with_one"])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"precision": "ap_fixed<8>"}, r"config\.input_precision: 'ap_fixed<8>' has no sizes"),
        ({"precision": "half"}, r"config\.input_precision: 'half' is no fixed-point type"),
        ({"precision": "ap_fixed<60,8>"}, "use types of at most 53 bits"),
        ({"precision": "ap_fixed<18,8>", "ScorePrecision": "float"}, r"config\.score_precision: 'float' beside fixed-point types"),
        ({"InputPrecision": "ap_fixed<18,8>"}, r"config\.score_precision: 'nothing' beside fixed-point types"),
        ({"precision": "ap_fixed<8,1>", "score_precision": "ap_fixed<18,8>"}, r"config\.weight_precision: fixed<8,1> makes -1 of the weight 1"),
        ({"precision": "ap_fixed<18,8>", "score_precision": "ap_fixed<8,2,AP_RND,AP_SAT>"}, r"config\.score_precision: sums from .* may leave fixed<8,2,round,saturate>"),
        ({"precision": 18}, r"config\.precision: expected a string"),
    ],
)  # fmt: skip
def test_types_that_are_refused(tmp_path, random, config, words):
    with pytest.raises(Refused, match=words):
        read(tmp_path, model(random, config=config))


def test_in_double(tmp_path, random):
    """Thresholds as they are, but those of XGBoost's models; what has fixed-point types keeps them."""
    content = model(random, trees=20)
    path = tmp_path / "model"
    for library in ("sklearn", "xgboost"):
        path.write_text(json.dumps({**content, "library": library, "splitting_convention": "<" if library == "xgboost" else "<="}))
        graph = importers.read(path).graph
        passes.run(graph, "double")
        x = inputs(graph, 400, 3)["features"]
        seen = x if library == "sklearn" else x.astype(np.float32)
        expected = scores(json.loads(path.read_text()), seen, np.float64 if library == "sklearn" else np.float32)
        assert np.abs(evaluate(graph, {"features": x})["result"] - expected).max() < 1e-12 * np.abs(expected).max()
    path.write_text(json.dumps({**content, "config": {"precision": "ap_fixed<18,8>"}}))
    with pytest.raises(Refused, match="--scalar double: model states fixed-point types"):
        passes.run(importers.read(path).graph, "double")


def test_backends_without_weights(tmp_path, random):
    """The VHDL of conifer has no weights: ap_fixed<8,1> compares as it is."""
    graph = read(tmp_path, model(random, config={"backend": "vhdl", "precision": "ap_fixed<8,1>"}))
    assert graph.nodes[0].types["accumulator"].width == 8


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
    originals = [original, typed(original, "ap_fixed<10,4>", "ap_fixed<10,4>", "ap_fixed<9,2>")]
    agreed = refused = 0
    for number in range(400 * FUZZ):
        content = mutator.json(originals[number % 4 == 0])
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
        if graph.is_fixed:
            fixed_scores(graph, x)
            continue
        expected = scores({"splitting_convention": "<=", **content}, x)
        assert np.abs(evaluate(graph, {"features": x})["result"] - expected).max() < 1e-5 * max(1, np.abs(expected).max())
    assert agreed > 20 * FUZZ and refused > 100 * FUZZ
