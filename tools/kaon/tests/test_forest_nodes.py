"""The node of a forest: trees as importers give them, splits by category, vector leaves, and arrays that are none."""

from __future__ import annotations

import numpy as np
import pytest

from kaon.error import Refused
from kaon.forest import Tree, check_forest, forest, forest_node


def by_hand(tree: Tree, event, or_equal: bool):
    """Walks a tree as its arrays say; returns the leaf."""
    node = 0
    while tree.left[node] >= 0:
        value = event[tree.features[node]]
        if np.isnan(value):
            left = bool(tree.missing_left[node])
        elif node in tree.categories:
            left = (value >= 0 or (or_equal and value > -1)) and value < np.inf and int(value) in tree.categories[node]
        else:
            left = value <= tree.values[node] if or_equal else value < tree.values[node]
        node = int((tree.left if left else tree.right)[node])
    return node


CATEGORIES = {0: np.array([0, 3, 64]), 2: np.array([], int)}


def category_tree(missing=(True, False, False, False, False, False, False)) -> Tree:
    """x1 in {0, 3, 64}: x0 against 0.5; else x1 in {}."""
    children = [np.array([1, 3, 5, -1, -1, -1, -1]), np.array([2, 4, 6, -1, -1, -1, -1])]
    features, values = np.array([1, 0, 1, -1, -1, -1, -1]), np.array([9, 0.5, 9, 1, 2, 4, 8.0])
    return Tree(*children, features, values, np.array(missing), CATEGORIES)


CATEGORY_EVENTS = np.array([[x, c] for x in (0.5, 0.4, np.nan) for c in (0, 3, 3.9, 64, 65, 1e9, -0.5, -1, -7, np.nan, np.inf, -np.inf, 31, 32)], np.float32)


@pytest.mark.parametrize("or_equal", [False, True])
def test_categories_by_hand(or_equal):
    tree = category_tree()
    node = forest_node("m", [tree], np.array([16.0]), 2, or_equal, ["x"], "y", "", True)
    check_forest("m", node, (2,))
    expected = [16 + tree.values[by_hand(tree, event, or_equal)] for event in CATEGORY_EVENTS]
    assert forest(node, CATEGORY_EVENTS.astype(np.float64))[:, 0].tolist() == expected
    alone = category_tree([False, or_equal, False, False, False, False, False])
    assert "missing_left" not in forest_node("m", [alone], np.zeros(1), 2, or_equal, ["x"], "y", "", True).tensors


def test_a_set_of_no_category():
    """Where -0.5 is category 0, it is not of an empty set, whatever follows that."""
    tree = category_tree()
    tree.categories = {node: np.zeros(0, np.int64) for node in tree.categories}
    node = forest_node("m", [tree], np.zeros(1), 2, True, ["x"], "y", "", True)
    events = np.array([[x, x] for x in (-0.5, 0, 0.5, 31)])
    expected = [tree.values[by_hand(tree, event, True)] for event in events]
    assert forest(node, events)[:, 0].tolist() == expected


def test_vector_leaves_by_hand():
    tree, other = category_tree(), category_tree()
    tree.leaf_values, other.leaf_values = np.arange(21.0).reshape(7, 3), np.arange(21.0).reshape(7, 3)[::-1] / 8
    node = forest_node("m", [tree, other], np.array([1.0, 2, 3]), 2, False, ["x"], "y", "", True)
    check_forest("m", node, (2,))
    assert node.tensors["leaves"].shape == (8, 3) and not node.tensors["values"][node.tensors["features"] == -1].any()
    expected = [[1.0, 2, 3] + sum(t.leaf_values[by_hand(t, event, False)] for t in (tree, other)) for event in CATEGORY_EVENTS]
    np.testing.assert_array_equal(forest(node, CATEGORY_EVENTS.astype(np.float64)), expected)
    with pytest.raises(Refused, match="tree 1: its leaves are single numbers"):
        other.leaf_values = None
        forest_node("m", [tree, other], np.zeros(3), 2, False, ["x"], "y", "", True)


@pytest.mark.parametrize(
    ("tensor", "at", "value"), [("test_sets", 0, 1 << 20), ("test_sets", 0, -2), ("test_features", 1, 2), ("sets", 0, 1 << 20), ("sets", 0, -1), ("right", 0, 1), ("features", 0, 2), ("features", 0, -4)]
)
def test_hostile_arrays(tensor, at, value):
    node = forest_node("m", [category_tree()], np.zeros(1), 2, False, ["x"], "y", "", True)
    node.tensors[tensor][at] = value
    with pytest.raises(Refused):
        check_forest("m", node, (2,))


def test_categories_out_of_range():
    tree = category_tree()
    for wrong in (-1, 1 << 24):
        tree.categories = {0: np.array([0, wrong])}
        with pytest.raises(Refused, match=f"tree 0, node 0: {wrong} is no category"):
            forest_node("m", [tree], np.zeros(1), 2, False, ["x"], "y", "", True)
