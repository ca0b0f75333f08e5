"""conifer's models in JSON, as conifer saves them, or as a project of its has them.

A tree compares by the model's convention, x < threshold or x <= threshold; the scores are the sums of the leaves and where they begin,
times a norm, without a link. A configuration with fixed-point types makes a model in these, with every bit of conifer's C++
(conifer_types.py). In floating point, thresholds are decimals of float64: the nearest float32 by which every float32 feature decides alike
is taken, but of XGBoost's models, whose dumps write float32 in fewer digits, the nearest.
"""

from __future__ import annotations

import json
import math

import numpy as np

from kaon import fields
from kaon.error import Refused, one_line
from kaon.fields import Field
from kaon.forest import MAXIMUM_NODES, Tree, forest_node, refuse_loops
from kaon.graph import Graph, Node, Port
from kaon.importers.trees.conifer_types import Types, read_types, refuse_saturating_sums, thresholds
from kaon.importers.trees.links import graph_of

LEAF = -2
"""What a leaf has for a feature."""
CONVENTIONS = ("<", "<=")
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_CLASSES = 1 << 12
KEYS = (b'"n_trees"', b'"init_predict"', b'"trees"')


def is_conifer(data: bytes) -> bool:
    """Whether a file is a model of conifer in JSON."""
    if data.lstrip()[:1] != b"{" or not all(key in data for key in KEYS):
        return False
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and {"n_trees", "init_predict", "trees"} <= content.keys()


