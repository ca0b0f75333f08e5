"""Forests: trees as the weight file holds them, depth first; how they are made, checked and evaluated.

A node's left child is the next one, `right` says where its other child is, `features` is -1 at a leaf; a tree ends where the next
one begins. Tree t adds to output t % outputs, or where leaves are vectors every tree to all outputs: `leaves` [leaves][outputs] has
them in the order of the nodes, `values` then thresholds alone.

A node may ask a test by category instead, number t where its feature is -2 - t: which says of which feature (`test_features`) and where
its set begins in `sets` (`test_sets`): how many words of 32 bits follow, then those, the lowest category in the lowest bit. The feature is truncated toward zero; an integer of the set goes left, every other value right. What is in between -1 and 0 is category 0 where nodes split by <=, as LightGBM casts it,
and none where they split by <, as XGBoost has it. A missing value goes right, or as `missing_left` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from kaon.error import Refused
from kaon.graph import Node

ROWS_AT_ONCE = 256
NUMBERS_AT_ONCE = 1 << 22
MAXIMUM_NODES = 1 << 24
MAXIMUM_DEPTH = 1 << 10
MAXIMUM_CATEGORY = (1 << 24) - 1
"""The largest that a float32 tells apart from its neighbours, and the largest of XGBoost."""
MAXIMUM_WORDS = 1 << 24
WORD = 32
TESTS = ("test_features", "test_sets", "sets")


@dataclass
class Tree:
    """A tree as trainers store it: arrays over its nodes in any order, children by number, -1 for none."""

    left: np.ndarray
    right: np.ndarray
    features: np.ndarray
    values: np.ndarray
    """Thresholds; of leaves what they add."""
    missing_left: np.ndarray
    categories: dict[int, np.ndarray] = field(default_factory=dict)
    """Of nodes that split by category: the categories, whole numbers, that go left; their thresholds are not read."""
    leaf_values: np.ndarray | None = None
    """Where leaves are vectors: [nodes][outputs]; the leaves' entries of `values` are not read."""


def leaf(value: float) -> Tree:
    """Returns a tree that adds a number to whatever event."""
    none = np.array([-1])
    return Tree(none, none, none, np.array([value]), np.array([False]))


def refuse_loops(tree: Tree, refuse: Callable[[int, str], Refused], features: int) -> int:
    """Refuses children that are no nodes or have two parents, and features that no event has; returns the levels of splits.

    refuse(node, cause): makes the error that names the field.
    """
    reached = np.zeros(len(tree.left), bool)
    level, depth = [0], -1
    while level:
        depth += 1
        if depth > MAXIMUM_DEPTH:
            raise refuse(level[0], f"a tree of over {MAXIMUM_DEPTH} levels")
        below: list[int] = []
        for node in level:
            if reached[node]:
                raise refuse(node, "the node is reached twice: the tree has a loop, or a node two parents")
            reached[node] = True
            left, right = int(tree.left[node]), int(tree.right[node])
            if left == -1 and right == -1:
                continue
            if not (0 < left < len(reached) and 0 < right < len(reached)):
                raise refuse(node, f"its children are {left} and {right}, of {len(reached)} nodes")
            if not 0 <= tree.features[node] < features:
                raise refuse(node, f"it splits feature {int(tree.features[node])} of {features}")
            below += [left, right]
        level = below
    return depth


