"""What follows the sums of a forest: the graph of a forest and its link."""

from __future__ import annotations

from kaon.forest import Tree, forest_node, leaf
from kaon.graph import Graph, Node, Port

import numpy as np


def by_output(trees: list[Tree], outputs: list[int], count: int) -> list[Tree]:
    """Returns trees in an order in which tree t adds to output t % count; outputs that have fewer get trees of a zero."""
    own: list[list[Tree]] = [[tree for tree, output in zip(trees, outputs) if output == o] for o in range(count)]
    most = max(1, *(len(o) for o in own))
    return [own[o][t] if t < len(own[o]) else leaf(0.0) for t in range(most) for o in range(count)]


def graph_of(
    place: str, trees: list[Tree], depth: int, or_equal: bool, base: np.ndarray, link: str | None, features: int, names: list[str] | None, origin: str
) -> Graph:
    """Makes the graph: "features" [features] -> forest -> link -> "result"."""
    sums = "result" if link is None else "sums"
    nodes = [forest_node(place, trees, base, depth, or_equal, ["features"], sums, origin)]
    if link is not None:
        nodes.append(Node(link, [sums], "result", origin=f"{origin}, link"))
    return Graph([Port("features", (features,), names)], [Port("result", (len(base),))], nodes, place)
