"""XGBoost's models in JSON, UBJSON and its old binary format: the boosters gbtree and dart.

Its nodes split by x < threshold in float32, and a missing value, which is NaN, goes where the node says. Categories of a node go
right, whatever else left: its children change places here. A base score is stored as a prediction, not as a margin, except
by versions before 1 (which wrote the binary format alone), and for binary:logitraw from version 1.4 on.
"""

from __future__ import annotations

import json

import numpy as np

from kaon import fields
from kaon.error import Refused, one_line
from kaon.fields import Field
from kaon.forest import MAXIMUM_NODES, Tree, refuse_loops
from kaon.graph import Graph
from kaon.importers.trees.links import by_output, graph_of, link, refuse_large
from kaon.importers.trees.ubjson import is_ubjson, parse_ubjson
from kaon.importers.trees.xgboost_binary import is_xgboost_binary, parse_binary

IDENTITY = (
    *("reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"),
    *("reg:expectileerror", "rank:pairwise", "rank:ndcg", "rank:map"),
)
LOGISTIC = ("binary:logistic", "reg:logistic")
"""Base scores are probabilities."""
RAW = "binary:logitraw"
EXPONENTIAL = ("count:poisson", "reg:gamma", "reg:tweedie")
SOFTMAX = ("multi:softprob", "multi:softmax")
"""The second one's own prediction is the number of the largest, which whoever reads the probabilities has at once."""
SUPPORTED = (*LOGISTIC, RAW, *SOFTMAX, *EXPONENTIAL, *IDENTITY)
RAW_MARGIN = (1, 4)
"""From this version on the base score of RAW is a margin."""
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_CLASSES = 1 << 12