def forest_node(place: str, trees: list[Tree], base: np.ndarray, depth: int, or_equal: bool, inputs: list[str], output: str, origin: str, rounds: bool) -> Node:
    """Makes the node of trees that refuse_loops has passed.

    Tree t adds to output t % len(base), or where trees have leaf_values each to all outputs. Weights of trees are in their leaves.
    rounds: whether features are rounded to float32 before they are compared. Numbers stay float64 until settle() or fixed-point
    types round them.
    """
    count = sum(len(tree.left) for tree in trees)
    if count > MAXIMUM_NODES:
        raise Refused(place, f"{count} nodes", f"convert a model of at most {MAXIMUM_NODES}")
    if len(trees) < len(base) and all(tree.leaf_values is None for tree in trees):
        raise Refused(place, f"{len(trees)} trees for {len(base)} outputs", "save the model again")
    roots: list[int] = []
    features: list[int] = []
    right: list[int] = []
    missing: list[bool] = []
    values: list[float] = []
    by_rule: list[bool] = []
    """Where a missing value goes left by itself: where nodes split by <=, unless by category."""
    orders: list[list[int]] = []
    """For each tree its nodes in the order in which they are written."""
    for tree in trees:
        orders.append([])
        roots.append(len(features))
        stack = [(0, -1)]
        while stack:
            node, parent = stack.pop()
            if parent >= 0:
                right[parent] = len(features)
            here = len(features)
            inner = tree.left[node] >= 0
            orders[-1].append(node)
            features.append(int(tree.features[node]) if inner else -1)
            right.append(0)
            by_rule.append(or_equal and node not in tree.categories)
            missing.append(bool(tree.missing_left[node]) if inner else False)
            values.append(0.0 if node in tree.categories else float(tree.values[node]))
            if inner:
                stack += [(int(tree.right[node]), here), (int(tree.left[node]), -1)]
    tensors = {"roots": np.array(roots, np.int32), "features": np.array(features, np.int32), "right": np.array(right, np.int32)}
    # Directions cost only where one is not where NaN goes by itself.
    if any(m != own for m, own, f in zip(missing, by_rule, features) if f >= 0):
        tensors["missing_left"] = np.array(missing, np.int32)
    if any(node in tree.categories for tree, order in zip(trees, orders) for node in order):
        numbers, *tests = category_tests(place, trees, orders)
        asks = numbers >= 0
        tensors["features"][asks] = -2 - numbers[asks]
        tensors |= dict(zip(("test_features", "test_sets", "sets"), tests))
    tensors["values"] = np.array(values, np.float64)
    if any(tree.leaf_values is not None for tree in trees):
        leaves = vector_leaves(place, trees, orders, len(base)).astype(np.float64)
        tensors["values"][tensors["features"] == -1] = 0 if len(base) > 1 else leaves[:, 0]
        if len(base) > 1:
            tensors["leaves"] = leaves
    tensors["base"] = np.array(base, np.float64)
    numbers = {"depth": float(depth), "or_equal": float(or_equal)}
    return Node("forest", inputs, output, tensors=tensors, numbers=numbers, origin=origin, rounds=rounds)


def settle(node: Node, real: type) -> None:
    """Gives a forest the numbers of its scalar, float32 or float64. Thresholds send every feature of that scalar where the trainer does."""
    or_equal, values = bool(node.numbers["or_equal"]), node.tensors["values"]
    asks = node.tensors["features"] >= 0
    thresholds = np.where(asks, values, 0)
    if real is np.float32 or node.rounds:
        thresholds = floor32(thresholds) if or_equal else ceiling32(thresholds)
    if real is np.float64 and node.rounds:
        thresholds = before_rounding(thresholds, or_equal)
    node.tensors["values"] = np.where(asks, thresholds, values)
    with np.errstate(over="ignore"):
        node.tensors |= {key: node.tensors[key].astype(real) for key in ("values", "leaves", "base") if key in node.tensors}
    node.rounds = False


def floor32(numbers: np.ndarray) -> np.ndarray:
    """Returns the largest float32 values that are not above numbers."""
    largest = float(np.finfo(np.float32).max)
    limited = np.clip(numbers, -largest, largest).astype(np.float32)
    with np.errstate(over="ignore"):  # below the least of all there is minus infinity
        return np.where(limited > numbers, np.nextafter(limited, np.float32(-np.inf)), limited).astype(np.float64)


def ceiling32(numbers: np.ndarray) -> np.ndarray:
    """Returns the least float32 values that are not below numbers."""
    return -floor32(-numbers)


def before_rounding(thresholds: np.ndarray, or_equal: bool) -> np.ndarray:
    """Returns the float64 thresholds with which a feature goes where it would, rounded to float32, with those of float32.

    The border is half-way to the next float32, or of x < threshold to the one before. What lies there goes to the even one of the two: it
    is on the threshold's side where that is even.
    """
    if not or_equal:  # x < t is not (-x <= -t)
        return -before_rounding(-thresholds, True)
    single = thresholds.astype(np.float32)
    with np.errstate(over="ignore"):
        above = np.nextafter(single, np.float32(np.inf)).astype(np.float64)
    above = np.where(np.isinf(above), np.ldexp(1.0, 128), above)
    middle = (thresholds + above) / 2
    even = single.view(np.uint32) & 1 == 0
    return np.where(np.isinf(thresholds), thresholds, np.where(even, middle, np.nextafter(middle, -np.inf)))


