"""CatBoost's models in JSON: model.save_model(path, format='json').

A split asks whether x > border in float32. A missing value counts as below all borders, or above all, as the feature says. Leaf
number b of an oblivious tree is where split i of it gave bit i of b. The sums are scale times the leaves, plus the bias.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kaon import fields
from kaon.error import one_line
from kaon.fields import Field
from kaon.forest import MAXIMUM_DEPTH, MAXIMUM_NODES, Tree
from kaon.graph import Graph
from kaon.importers.trees.links import graph_of, link

MAXIMUM_FEATURES = 1 << 18
MAXIMUM_OUTPUTS = 1 << 12
MAXIMUM_SPLITS = 16
"""Of an oblivious tree: more than CatBoost trains."""
IDENTITY = (
    *("RMSE", "MAE", "MAPE", "Quantile", "MultiQuantile", "Expectile", "Huber", "LogCosh", "Lq", "MultiRMSE", "MultiRMSEWithMissingValues"),
    *("QueryRMSE", "QuerySoftMax", "PairLogit", "PairLogitPairwise", "YetiRank", "YetiRankPairwise", "StochasticRank", "LambdaMart"),
)
LINKS = {
    **dict.fromkeys(("Logloss", "CrossEntropy", "MultiClassOneVsAll", "MultiLogloss", "MultiCrossEntropy"), "sigmoid"),
    "MultiClass": "softmax",
    **dict.fromkeys(("Poisson", "Tweedie"), "exponential"),
    **dict.fromkeys(IDENTITY),
}
NAN_IS_LEFT = {"AsIs": True, "AsFalse": True, "AsTrue": False}


def is_catboost(data: bytes) -> bool:
    if b'"features_info"' not in data or b'"model_info"' not in data:
        return False
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "features_info" in content and "model_info" in content


def read_catboost(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is no tree and what cannot be converted."""
    whole = fields.parse(place, data)
    features = Features(whole["features_info"])
    scale, bias = scale_and_bias(whole)
    outputs = len(bias)
    name, parameters = loss(whole["model_info"])
    if name not in LINKS:
        raise parameters.refuse(f"the loss {one_line(name, 40)!r} is not supported", f"supported: {', '.join(sorted(LINKS))}")
    trees: list[Tree] = []
    depth = nodes = 0
    oblivious = whole.has("oblivious_trees")
    for entry in whole["oblivious_trees" if oblivious else "trees"]:
        tree, levels = (read_oblivious if oblivious else read_nested)(entry, features, outputs)
        trees.append(tree)
        depth, nodes = max(depth, levels), nodes + len(tree.left)
        if nodes > MAXIMUM_NODES:
            raise entry.refuse(f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    if not trees:
        raise whole["oblivious_trees" if oblivious else "trees"].refuse("the model has no trees", "train it")
    for tree in trees:
        inner = tree.left >= 0
        tree.values = np.where(inner, tree.values, tree.values * scale)
        if tree.leaf_values is not None:
            tree.leaf_values = tree.leaf_values * scale
    classes = class_names(whole["model_info"])
    return graph_of(place, trees, depth, True, bias, link(LINKS[name]), features.count, features.names, "CatBoost trees", True, classes)


class Features:
    """The numerical features by their index among such; count: of all."""

    def __init__(self, info: Field) -> None:
        for key in ("categorical_features", "text_features", "embedding_features", "ctrs"):
            if info.has(key) and info[key].of(list, "a list"):
                what = key.replace("_", " ")
                raise info[key].refuse(f"{what} are not supported: CatBoost hashes them", "train with numerical features alone")
        listed = list(info["float_features"])
        self.columns = [entry["flat_feature_index"].within(0, MAXIMUM_FEATURES - 1) for entry in listed]
        self.nan_left: list[bool] = []
        self.borders: list[tuple[int, float]] = []
        """By the numbers that CatBoost itself reads of splits: features and borders of theirs."""
        for number, entry in enumerate(listed):
            if entry["feature_index"].integer() != number or self.columns[number] in self.columns[:number]:
                raise entry["feature_index"].refuse(f"feature {number} has another number, or another's column")
            treatment = entry.get("nan_value_treatment", "AsIs")
            if treatment.text() not in NAN_IS_LEFT:
                raise treatment.refuse(f"no treatment {one_line(treatment.text(), 20)!r}", f"supported: {', '.join(NAN_IS_LEFT)}")
            self.nan_left.append(NAN_IS_LEFT[treatment.text()])
            self.borders += [(number, border) for border in entry.get("borders", []).finite().tolist()]
        if not listed:
            raise info["float_features"].refuse("the model has no features", "train it")
        self.count = max(self.columns) + 1
        names = {column: entry.get("feature_id", "").text() for column, entry in zip(self.columns, listed)}
        complete = len(names) == self.count and all(names.values())
        self.names = [names[column] for column in range(self.count)] if complete else None

    def split(self, entry: Field) -> tuple[int, float, bool]:
        """Returns column, border and whether a missing value goes left."""
        kind = entry["split_type"]
        if kind.text() != "FloatFeature":
            raise kind.refuse(f"splits of type {one_line(kind.text(), 30)!r} are not supported", "train with numerical features alone")
        index, border = entry["float_feature_index"].within(0, len(self.columns) - 1), entry["border"].real()
        if entry.has("split_index"):
            number = entry["split_index"].within(0, max(0, len(self.borders) - 1))
            if self.borders[number : number + 1] != [(index, border)]:
                raise entry["split_index"].refuse(f"border {number} of the model is another one than {border:.9g} of feature {index}")
        return self.columns[index], border, self.nan_left[index]


def scale_and_bias(whole: Field) -> tuple[float, np.ndarray]:
    both = list(whole["scale_and_bias"])
    if len(both) != 2:
        raise whole["scale_and_bias"].refuse(f"{len(both)} entries, not a scale and biases")
    bias = both[1].finite() if isinstance(both[1].value, list) else np.array([both[1].real()])
    if not 0 < len(bias) <= MAXIMUM_OUTPUTS:
        raise both[1].refuse(f"{len(bias)} biases")
    return both[0].real(), bias


def loss(info: Field) -> tuple[str, Field]:
    """Returns the name of the loss and where it stands; of a loss that the user wrote or that is not stated RMSE, whose sums are the result."""
    parameters = info.get("params", {})
    if isinstance(parameters.value, str):
        parameters = fields.parse(parameters.path, parameters.value)
    if not parameters.has("loss_function"):
        return "RMSE", parameters
    kind = parameters["loss_function"]["type"]
    return kind.text(), kind


def class_names(info: Field) -> list[str] | None:
    """Returns the names of the classes, where they are stated."""
    if not info.has("class_params"):
        return None
    names = info["class_params"].get("class_names", []).of(list, "a list")
    return [str(name) for name in names if isinstance(name, (str, int, float))]


def read_oblivious(entry: Field, features: Features, outputs: int) -> tuple[Tree, int]:
    """Returns a tree that asks the same question in each node of a level, as a complete tree, and its levels."""
    listed = list(entry["splits"]) if entry.has("splits") else []
    if len(listed) > MAXIMUM_SPLITS:
        raise entry["splits"].refuse(f"{len(listed)} splits", f"train with a depth of at most {MAXIMUM_SPLITS}")
    splits = [features.split(split) for split in listed]
    depth = len(splits)
    leaves = leaf_values(entry["leaf_values"], outputs << depth).reshape(-1, outputs)
    inner = (1 << depth) - 1
    node = np.arange(inner)
    level = np.floor(np.log2(node + 1)).astype(int)
    columns, borders, missing = (np.array([split[i] for split in splits[::-1]] or [0]) for i in range(3))
    none = np.full(1 << depth, -1)
    tree = Tree(
        np.concatenate([2 * node + 1, none]),
        np.concatenate([2 * node + 2, none]),
        np.concatenate([columns[level], none]),
        np.concatenate([borders[level], leaves[:, 0]]),
        np.concatenate([missing[level] != 0, none != -1]),
    )
    if outputs > 1:
        tree.leaf_values = np.concatenate([np.zeros((inner, outputs)), leaves])
    return tree, depth


def read_nested(root: Field, features: Features, outputs: int) -> tuple[Tree, int]:
    """Returns a tree of nested nodes and its levels."""
    arrays: dict[str, list[Any]] = {"left": [], "right": [], "features": [], "values": [], "missing": [], "leaves": []}
    pending = [(root, -1, "", 0)]
    depth = 0
    while pending:
        node, parent, side, level = pending.pop()
        if level > MAXIMUM_DEPTH:
            raise node.refuse(f"a tree of over {MAXIMUM_DEPTH} levels", "train a smaller one")
        depth, number = max(depth, level), len(arrays["left"])
        if parent >= 0:
            arrays[side][parent] = number
        is_inner = node.has("split")
        column, border, missing = features.split(node["split"]) if is_inner else (-1, 0.0, False)
        leaves = np.zeros(outputs) if is_inner else leaf_values(node["value"], outputs)
        row = (-1, -1, column, border if is_inner else leaves[0], missing, leaves)
        for key, value in zip(arrays, row):
            arrays[key].append(value)
        if is_inner:
            pending += [(node["right"], number, "right", level + 1), (node["left"], number, "left", level + 1)]
    tree = Tree(*(np.array(arrays[key]) for key in ("left", "right", "features", "values", "missing")))
    if outputs > 1:
        tree.leaf_values = np.array(arrays["leaves"])
    return tree, depth


def leaf_values(field: Field, count: int) -> np.ndarray:
    """Returns `count` finite numbers; one may stand without a list."""
    values = np.array([field.real()]) if count == 1 and not isinstance(field.value, list) else field.finite()
    if len(values) != count:
        raise field.refuse(f"{len(values)} numbers, not {count}")
    return values