def is_xgboost(data: bytes) -> bool:
    """Whether a file is an XGBoost model in UBJSON, JSON or the binary format."""
    if is_ubjson(data) or is_xgboost_binary(data):
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
    if data.lstrip()[:1] == b"{":
        whole = Field(place, parse_ubjson(place, data)) if is_ubjson(data) else fields.parse(place, data)
    else:
        whole = Field(place, parse_binary(place, data))
    learner = whole["learner"]
    parameters, booster = learner["learner_model_param"], learner["gradient_booster"]
    name = booster["name"]
    if name.text() not in ("gbtree", "dart"):
        raise name.refuse(f"the booster {one_line(name.text())!r} is not supported", "train with booster=gbtree or dart")
    features = count(parameters["num_feature"], 1, MAXIMUM_FEATURES)
    classes = max(1, count(parameters["num_class"], 0, MAXIMUM_CLASSES))
    targets = max(1, count(parameters.get("num_target", "1"), 0, MAXIMUM_CLASSES))
    if targets > 1 and classes > 1:
        raise parameters["num_target"].refuse("several targets of several classes are not supported", "train a model for each target")
    outputs = max(classes, targets)
    version = [part.integer() for part in whole["version"]] if whole.has("version") else [1, 0]
    layer, base = link_of(learner["objective"]["name"], parameters["base_score"], classes, targets, tuple(version[:2]))
    model = (booster["gbtree"] if name.text() == "dart" else booster)["model"]
    vectors = False
    trees: list[Tree] = []
    depth = nodes = 0
    for entry in model["trees"]:
        tree, levels = read_tree(entry, features, outputs)
        vectors = vectors or tree.leaf_values is not None
        trees.append(tree)
        depth, nodes = max(depth, levels), nodes + len(tree.left)
        if nodes > MAXIMUM_NODES:
            raise entry.refuse(f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    output_of = [entry.integer() for entry in model["tree_info"]]
    wrong = next((o for o in output_of if not 0 <= o < outputs), None)
    if wrong is not None or len(output_of) != len(trees) or not trees:
        cause = f"{len(output_of)} entries, {len(trees)} trees" if wrong is None else f"a tree of class {wrong} of {outputs}"
        raise model["tree_info"].refuse(cause)
    for holder in (booster, model):
        if holder.has("weight_drop"):
            weigh(holder["weight_drop"], trees)
    names = learner["feature_names"].texts() if learner.has("feature_names") else []
    ordered = trees if vectors else by_output(place, trees, output_of, outputs)
    labels = names if len(names) == features else None
    return graph_of(place, ordered, depth, False, base, link(layer), features, labels, name.text(), True)


def weigh(field: Field, trees: list[Tree]) -> None:
    """Multiplies the leaves of each tree by its weight; trees beyond the list keep theirs."""
    weights = numbers(field)
    if len(weights) > len(trees) or not np.isfinite(weights).all():
        raise field.refuse(f"{len(weights)} weights, {len(trees)} trees" if np.isfinite(weights).all() else "a weight is not finite")
    for tree, weight in zip(trees, weights.astype(np.float64)):
        tree.values = np.where(tree.left < 0, tree.values * weight, tree.values)
        if tree.leaf_values is not None:
            tree.leaf_values = tree.leaf_values * weight


def count(field: Field, least: int, most: int) -> int:
    """Returns a whole number that is stored as a text."""
    text = field.text()
    if not text.isascii() or not text.isdigit() or len(text) > 12 or not least <= int(text) <= most:
        raise field.refuse(f"{one_line(text, 20)!r} is no number from {least} to {most}")
    return int(text)


def link_of(objective: Field, base_score: Field, classes: int, targets: int, version: tuple[int, ...]) -> tuple[str | None, np.ndarray]:
    """Returns the layer after the sums, if any, and the sums' first terms."""
    name = objective.text()
    scores = base_scores(base_score, max(classes, targets))
    if name in SOFTMAX:
        return "softmax", scores
    if classes > 1 or name not in SUPPORTED:
        raise objective.refuse(f"the objective {one_line(name, 60)!r} with {classes} classes is not supported", f"supported: {', '.join(SUPPORTED)}")
    layer = "sigmoid" if name in LOGISTIC else "exponential" if name in EXPONENTIAL else None
    if name in IDENTITY or version < (1, 0) or (name == RAW and version >= RAW_MARGIN):
        return layer, scores
    if layer == "exponential":
        if not (scores > 0).all():
            raise base_score.refuse(f"{scores.min()} is not positive")
        return layer, np.log(scores)
    if not ((scores > 0) & (scores < 1)).all():
        raise base_score.refuse(f"{scores[((scores > 0) & (scores < 1)).argmin()]} is no probability between 0 and 1")
    return layer, np.log(scores / (1 - scores))


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


def read_tree(entry: Field, features: int, outputs: int) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits. outputs: of the model."""
    children = dict.fromkeys(("left_children", "right_children", "split_indices"), Field.whole_numbers)
    kind = {"split_type": Field.whole_numbers} if entry.has("split_type") else {}
    read = fields.columns(entry, children | {"default_left": Field.flags, "split_conditions": numbers} | kind)
    left, size = read["left_children"], len(read["left_children"])
    vector = entry["tree_param"].get("size_leaf_vector", "0")
    vectors = count(vector, 0, MAXIMUM_CLASSES) > 1
    kinds = read.get("split_type", np.zeros(size, np.int64))
    if not np.isin(kinds, (0, 1)).all():
        raise entry["split_type"].refuse("a split of another type")
    conditions = np.where((kinds == 1) | ((left == -1) & vectors), 0, read["split_conditions"])
    entry["split_conditions"].refuse_not_finite(conditions)
    tree = Tree(left, read["right_children"], read["split_indices"], conditions, read["default_left"])
    if vectors:
        if int(vector.text()) != outputs:
            raise vector.refuse(f"leaves of {vector.text()} numbers in a model of {outputs} outputs")
        tree.leaf_values = leaf_vectors(entry, tree, outputs)
        tree.right = np.where(left == -1, -1, tree.right)
    if kinds.any():
        read_categories(entry, tree, kinds)
    depth = refuse_loops(tree, lambda node, cause: Refused(f"{entry.path}.left_children[{node}]", cause, "save the model again"), features)
    return tree, depth


def leaf_vectors(entry: Field, tree: Tree, outputs: int) -> np.ndarray:
    """Returns the leaves [nodes][outputs]: version 2 stores such for all nodes, version 3 for leaves, whose number is their right child."""
    size, leaf = len(tree.left), tree.left == -1
    refuse_large(entry.path, size, outputs)
    key = "leaf_weights" if entry.has("leaf_weights") else "base_weights"
    stored = numbers(entry[key])
    if key == "base_weights":
        if len(stored) != size * outputs:
            raise entry[key].refuse(f"{len(stored)} numbers for {size} nodes of {outputs} outputs")
        stored = np.where(np.repeat(leaf, outputs), stored, 0)
        entry[key].refuse_not_finite(stored)
        return stored.reshape(size, outputs)
    entry[key].refuse_not_finite(stored)
    chosen = np.where(leaf, tree.right, 0)
    wrong = (chosen < 0) | (chosen >= len(stored) // outputs)
    if wrong.any() or len(stored) % outputs != 0:
        where = int(wrong.argmax())
        raise Refused(f"{entry.path}.right_children[{where}]", f"leaf {int(chosen[where])} of {len(stored) / outputs:g}", "save the model again")
    return stored.reshape(-1, outputs)[chosen]


def read_categories(entry: Field, tree: Tree, kinds: np.ndarray) -> None:
    """Gives the nodes that split by category theirs, with their children exchanged. kinds: of each node, 1 by category."""
    keys = ("categories_nodes", "categories_segments", "categories_sizes", "categories")
    nodes, begins, sizes, categories = (entry[key].whole_numbers() for key in keys)
    if not len(nodes) == len(begins) == len(sizes):
        raise entry["categories_nodes"].refuse(f"{len(nodes)} nodes, {len(begins)} segments, {len(sizes)} sizes")
    if len(categories) > 0 and categories.min() < 0:
        raise entry["categories"].refuse(f"{int(categories.min())} is no category")
    asked = set(np.flatnonzero((kinds == 1) & (tree.left != -1)).tolist())
    for number, (node, begin, length) in enumerate(zip(nodes.tolist(), begins.tolist(), sizes.tolist())):
        if node not in asked or node in tree.categories:
            raise Refused(f"{entry.path}.categories_nodes[{number}]", f"node {node} does not split by category, or twice", "save the model again")
        if not 0 <= begin <= begin + length <= len(categories) or length < 0:
            raise Refused(f"{entry.path}.categories_segments[{number}]", f"{begin} to {begin + length} of {len(categories)}", "save the model again")
        tree.categories[node] = categories[begin : begin + length]
    lacking = asked - set(tree.categories)
    if lacking:
        raise entry["split_type"].refuse(f"node {min(lacking)} has no categories")
    exchanged = np.isin(np.arange(len(kinds)), list(tree.categories))
    tree.left, tree.right = np.where(exchanged, tree.right, tree.left), np.where(exchanged, tree.left, tree.right)
    tree.missing_left = tree.missing_left ^ exchanged


def numbers(field: Field) -> np.ndarray:
    """Returns float32 numbers: as texts they are the shortest decimals of such."""
    with np.errstate(over="ignore"):
        return field.numbers().astype(np.float32)
