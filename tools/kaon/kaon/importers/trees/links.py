"""What follows the sums of a forest: the graph of a forest and its link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kaon.error import Refused
from kaon.forest import Tree, forest_node, leaf
from kaon.graph import Graph, Node, Port


MAXIMUM_LEAVES = 1 << 26
MAXIMUM_PADDED = 1 << 18
"""Trees, those of a zero among them, where they are over four times as many as the file has."""


@dataclass
class Step:
    """A layer after the sums of a forest. tensors: as graph.py has them."""

    kind: str
    tensors: dict[str, np.ndarray] = field(default_factory=dict)


def link(kind: str | None) -> list[Step]:
    """Returns the steps of a link without numbers; None: there is none."""
    return [] if kind is None else [Step(kind)]


def two_sided(scale: float, offset: float) -> Step:
    """Of one number z: offset - scale z and scale z, as numbers of two classes."""
    return Step("dense", {"weights": np.array([[-scale, scale]], np.float32), "bias": np.array([offset, 0], np.float32)})


def by_output(place: str, trees: list[Tree], outputs: list[int], count: int) -> list[Tree]:
    """Returns trees in an order in which tree t adds to output t % count; outputs that have fewer get trees of a zero."""
    own: list[list[Tree]] = [[] for _ in range(count)]
    for tree, output in zip(trees, outputs):
        own[output].append(tree)
    most = max(1, *(len(o) for o in own))
    refuse_large(place, most, count)
    if most * count > max(MAXIMUM_PADDED, 4 * len(trees)):
        cause = f"{len(trees)} trees, {most} of them for one of {count} outputs: {most * count} with a zero for each that others lack"
        raise Refused(place, cause, "convert a smaller model")
    zero = leaf(0.0)
    return [own[o][t] if t < len(own[o]) else zero for t in range(most) for o in range(count)]


def refuse_large(place: str, count: int, outputs: int) -> None:
    """Refuses what a small file may ask for: so many trees or leaves for each of so many outputs."""
    if count * outputs > MAXIMUM_LEAVES:
        raise Refused(place, f"{count} trees or nodes of {outputs} outputs are over {MAXIMUM_LEAVES} numbers", "convert a smaller model")


def graph_of(
    place: str,
    trees: list[Tree],
    depth: int,
    or_equal: bool,
    base: np.ndarray,
    steps: Sequence[Step],
    features: int,
    names: list[str] | None,
    origin: str,
    rounds: bool,
    classes: list[str] | None = None,
) -> Graph:
    """Makes the graph: "features" [features] -> forest -> steps -> "result". rounds: as of forest_node; classes: names of the outputs, where there are as many."""
    values = ["sums", *(f"value_{i}" for i in range(1, len(steps))), "result"] if steps else ["result"]
    nodes = [forest_node(place, trees, base, depth, or_equal, ["features"], values[0], origin, rounds)]
    size = len(base)
    for number, step in enumerate(steps):
        size = step.tensors["weights"].shape[1] if "weights" in step.tensors else size
        nodes.append(Node(step.kind, [values[number]], values[number + 1], tensors=dict(step.tensors), origin=f"{origin}, link"))
    labels = classes if classes is not None and len(classes) == size else None
    return Graph([Port("features", (features,), names)], [Port("result", (size,), labels)], nodes, place)
