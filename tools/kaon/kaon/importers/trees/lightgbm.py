"""LightGBM's text models.

Its nodes split by x <= threshold in float64. Of float32 features x <= t is the same as x <= the largest float32 that is
not above t. What is no farther from zero than 1e-35 is zero to it. A missing value is NaN: it goes where the node says, or, of a node
that met none in training, where zero goes; with zero_as_missing both go where the node says. Categories of a node go left, whatever
else, NaN with it, right.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kaon.error import Refused, one_line
from kaon.forest import MAXIMUM_NODES, Tree, leaf, refuse_loops
from kaon.graph import Graph
from kaon.importers.trees.links import by_output, graph_of, link

MAGIC = b"tree"
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_CLASSES = 1 << 12
IDENTITY = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom", "none")
EXPONENTIAL = ("poisson", "gamma", "tweedie")
SUPPORTED = ("binary", "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda", *EXPONENTIAL, *IDENTITY)
CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2
"""Bits of a node's decision_type; above them how missing values come: 0 not at all, 1 as zeros, 2 as NaN."""
ZERO = float(np.float32(1e-35))
"""What is no farther from zero counts as zero: LightGBM leaves it out of the rows that it makes of arrays."""
WORD = 32


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
    chosen = link_of(head.values.get("objective", "none"), outputs, lambda cause, remedy: head.refuse("objective", cause, remedy))
    names = head.values.get("feature_names", "").split()
    return made(place, trees, depth, outputs, features, names, chosen, "average_output" in head.values)


def made(
    place: str, trees: list[Tree], depth: int, outputs: int, features: int, names: list[str], chosen: tuple[str | None, float], is_mean: bool
) -> Graph:
    """Makes the graph. chosen: the link and what leaves are multiplied by; is_mean: whether the outputs are means over the trees."""
    if not trees or len(trees) % outputs != 0:
        raise Refused(place, f"{len(trees)} trees for {outputs} an iteration", "save the model again")
    layer, factor = chosen
    if is_mean:
        factor *= outputs / len(trees)
    if factor != 1:
        for tree in trees:
            tree.values = np.where(tree.left < 0, tree.values * factor, tree.values)
    ordered = by_output(place, trees, [t % outputs for t in range(len(trees))], outputs)
    labels = names if len(names) == features else None
    return graph_of(place, ordered, depth, True, np.zeros(outputs), link(layer), features, labels, "LightGBM trees", False)


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


def link_of(objective: str, outputs: int, refuse: Callable[[str, str], Refused]) -> tuple[str | None, float]:
    """Returns the layer after the sums, if any, and what leaves are multiplied by before it. refuse(cause, remedy): makes the error."""
    words = objective.split() or ["none"]
    options = dict(word.partition(":")[::2] for word in words[1:])
    if words[0] in IDENTITY and (outputs == 1 or words[0] in ("custom", "none")) and not {"sqrt"} & set(words[1:]):
        return None, 1.0
    if words[0] == "multiclass":
        return "softmax", 1.0
    if words[0] in ("cross_entropy", "xentropy") and outputs == 1:
        return "sigmoid", 1.0
    if words[0] in ("cross_entropy_lambda", "xentlambda") and outputs == 1:
        return "softplus", 1.0
    if words[0] in EXPONENTIAL and outputs == 1:
        return "exponential", 1.0
    if (words[0] == "binary" and outputs == 1) or words[0] == "multiclassova":
        try:
            factor = float(options.get("sigmoid", "1"))
        except ValueError:
            factor = math.nan
        if not 0 < factor < math.inf:
            raise refuse(f"its sigmoid is {one_line(options['sigmoid'], 20)!r}", "save the model again")
        return "sigmoid", factor
    cause = f"the objective {one_line(' '.join(words), 60)!r} with {outputs} outputs is not supported"
    raise refuse(cause, f"supported: {', '.join(SUPPORTED)}")