def category_tests(place: str, trees: list[Tree], orders: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns for each node the number of its test, or -1; for each test its feature and where its set begins; the sets. Equal ones once."""
    numbers: list[int] = []
    words: list[int] = []
    begins: dict[bytes, int] = {}
    tests: dict[tuple[int, int], int] = {}
    for number, (tree, order) in enumerate(zip(trees, orders)):
        for node in order:
            if node not in tree.categories or tree.left[node] < 0:
                numbers.append(-1)
                continue
            chosen = np.unique(np.asarray(tree.categories[node], np.int64))
            if len(chosen) > 0 and not 0 <= chosen[0] <= chosen[-1] <= MAXIMUM_CATEGORY:
                wrong = int(chosen[0] if chosen[0] < 0 else chosen[-1])
                raise Refused(f"{place}, tree {number}, node {node}", f"{wrong} is no category from 0 to {MAXIMUM_CATEGORY}", "number categories from 0 on")
            bits = np.zeros((int(chosen[-1]) // WORD + 1) * WORD if len(chosen) else 0, bool)
            bits[chosen] = True
            own = np.packbits(bits, bitorder="little").view("<u4")
            if own.tobytes() not in begins:
                begins[own.tobytes()] = len(words)
                words += [len(own), *own.tolist()]
                if len(words) > MAXIMUM_WORDS:
                    raise Refused(place, f"its sets of categories take over {MAXIMUM_WORDS} words", "number categories from 0 on, without gaps")
            test = int(tree.features[node]), begins[own.tobytes()]
            numbers.append(tests.setdefault(test, len(tests)))
    features, sets = np.array(list(tests), np.int32).T
    return np.array(numbers, np.int32), features.copy(), sets.copy(), np.array(words, np.uint32).view(np.int32)


def vector_leaves(place: str, trees: list[Tree], orders: list[list[int]], outputs: int) -> np.ndarray:
    """Returns what the leaves add [leaves][outputs], in the order of the nodes."""
    rows = []
    for number, (tree, order) in enumerate(zip(trees, orders)):
        if tree.leaf_values is None or tree.leaf_values.shape != (len(tree.left), outputs):
            found = "single numbers" if tree.leaf_values is None else f"of shape {tree.leaf_values.shape}"
            raise Refused(f"{place}, tree {number}", f"its leaves are {found}, others have {outputs} numbers each", "save the model again")
        rows.append(tree.leaf_values[[node for node in order if tree.left[node] < 0]])
    return np.concatenate(rows)


def check_forest(place: str, node: Node, shape: tuple[int | None, ...]) -> None:
    """Refuses numbers that are no trees of the stated depth over events of that shape."""
    lacking = [key for key in ("roots", "features", "right", "values", "base") if key not in node.tensors or node.tensors[key].ndim != 1]
    if lacking or len(shape) != 1:
        raise Refused(place, f"its {lacking[0]} is missing" if lacking else "it reads no vector", "convert the model again")
    size = shape[0] or 0
    roots, features, right = (node.tensors[key] for key in ("roots", "features", "right"))
    outputs, depth = len(node.tensors["base"]), int(node.numbers["depth"])
    shapes = {node.tensors[key].shape for key in ("features", "right", "missing_left", "values") if key in node.tensors}
    leaves = node.tensors.get("leaves")
    # Of their own: vectors, and in fixed point all.
    widths = {outputs, 1} if node.types else {outputs} - {1}
    fits = not node.types if leaves is None else leaves.shape in (((len(features) + len(roots)) // 2, width) for width in widths)
    least = outputs if leaves is None or leaves.ndim != 2 or not has_vector_leaves(node) else 1
    if len(shapes) != 1 or not fits or outputs < 1 or not least <= len(roots) <= len(features) or not 0 <= depth <= MAXIMUM_DEPTH:
        raise Refused(place, "its arrays are of no forest's sizes", "convert the model again")
    check_tests(place, node, size)
    tests = len(node.tensors.get("test_features", ()))
    ends = [*roots[1:].tolist(), len(features)]
    for tree, (begin, end) in enumerate(zip(roots.tolist(), ends)):
        pending: list[tuple[int, int]] = []
        node_number, level = begin, 0
        good = begin < end <= len(features) and (begin == 0 if tree == 0 else begin > 0)
        while good:
            if features[node_number] != -1:
                good = -2 - tests < features[node_number] < size and level < depth and node_number + 1 < right[node_number] < end
                pending.append((int(right[node_number]), level + 1))
                node_number, level = node_number + 1, level + 1
            elif pending:
                following = node_number + 1
                node_number, level = pending.pop()
                good = node_number == following
            else:
                good = node_number + 1 == end
                break
        if not good:
            raise Refused(place, f"tree {tree} is none, depth first, of at most {depth} levels over {size} features", "convert the model again")


def check_tests(place: str, node: Node, size: int) -> None:
    """Refuses tests of categories that ask for a feature or a set that is not there."""
    arrays = [node.tensors[key].astype(np.int64) for key in TESTS if key in node.tensors]
    if not arrays:
        return
    if len(arrays) != len(TESTS) or any(array.ndim != 1 or len(array) == 0 for array in arrays) or len(arrays[0]) != len(arrays[1]):
        raise Refused(place, "its tests of categories are of no forest's sizes", "convert the model again")
    asked, begins, sets = arrays
    inside = (asked >= 0) & (asked < size) & (begins >= 0) & (begins < len(sets))
    counts = sets[np.where(inside, begins, 0)]
    if not np.all(inside & (counts >= 0) & (begins + 1 + counts <= len(sets))):
        raise Refused(place, "a test asks for a feature or a set of categories that is not there", "convert the model again")


def in_sets(node: Node, tests: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Whether values are of the categories of tests."""
    sets, begins = node.tensors["sets"], node.tensors["test_sets"][tests]
    lowest = read > -1 if node.numbers["or_equal"] else read >= 0
    asked = lowest & (np.trunc(read) < sets[begins].astype(np.int64) * WORD)
    category = np.where(asked, read, 0).astype(np.int64)
    words = sets[np.where(asked, begins + 1 + category // WORD, 0)].view(np.uint32).astype(np.int64)
    return asked & ((words >> (category % WORD)) & 1 != 0)


def categories_of(node: Node, feature: int) -> np.ndarray:
    """Returns the categories that the sets of a feature's tests hold."""
    if "sets" not in node.tensors:
        return np.zeros(0, np.int64)
    begins, sets = node.tensors["test_sets"][node.tensors["test_features"] == feature], node.tensors["sets"]
    words = [sets[begin + 1 : begin + 1 + sets[begin]] for begin in np.unique(begins)]
    chosen = [np.flatnonzero(np.unpackbits(np.ascontiguousarray(own).view(np.uint8), bitorder="little")) for own in words]
    return np.unique(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)


def features_asked(node: Node) -> list[int]:
    """Returns the features that a forest asks for, whichever way, in order."""
    features = node.tensors["features"]
    return np.unique(np.concatenate([features[features >= 0], node.tensors.get("test_features", np.zeros(0, np.int32))])).tolist()


def has_vector_leaves(node: Node) -> bool:
    """Whether every tree adds to all outputs."""
    return "leaves" in node.tensors and node.tensors["leaves"].shape[1] == len(node.tensors["base"]) > 1


def terms_of(node: Node) -> int:
    """Returns how many trees add to an output, at most."""
    trees = len(node.tensors["roots"])
    return trees if has_vector_leaves(node) else -(-trees // len(node.tensors["base"]))


def part_leaves(node: Node) -> None:
    """Gives leaves an array of their own, as fixed point has them: a type for thresholds, another for leaves. No value is missing there."""
    if "leaves" not in node.tensors:
        leaf = node.tensors["features"] == -1
        values, base = node.tensors["values"], node.tensors.pop("base")
        node.tensors |= {"values": np.where(leaf, 0, values), "leaves": values[leaf][:, None], "base": base}
    node.tensors.pop("missing_left", None)


def join_leaves(node: Node) -> None:
    """Puts leaves of one number back among the thresholds, as floating point has them: values, no raw integers."""
    values, base = node.values("values").copy(), node.values("base")
    if not has_vector_leaves(node):
        values[node.tensors["features"] == -1] = node.values("leaves")[:, 0]
        del node.tensors["leaves"]
    node.tensors |= {"values": values, "base": base}


def forest(node: Node, x: np.ndarray) -> np.ndarray:
    """Returns the sums of every output, in the type of x."""
    values, base = node.values("values"), node.values("base").astype(x.dtype)
    leaves = node.values("leaves") if "leaves" in node.tensors else values[node.tensors["features"] == -1][:, None]
    return forest_sums(node, x, values, leaves.astype(x.dtype), base)


def forest_sums(node: Node, x: np.ndarray, values: np.ndarray, leaves: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Returns the sums of every output, in the type of leaves: of each row in one go through all trees. values: thresholds."""
    roots, features, right = (node.tensors[key] for key in ("roots", "features", "right"))
    missing = node.tensors.get("missing_left")
    numbers = np.cumsum(features == -1) - 1
    asks = features < -1
    tests = np.where(asks, -2 - features, 0)
    asked = np.where(asks, node.tensors["test_features"][tests], features) if asks.any() else features
    without_value = (bool(node.numbers["or_equal"]) & ~asks) if missing is None else missing != 0
    result = np.empty((len(x), len(base)), leaves.dtype)
    vectors = has_vector_leaves(node)
    step = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // (len(roots) * leaves.shape[1])))
    for first in range(0, len(x), step):
        rows = x[first : first + step]
        at = np.broadcast_to(roots, (len(rows), len(roots))).copy()
        for _ in range(int(node.numbers["depth"])):
            read = np.take_along_axis(rows, np.maximum(asked[at], 0), axis=1)
            left = read <= values[at] if node.numbers["or_equal"] else read < values[at]
            if asked is not features:
                left = np.where(asks[at], in_sets(node, tests[at], read), left)
            left = np.where(read != read, without_value[at], left)  # NaN; no integer is
            at = np.where(features[at] == -1, at, np.where(left, at + 1, right[at]))
        found = leaves[numbers[at]]
        if vectors:
            result[first : first + step] = found.sum(axis=1) + base
            continue
        for output in range(len(base)):
            result[first : first + step, output] = found[:, output :: len(base), 0].sum(axis=1) + base[output]
    return result
