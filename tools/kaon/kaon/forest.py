"""Forests: trees as the weight file holds them, depth first; how they are made, checked and evaluated.

A node's left child is the next one, `right` says where its other child is, `features` is -1 at a leaf; a tree ends where the next
one begins. Tree t adds to output t % outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kaon.error import Refused
from kaon.graph import Node

ROWS_AT_ONCE = 256
MAXIMUM_NODES = 1 << 24
MAXIMUM_DEPTH = 1 << 10


@dataclass
class Tree:
    """A tree as trainers store it: arrays over its nodes in any order, children by number, -1 for none."""

    left: np.ndarray
    right: np.ndarray
    features: np.ndarray
    values: np.ndarray
    """Thresholds; of leaves what they add."""
    missing_left: np.ndarray


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


def forest_node(place: str, trees: list[Tree], base: np.ndarray, depth: int, or_equal: bool, inputs: list[str], output: str, origin: str) -> Node:
    """Makes the node of trees that refuse_loops has passed; tree t adds to output t % len(base)."""
    count = sum(len(tree.left) for tree in trees)
    if count > MAXIMUM_NODES:
        raise Refused(place, f"{count} nodes", f"convert a model of at most {MAXIMUM_NODES}")
    roots: list[int] = []
    features: list[int] = []
    right: list[int] = []
    missing: list[bool] = []
    values: list[float] = []
    for tree in trees:
        roots.append(len(features))
        stack = [(0, -1)]
        while stack:
            node, parent = stack.pop()
            if parent >= 0:
                right[parent] = len(features)
            here = len(features)
            inner = tree.left[node] >= 0
            features.append(int(tree.features[node]) if inner else -1)
            right.append(0)
            missing.append(bool(tree.missing_left[node]) if inner else False)
            values.append(float(tree.values[node]))
            if inner:
                stack += [(int(tree.right[node]), here), (int(tree.left[node]), -1)]
    tensors = {"roots": np.array(roots, np.int32), "features": np.array(features, np.int32), "right": np.array(right, np.int32)}
    # NaN goes right by itself where nodes split by <, left where they split by <=: directions cost only where they differ.
    if any(m != or_equal for m, f in zip(missing, features) if f >= 0):
        tensors["missing_left"] = np.array(missing, np.int32)
    with np.errstate(over="ignore"):
        tensors["values"] = np.array(values, np.float32)
        tensors["base"] = np.asarray(base, np.float32)
    return Node("forest", inputs, output, tensors=tensors, numbers={"depth": float(depth), "or_equal": float(or_equal)}, origin=origin)


def check_forest(place: str, node: Node, shape: tuple[int | None, ...]) -> None:
    """Refuses numbers that are no trees of the stated depth over events of that shape."""
    lacking = [key for key in ("roots", "features", "right", "values", "base") if key not in node.tensors or node.tensors[key].ndim != 1]
    if lacking or len(shape) != 1:
        raise Refused(place, f"its {lacking[0]} is missing" if lacking else "it reads no vector", "convert the model again")
    size = shape[0] or 0
    roots, features, right = (node.tensors[key] for key in ("roots", "features", "right"))
    outputs, depth = len(node.tensors["base"]), int(node.numbers["depth"])
    shapes = {node.tensors[key].shape for key in ("features", "right", "missing_left", "values") if key in node.tensors}
    if len(shapes) != 1 or not 0 < outputs <= len(roots) <= len(features) or not 0 <= depth <= MAXIMUM_DEPTH:
        raise Refused(place, "its arrays are of no forest's sizes", "convert the model again")
    ends = [*roots[1:].tolist(), len(features)]
    for tree, (begin, end) in enumerate(zip(roots.tolist(), ends)):
        pending: list[tuple[int, int]] = []
        node_number, level = begin, 0
        good = begin < end <= len(features) and (begin == 0 if tree == 0 else begin > 0)
        while good:
            if features[node_number] != -1:
                good = 0 <= features[node_number] < size and level < depth and node_number + 1 < right[node_number] < end
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


def forest(node: Node, x: np.ndarray) -> np.ndarray:
    """Returns the sums of every output, in the type of x: of each row in one go through all trees."""
    roots, features, right, values = (node.tensors[key] for key in ("roots", "features", "right", "values"))
    base = node.tensors["base"].astype(x.dtype)
    missing = node.tensors.get("missing_left")
    or_equal = bool(node.numbers["or_equal"])
    result = np.empty((len(x), len(base)), x.dtype)
    for first in range(0, len(x), ROWS_AT_ONCE):
        rows = x[first : first + ROWS_AT_ONCE]
        at = np.broadcast_to(roots, (len(rows), len(roots))).copy()
        for _ in range(int(node.numbers["depth"])):
            read = np.take_along_axis(rows, np.maximum(features[at], 0), axis=1)
            left = read <= values[at] if or_equal else read < values[at]
            left = np.where(np.isnan(read), or_equal if missing is None else missing[at] != 0, left)
            at = np.where(features[at] < 0, at, np.where(left, at + 1, right[at]))
        found = values[at].astype(x.dtype)
        for output in range(len(base)):
            result[first : first + ROWS_AT_ONCE, output] = found[:, output :: len(base)].sum(axis=1) + base[output]
    return result