def read_tree(section: Section, features: int) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits."""
    leaves = section.integer("num_leaves", 1, MAXIMUM_NODES)
    if section.values.get("is_linear", "0") != "0":
        raise section.refuse("is_linear", "linear trees are not supported", "train with linear_tree=false")
    values = section.numbers("leaf_value", leaves, float)
    splits = leaves - 1
    if splits == 0:
        return leaf(float(values[0])), 0
    thresholds = section.numbers("threshold", splits, float)
    chosen = section.numbers("split_feature", splits, int)
    kinds = section.numbers("decision_type", splits, int)
    wrong = (kinds < 0) | (kinds >> MISSING_SHIFT > 2)
    if wrong.any():
        raise Refused(f"{section.path}.decision_type[{int(wrong.argmax())}]", f"no split of type {int(kinds[wrong.argmax()])}", "save the model again")
    categories = read_categories(section, np.flatnonzero(kinds & CATEGORICAL), thresholds)
    children = []
    for key in ("left_child", "right_child"):
        child = section.numbers(key, splits, int)
        outside = (child < -leaves) | (child >= splits)
        if outside.any():
            raise Refused(f"{section.path}.{key}[{int(outside.argmax())}]", f"{int(child[outside.argmax()])} is no node", "save the model again")
        children.append(np.where(child < 0, splits - 1 - child, child))
    return joined(
        children, chosen, thresholds, values, categories, kinds & DEFAULT_LEFT != 0, kinds >> MISSING_SHIFT, features,
        lambda node, cause: Refused(f"{section.path}, node {node}", cause, "save the model again"),
    )  # fmt: skip


def joined(
    children: list[np.ndarray],
    chosen: np.ndarray,
    thresholds: np.ndarray,
    values: np.ndarray,
    categories: dict[int, np.ndarray],
    default_left: np.ndarray,
    missing: np.ndarray,
    features: int,
    refuse: Callable[[int, str], Refused],
) -> tuple[Tree, int]:
    """Returns a tree and the levels of its splits: its splits first, then its leaves, whose numbers `values` has.

    children: left and right of each split; missing: as above MISSING_SHIFT; refuse(node, cause): makes the error of a split.
    """
    by_category = np.isin(np.arange(len(chosen)), list(categories))
    against = (missing == 1) & ~by_category & (default_left != (thresholds >= 0))
    if against.any():
        raise refuse(int(against.argmax()), "zeros are missing values and go elsewhere than zero does: train without zero_as_missing, with NaN for them")
    goes_left = np.where(missing == 0, thresholds >= 0, default_left) & ~by_category
    near = np.abs(thresholds) <= ZERO
    thresholds = np.where(near, np.where(thresholds >= 0, ZERO, np.nextafter(-ZERO, -1.0)), thresholds)
    none = np.full(len(values), -1)
    tree = Tree(
        *(np.concatenate([child, none]) for child in children),
        np.concatenate([chosen, none]),
        np.concatenate([np.where(by_category, 0, thresholds), values]),
        np.concatenate([goes_left, np.zeros(len(values), bool)]),
        categories,
    )
    return tree, refuse_loops(tree, refuse, features)


def read_categories(section: Section, nodes: np.ndarray, thresholds: np.ndarray) -> dict[int, np.ndarray]:
    """Returns the categories of nodes that split by such; their thresholds are numbers of bit sets."""
    if len(nodes) == 0:
        return {}
    sets = section.integer("num_cat", 1, MAXIMUM_NODES)
    bounds = section.numbers("cat_boundaries", sets + 1, int)
    words = section.numbers("cat_threshold", int(min(max(bounds[-1], 0), MAXIMUM_NODES)), int)
    if bounds[0] != 0 or (np.diff(bounds) < 0).any() or bounds[-1] > len(words):
        raise section.refuse("cat_boundaries", "they do not grow from 0 to the length of cat_threshold")
    if ((words < 0) | (words >= 1 << WORD)).any():
        raise section.refuse("cat_threshold", f"a word is no number of {WORD} bits")
    found = {}
    for node in nodes.tolist():
        number = int(thresholds[node]) if 0 <= thresholds[node] < sets else -1
        if number < 0:
            raise Refused(f"{section.path}.threshold[{node}]", f"no set {thresholds[node]:g} of {sets}", "save the model again")
        own = words[bounds[number] : bounds[number + 1]].astype("<u4")
        found[node] = np.flatnonzero(np.unpackbits(own.view(np.uint8), bitorder="little"))
    return found
