"""LightGBM's models in JSON, as booster.dump_model() gives them."""

from __future__ import annotations

import json

import numpy as np

from kaon import fields
from kaon.error import one_line
from kaon.fields import Field
from kaon.forest import MAXIMUM_DEPTH, MAXIMUM_NODES, Tree, leaf
from kaon.graph import Graph
from kaon.importers.trees.lightgbm import MAXIMUM_CLASSES, MAXIMUM_FEATURES, joined, link_of, made

MISSING = {"None": 0, "Zero": 1, "NaN": 2}
SEPARATOR = "||"


def is_lightgbm_json(data: bytes) -> bool:
    if b'"tree_info"' not in data or b'"max_feature_idx"' not in data:
        return False
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "tree_info" in content and "max_feature_idx" in content


def read_lightgbm_json(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is no tree and what cannot be converted."""
    whole = fields.parse(place, data)
    features = whole["max_feature_idx"].within(0, MAXIMUM_FEATURES - 1) + 1
    outputs = whole["num_tree_per_iteration"].within(1, MAXIMUM_CLASSES)
    trees: list[Tree] = []
    depth = nodes = 0
    for entry in whole["tree_info"]:
        tree, levels = read_tree(entry["tree_structure"], features)
        trees.append(tree)
        depth, nodes = max(depth, levels), nodes + len(tree.left)
        if nodes > MAXIMUM_NODES:
            raise entry.refuse(f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    objective = whole.get("objective", "none")
    chosen = link_of(objective.text(), outputs, objective.refuse)
    names = whole.get("feature_names", []).texts()
    return made(place, trees, depth, outputs, features, names, chosen, whole.get("average_output", False).flag())


def read_tree(root: Field, features: int) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits."""
    splits: list[Field] = []
    values: list[float] = []
    children: tuple[list[int], list[int]] = ([], [])
    """Of each split; those of leaves are -1 - their number."""
    pending = [(root, -1, 0, 0)]
    while pending:
        node, parent, side, level = pending.pop()
        if level > MAXIMUM_DEPTH:
            raise node.refuse(f"a tree of over {MAXIMUM_DEPTH} levels", "train a smaller one")
        if "split_feature" not in node.of(dict, "an object"):
            if node.has("leaf_coeff") or node.has("leaf_features"):
                raise node.refuse("linear trees are not supported", "train with linear_tree=false")
            number = -1 - len(values)
            values.append(node["leaf_value"].real())
        else:
            number = len(splits)
            splits.append(node)
            for side_of, key in enumerate(("left_child", "right_child")):
                children[side_of].append(0)
                pending.append((node[key], number, side_of, level + 1))
        if parent >= 0:
            children[side][parent] = number
    if not splits:
        return leaf(values[0]), 0
    thresholds = np.zeros(len(splits))
    categories: dict[int, np.ndarray] = {}
    missing, default_left = np.zeros(len(splits), np.int64), np.zeros(len(splits), bool)
    for number, node in enumerate(splits):
        kind, how = node["decision_type"], node.get("missing_type", "None")
        if kind.text() == "==":
            categories[number] = listed(node["threshold"])
        elif kind.text() == "<=":
            thresholds[number] = node["threshold"].real()
        else:
            raise kind.refuse(f"no split {one_line(kind.text(), 20)!r}", "supported: <=, ==")
        if how.text() not in MISSING:
            raise how.refuse(f"no kind {one_line(how.text(), 20)!r} of missing values", f"supported: {', '.join(MISSING)}")
        missing[number], default_left[number] = MISSING[how.text()], node.get("default_left", False).flag()
    chosen = np.array([node["split_feature"].within(0, features - 1) for node in splits])
    both = [np.where(np.array(side) < 0, len(splits) - 1 - np.array(side), side) for side in children]
    return joined(
        both, chosen, thresholds, np.array(values), categories, default_left, missing, features,
        lambda node, cause: splits[min(node, len(splits) - 1)].refuse(cause),
    )  # fmt: skip


def listed(threshold: Field) -> np.ndarray:
    """Returns the categories that a text lists: 1||3||5."""
    parts = threshold.text().split(SEPARATOR)
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise threshold.refuse(f"{one_line(threshold.value, 40)!r} lists no categories")
    return np.array([int(part) for part in parts])


