"""XGBoost's models in JSON and UBJSON: the booster gbtree with numerical splits.

Its nodes split by x < threshold in float32, and a missing value, which is NaN, goes where the node says. A base score is stored as a
prediction, not as a margin.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from kaon import fields
from kaon.error import Refused, one_line
from kaon.fields import Field
from kaon.forest import MAXIMUM_NODES, Tree, refuse_loops
from kaon.graph import Graph
from kaon.importers.trees.links import by_output, graph_of
from kaon.importers.trees.ubjson import is_ubjson, parse_ubjson

IDENTITY = (
    *("reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"),
    *("rank:pairwise", "rank:ndcg", "rank:map"),
)
LOGISTIC = ("binary:logistic", "reg:logistic", "binary:logitraw")
"""Base scores are probabilities; the last one gives margins."""
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_CLASSES = 1 << 12


def is_xgboost(data: bytes) -> bool:
    """Whether a file is an XGBoost model in UBJSON or JSON."""
    if is_ubjson(data):
        return True
    if b'"learner"' not in data or b'"gradient_booster"' not in data:
        return False
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and isinstance(content.get("learner"), dict)


def read_xgboost(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is no tree and what cannot be converted."""
    whole = Field(place, parse_ubjson(place, data)) if is_ubjson(data) else fields.parse(place, data)
    learner = whole["learner"]
    parameters, booster = learner["learner_model_param"], learner["gradient_booster"]
    name = booster["name"]
    if name.text() != "gbtree":
        raise name.refuse(f"the booster {one_line(name.text())!r} is not supported", "train with booster=gbtree")
    features = count(parameters["num_feature"], 1, MAXIMUM_FEATURES)
    classes = max(1, count(parameters["num_class"], 0, MAXIMUM_CLASSES))
    if parameters.has("num_target") and count(parameters["num_target"], 0, MAXIMUM_CLASSES) > 1:
        raise parameters["num_target"].refuse("several targets are not supported", "train a model for each")
    link, base = link_of(learner["objective"]["name"], parameters["base_score"], classes)
    model = booster["model"]
    trees: list[Tree] = []
    depth = nodes = 0
    for entry in model["trees"]:
        tree, levels = read_tree(entry, features)
        trees.append(tree)
        depth, nodes = max(depth, levels), nodes + len(tree.left)
        if nodes > MAXIMUM_NODES:
            raise entry.refuse(f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    outputs = [entry.integer() for entry in model["tree_info"]]
    wrong = next((o for o in outputs if not 0 <= o < classes), None)
    if wrong is not None or len(outputs) != len(trees) or not trees:
        cause = f"{len(outputs)} entries, {len(trees)} trees" if wrong is None else f"a tree of class {wrong} of {classes}"
        raise model["tree_info"].refuse(cause)
    names = learner["feature_names"].texts() if learner.has("feature_names") else []
    return graph_of(
        place, by_output(trees, outputs, classes), depth, False, base, link, features, names if len(names) == features else None, "gbtree"
    )


def count(field: Field, least: int, most: int) -> int:
    """Returns a whole number that is stored as a text."""
    text = field.text()
    if not text.isascii() or not text.isdigit() or len(text) > 12 or not least <= int(text) <= most:
        raise field.refuse(f"{one_line(text, 20)!r} is no number from {least} to {most}")
    return int(text)


def link_of(objective: Field, base_score: Field, classes: int) -> tuple[str | None, np.ndarray]:
    """Returns the layer after the sums, if any, and the sums' first terms."""
    name = objective.text()
    scores = base_scores(base_score, classes)
    if name == "multi:softprob":
        return "softmax", scores
    if classes > 1 or name not in (*IDENTITY, *LOGISTIC):
        remedy = "use multi:softprob" if name == "multi:softmax" else f"supported: multi:softprob, {', '.join((*LOGISTIC, *IDENTITY))}"
        raise objective.refuse(f"the objective {one_line(name, 60)!r} with {classes} outputs is not supported", remedy)
    if name in IDENTITY:
        return None, scores
    if not 0 < scores[0] < 1:
        raise base_score.refuse(f"{scores[0]} is no probability between 0 and 1")
    return None if name == "binary:logitraw" else "sigmoid", np.array([math.log(scores[0] / (1 - scores[0]))])


def base_scores(field: Field, classes: int) -> np.ndarray:
    """Returns one number an output; the text holds one for all, from XGBoost 3 on a list."""
    text = field.text()
    try:
        scores = np.array([float(part) for part in text.strip("[]").split(",")])
    except ValueError as error:
        raise field.refuse(f"{one_line(text, 40)!r} is no number") from error
    if len(scores) not in (1, classes) or not np.isfinite(scores).all():
        raise field.refuse(f"{one_line(text, 40)!r} is no finite number an output")
    return np.broadcast_to(scores, (classes,))


def read_tree(entry: Field, features: int) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits."""
    left = whole_numbers(entry["left_children"])
    size = len(left)
    if size == 0:
        raise entry["left_children"].refuse("the tree has no nodes")
    arrays = {"right_children": whole_numbers, "split_indices": whole_numbers, "default_left": whole_numbers, "split_conditions": numbers}
    read = {key: of(entry[key]) for key, of in arrays.items()}
    for key, array in read.items():
        if len(array) != size:
            raise entry[key].refuse(f"{len(array)} entries for {size} nodes")
    if entry.has("split_type") and any(whole_numbers(entry["split_type"])):
        raise entry["split_type"].refuse("splits by category are not supported", "encode categories as numbers before training")
    vector = entry["tree_param"].get("size_leaf_vector", "0")
    if count(vector, 0, MAXIMUM_CLASSES) > 1:
        raise vector.refuse("leaves of several numbers are not supported", "train with multi_strategy=one_output_per_tree")
    conditions = read["split_conditions"]
    finite = np.isfinite(conditions)
    if not finite.all():
        raise Refused(f"{entry.path}.split_conditions[{int(finite.argmin())}]", f"it is {conditions[finite.argmin()]}", "train the model again")
    tree = Tree(left, read["right_children"], read["split_indices"], conditions, read["default_left"] != 0)
    depth = refuse_loops(tree, lambda node, cause: Refused(f"{entry.path}.left_children[{node}]", cause, "save the model again"), features)
    return tree, depth


def whole_numbers(field: Field) -> np.ndarray:
    return numeric(field, lambda n: isinstance(n, int) and -(1 << 31) <= n < 1 << 31, "a whole number of 32 bits").astype(np.int64)


def numbers(field: Field) -> np.ndarray:
    """Returns float32 numbers: as texts they are the shortest decimals of such."""
    with np.errstate(over="ignore"):
        return numeric(field, lambda n: isinstance(n, (int, float)) and not isinstance(n, bool), "a number").astype(np.float32)


def numeric(field: Field, accepts: Any, what: str) -> np.ndarray:
    listed = field.of(list, "a list")
    wrong = next((i for i, n in enumerate(listed) if not accepts(n)), None)
    if wrong is not None:
        raise Refused(f"{field.path}[{wrong}]", f"expected {what}, found {one_line(listed[wrong], 30)}", "save the model again")
    try:
        return np.array(listed, np.float64)
    except OverflowError as error:
        raise field.refuse("a number is too large") from error
