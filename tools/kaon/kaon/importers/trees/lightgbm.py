"""LightGBM's text models: numerical splits.

Its nodes split by x <= threshold in float64. Features are float32 here, and x <= t is then the same as x <= the largest float32 that is
not above t. A missing value is NaN: it goes where the node says, or, of a node that met none in training, where zero goes.
"""

from __future__ import annotations

import math

import numpy as np

from kaon.error import Refused, one_line
from kaon.forest import MAXIMUM_NODES, Tree, leaf, refuse_loops
from kaon.graph import Graph
from kaon.importers.trees.links import by_output, graph_of

MAGIC = b"tree"
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_CLASSES = 1 << 12
IDENTITY = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom", "none")
CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2
"""Bits of a node's decision_type; above them how missing values come: 0 not at all, 1 as zeros, 2 as NaN."""


def is_lightgbm(data: bytes) -> bool:
    return data.split(b"\n", 1)[0].strip() == MAGIC


class Section:
    """Lines KEY=VALUE; every error names the section and the key."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: dict[str, str] = {}

    def refuse(self, key: str, cause: str, remedy: str = "save the model again") -> Refused:
        return Refused(f"{self.path}.{key}", cause, remedy)

    def text(self, key: str) -> str:
        if key not in self.values:
            raise Refused(self.path, f"the field {key!r} is missing", "save the model again")
        return self.values[key]

    def integer(self, key: str, least: int, most: int) -> int:
        text = self.text(key)
        try:
            value = int(text) if len(text) < 20 else most + 1
        except ValueError:
            value = most + 1
        if not least <= value <= most:
            raise self.refuse(key, f"{one_line(text, 30)!r} is no whole number from {least} to {most}")
        return value

    def numbers(self, key: str, count: int, kind: type) -> np.ndarray:
        parts = self.text(key).split()
        if len(parts) != count:
            raise self.refuse(key, f"{len(parts)} numbers, not {count}")
        try:
            found = np.array([kind(part) for part in parts], np.float64 if kind is float else np.int64)
        except (ValueError, OverflowError) as error:
            raise self.refuse(key, "an entry is no number") from error
        if not np.isfinite(found).all():
            where = int(np.isfinite(found).argmin())
            raise Refused(f"{self.path}.{key}[{where}]", f"it is {found[where]}", "train the model again")
        return found


def read_lightgbm(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is no tree and what cannot be converted."""
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError as error:
        raise Refused(place, f"byte {error.start} is no UTF-8", "save the model again") from error
    head, sections = sections_of(place, lines)
    features = head.integer("max_feature_idx", 0, MAXIMUM_FEATURES - 1) + 1
    outputs = head.integer("num_tree_per_iteration", 1, MAXIMUM_CLASSES)
    trees: list[Tree] = []
    depth = nodes = 0
    for section in sections:
        tree, levels = read_tree(section, features)
        trees.append(tree)
        depth, nodes = max(depth, levels), nodes + len(tree.left)
        if nodes > MAXIMUM_NODES:
            raise Refused(section.path, f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
    if not trees or len(trees) % outputs != 0:
        raise Refused(place, f"{len(trees)} trees for {outputs} an iteration", "save the model again")
    link, factor = link_of(head, outputs)
    if "average_output" in head.values:
        factor *= outputs / len(trees)
    if factor != 1:
        for tree in trees:
            tree.values = np.where(tree.left < 0, tree.values * factor, tree.values)
    names = head.values.get("feature_names", "").split()
    ordered = by_output(trees, [t % outputs for t in range(len(trees))], outputs)
    labels = names if len(names) == features else None
    return graph_of(place, ordered, depth, True, np.zeros(outputs), link, features, labels, "LightGBM trees")


def sections_of(place: str, lines: list[str]) -> tuple[Section, list[Section]]:
    """Returns the header and the sections of the trees."""
    head = Section(f"{place}, header")
    current, trees = head, []
    for line in lines[1:]:
        if line.strip() == "end of trees":
            return head, trees
        key, separator, value = line.strip().partition("=")
        if key == "Tree":
            current = Section(f"{place}, tree {len(trees)}")
            if value != str(len(trees)):
                raise current.refuse("Tree", f"the next tree is numbered {one_line(value, 20)!r}")
            trees.append(current)
        elif key and key in current.values:
            raise current.refuse(one_line(key, 30), "the field is there twice")
        elif separator or (current is head and key == "average_output"):
            current.values[key] = value
        elif key:
            raise Refused(current.path, f"the line {one_line(line, 40)!r} is no KEY=VALUE", "save the model again")
    raise Refused(place, "the line 'end of trees' is missing: the file was cut", "copy or save the file again")


def link_of(head: Section, outputs: int) -> tuple[str | None, float]:
    """Returns the layer after the sums, if any, and what leaves are multiplied by before it."""
    words = head.values.get("objective", "none").split() or ["none"]
    options = dict(word.partition(":")[::2] for word in words[1:])
    if words[0] in IDENTITY and outputs == 1 and not {"sqrt"} & set(words[1:]):
        return None, 1.0
    if words[0] == "multiclass":
        return "softmax", 1.0
    if words[0] in ("cross_entropy", "xentropy") and outputs == 1:
        return "sigmoid", 1.0
    if (words[0] == "binary" and outputs == 1) or words[0] == "multiclassova":
        try:
            factor = float(options.get("sigmoid", "1"))
        except ValueError:
            factor = math.nan
        if not 0 < factor < math.inf:
            raise head.refuse("objective", f"its sigmoid is {one_line(options['sigmoid'], 20)!r}")
        return "sigmoid", factor
    cause = f"the objective {one_line(' '.join(words), 60)!r} with {outputs} outputs is not supported"
    raise head.refuse("objective", cause, f"supported: binary, multiclass, multiclassova, cross_entropy, {', '.join(IDENTITY)}")


def read_tree(section: Section, features: int) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits: its splits first, then its leaves."""
    leaves = section.integer("num_leaves", 1, MAXIMUM_NODES)
    for key, what in (("num_cat", "splits by category"), ("is_linear", "linear trees")):
        if section.values.get(key, "0") != "0":
            raise section.refuse(key, f"{what} are not supported", "train without them")
    values = section.numbers("leaf_value", leaves, float)
    splits = leaves - 1
    if splits == 0:
        return leaf(float(values[0])), 0
    thresholds = floor32(section.numbers("threshold", splits, float))
    chosen = section.numbers("split_feature", splits, int)
    kinds = section.numbers("decision_type", splits, int)
    missing = kinds >> MISSING_SHIFT
    for bad, what in ((kinds & CATEGORICAL != 0, "splits by category"), (missing == 1, "zeros as missing values"), ((kinds < 0) | (missing > 2), "such kinds")):
        if bad.any():
            raise Refused(f"{section.path}.decision_type[{int(bad.argmax())}]", f"{what} are not supported", "train without them")
    children = []
    for key in ("left_child", "right_child"):
        child = section.numbers(key, splits, int)
        outside = (child < -leaves) | (child >= splits)
        if outside.any():
            raise Refused(f"{section.path}.{key}[{int(outside.argmax())}]", f"{int(child[outside.argmax()])} is no node", "save the model again")
        children.append(np.concatenate([np.where(child < 0, splits - 1 - child, child), np.full(leaves, -1)]))
    goes_left = np.where(missing == 2, kinds & DEFAULT_LEFT != 0, thresholds >= 0)
    tree = Tree(
        *children,
        np.concatenate([chosen, np.full(leaves, -1)]),
        np.concatenate([thresholds, values]),
        np.concatenate([goes_left, np.zeros(leaves, bool)]),
    )
    depth = refuse_loops(tree, lambda node, cause: Refused(f"{section.path}, node {node}", cause, "save the model again"), features)
    return tree, depth


def floor32(numbers: np.ndarray) -> np.ndarray:
    """Returns the largest float32 values that are not above numbers."""
    largest = float(np.finfo(np.float32).max)
    limited = np.clip(numbers, -largest, largest).astype(np.float32)
    return np.where(limited > numbers, np.nextafter(limited, np.float32(-np.inf)), limited).astype(np.float64)