def read_conifer(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is no tree and what cannot be converted."""
    model = fields.parse(place, data)
    features = count(model["n_features"], 1, MAXIMUM_FEATURES)
    classes = count(model["n_classes"], 1, MAXIMUM_CLASSES)
    outputs = 1 if classes == 2 else classes
    convention = model.get("splitting_convention", "<=")
    if convention.text() not in CONVENTIONS:
        raise convention.refuse(f"{one_line(convention.text(), 20)!r} is neither < nor <=")
    or_equal = convention.text() == "<="
    norm = number(model["norm"])
    begin = [number(entry) for entry in model["init_predict"]]
    if len(begin) not in (outputs, classes):
        raise model["init_predict"].refuse(f"{len(begin)} numbers for {outputs} outputs")
    trees: list[Tree] = []
    depth = nodes = 0
    weighted = False
    for group in model["trees"]:
        found = list(group)
        if len(found) != outputs:
            raise group.refuse(f"{len(found)} trees for {outputs} outputs")
        for entry in found:
            tree, levels = read_tree(entry, features)
            trees.append(tree)
            weighted = weighted or entry.has("weight")
            depth, nodes = max(depth, levels), nodes + len(tree.left)
            if nodes > MAXIMUM_NODES:
                raise entry.refuse(f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    if not trees or count(model["n_trees"], 1, MAXIMUM_NODES) * outputs != len(trees):
        raise model["n_trees"].refuse(f"{len(trees)} trees of {outputs} outputs, not {one_line(model['n_trees'].value, 20)} times as many")
    names = feature_names(model, features)
    base = np.array(begin[:outputs])
    types = read_types(model, weighted)
    if types is not None:
        return in_fixed_point(place, trees, depth, or_equal, base, norm, features, names, types)
    is_xgboost = model.get("library", "").text() == "xgboost"
    with np.errstate(over="ignore"):
        for tree in trees:
            thresholds_read = nearest32(tree.values) if is_xgboost else tree.values
            tree.values = np.where(tree.left >= 0, thresholds_read, tree.values * norm)
        base = base * norm
    return graph_of(place, trees, depth, or_equal, base, [], features, names, "conifer", is_xgboost)


def in_fixed_point(
    place: str, trees: list[Tree], depth: int, or_equal: bool, base: np.ndarray, norm: float, features: int, names: list[str] | None, types: Types
) -> Graph:
    """Makes the graph of conifer's C++: features cast to the input's type, sums in the score's, times the norm in that type."""
    score = types.score
    extremes = []
    for tree in trees:
        inner = tree.left >= 0
        leaves = score.to_values(score.of_values(tree.values[~inner]))
        extremes.append((leaves.min(), leaves.max()))
        tree.values = np.where(inner, thresholds(types, tree.values, or_equal), tree.values)
    lowest, highest = np.array(extremes).T.reshape(2, -1, len(base))
    refuse_saturating_sums(types, lowest, highest, score.to_values(score.of_values(base)))
    factor = int(score.of_values(np.array([norm]))[0])
    scaled = score.fraction < 0 or factor != 1 << score.fraction
    node = forest_node(place, trees, base, depth, or_equal, ["features"], "sums" if scaled else "result", "conifer", False)
    node.types = {"bias": score, "accumulator": score.format()}
    nodes = [node]
    if scaled:
        tensors = {"scale": np.full(len(base), norm), "offset": np.zeros(len(base))}
        nodes.append(Node("scale", ["sums"], "result", tensors=tensors, types={"weights": score, "result": score}, origin="conifer, norm"))
    port = Port("features", (features,), names, str(types.input))
    return Graph([port], [Port("result", (len(base),))], nodes, place)


def read_tree(entry: Field, features: int) -> tuple[Tree, int]:
    """Returns a tree, its numbers as they are, and the levels of its splits. A comparison with NaN fails: it goes right."""
    children = dict.fromkeys(("feature", "children_left", "children_right"), Field.whole_numbers)
    read = fields.columns(entry, children | dict.fromkeys(("threshold", "value"), Field.finite))
    chosen, size = read["feature"], len(read["feature"])
    inner = chosen != LEAF
    refuse_oblique(entry, chosen, features)
    left, right = (np.where(inner, read[key], -1) for key in ("children_left", "children_right"))
    childless = inner & ((left < 0) | (right < 0))
    if childless.any():
        node = int(childless.argmax())
        raise Refused(f"{entry.path}.children_left[{node}]", f"its children are {left[node]} and {right[node]}", "save the model again")
    tree = Tree(left, right, np.where(inner, chosen, -1), np.where(inner, read["threshold"], read["value"]), np.zeros(size, bool))
    depth = refuse_loops(tree, lambda node, cause: Refused(f"{entry.path}.children_left[{node}]", cause, "save the model again"), features)
    return tree, depth


def refuse_oblique(entry: Field, chosen: np.ndarray, features: int) -> None:
    """Refuses nodes that split a linear combination; the weights of others are 1 for the feature, 0 else."""
    if not entry.has("weight"):
        return
    rows = list(entry["weight"])
    if len(rows) != len(chosen):
        raise entry["weight"].refuse(f"{len(rows)} entries for {len(chosen)} nodes")
    for row, feature in zip(rows, chosen.tolist()):
        weights = row.of(list, "a list")
        if len(weights) != features:
            raise row.refuse(f"{len(weights)} weights for {features} features")
        if feature != LEAF and weights != [int(i == feature) for i in range(features)]:
            raise row.refuse("it splits a linear combination of features (an oblique tree)", "train with splits of one feature")


def number(field: Field) -> float:
    value = field.value
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > 1e300 or not math.isfinite(value):
        raise field.refuse(f"{one_line(value, 30)!r} is no finite number")
    return float(value)


def count(field: Field, least: int, most: int) -> int:
    value = field.integer()
    if not least <= value <= most:
        raise field.refuse(f"{one_line(value, 30)} is no number from {least} to {most}")
    return value


def feature_names(model: Field, features: int) -> list[str] | None:
    """Returns the names by number, where the model has one for each feature."""
    if not model.has("feature_map"):
        return None
    numbers = model["feature_map"].of(dict, "an object")
    names = {value: name for name, value in numbers.items() if isinstance(value, int) and not isinstance(value, bool)}
    return [names[i] for i in range(features)] if sorted(names) == list(range(features)) and len(numbers) == features else None


def nearest32(numbers: np.ndarray) -> np.ndarray:
    largest = float(np.finfo(np.float32).max)
    return np.clip(numbers, -largest, largest).astype(np.float32).astype(np.float64)
