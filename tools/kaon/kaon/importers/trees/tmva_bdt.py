"""The forests of TMVA's method BDT.

A node asks x >= cut in float32 and sends what is so right where its cut type is 1, left where it is 0. Here left is where x < cut, so
children are exchanged where the cut type is 0. NaN fails that comparison and so goes left; for two classes, TMVA's reader asks no tree about
an event with NaN (its answer is -999), and no directions are kept.
"""

from __future__ import annotations

import math

import numpy as np

from kaon.error import Refused
from kaon.forest import MAXIMUM_DEPTH, MAXIMUM_NODES, Tree, forest_node, leaf
from kaon.graph import Graph, Node, Port
from kaon.importers.trees.tmva_setup import Setup
from kaon.importers.trees.tmva_transforms import Column, Variables, first_reaching
from kaon.importers.trees.tmva_xml import Element, Reader

REGRESSION_TREES = 1
"""The analysis type of trees whose leaves hold responses: of regressions, and of gradient boosting for any purpose."""
AVERAGED = ("AdaBoost", "RealAdaBoost", "AdaCost", "Bagging")
EPSILON = float(np.finfo(np.float64).eps)
"""Up to this sum of its trees' weights TMVA gives 0."""
FISHER = "train with UseFisherCuts=False"


def read_bdt(setup: Setup) -> Graph:
    """Makes the graph: "features" [variables] -> dense, where variables are mixed -> forest -> link -> "result"."""
    reader = setup.reader
    boosting = setup.option("BoostType", "AdaBoost")
    gradient = boosting == "Grad"
    if boosting == "AdaBoostR2" and setup.analysis == "Regression":
        raise setup.refuse("BoostType", "AdaBoostR2 answers with a weighted median of its trees, not with a sum", "train with BoostType=Grad")
    if not gradient and boosting not in AVERAGED:
        raise setup.refuse("BoostType", f"{boosting[:40]!r} is not supported", f"supported: Grad, {', '.join(AVERAGED)}")
    weights = reader.child(reader.root, "Weights")
    if setup.flag("DoPreselection", False) or any(key.startswith("Preselection") for key in weights.attributes):
        raise setup.refuse("DoPreselection", "cuts before the trees are not supported", "train with DoPreselection=False")
    reader.only(weights, "BinaryTree")
    trees = weights.children
    if not trees or reader.integer(weights, "NTrees", 1, 1 << 24) != len(trees):
        raise reader.refuse(weights, f"{len(trees)} trees, not {weights.attributes.get('NTrees', '0')[:20]}", "copy or save the file again")
    responses = reader.integer(weights, "TreeType" if "TreeType" in weights.attributes else "AnalysisType", 0, 10) == REGRESSION_TREES
    binary = setup.analysis == "Classification" and not gradient and setup.flag("UseYesNoLeaf", True)
    what = "res" if responses else "nType" if binary else "purity"
    boost = [float(np.float32(reader.number(tree, "boostWeight"))) for tree in trees]
    factors, base, link = response(setup, gradient, boost)
    outputs = len(base)
    if len(trees) < outputs:
        raise reader.refuse(weights, f"{len(trees)} trees for {outputs} classes")
    read = TreeReader(reader, setup.transformations.variables, what, setup.analysis != "Classification")
    made = [read.tree(element, factor) for element, factor in zip(trees, factors)]
    nodes = mixture(setup.transformations.variables)
    nodes.append(
        forest_node(reader.place, made, base, read.depth, False, [nodes[-1].output if nodes else "features"], "sums" if link else "result", "BDT", True)
    )
    if link is not None:
        nodes.append(Node(link, ["sums"], "result", origin=f"BDT, {boosting}"))
    labels = setup.classes if setup.analysis == "Multiclass" else None
    return Graph([Port("features", (len(setup.expressions),), setup.expressions)], [Port("result", (outputs,), labels)], nodes, reader.place)


def response(setup: Setup, gradient: bool, boost: list[float]) -> tuple[list[float], np.ndarray, str | None]:
    """Returns what the leaves of each tree are multiplied by, where the sums begin, and the layer after them.

    boost: the trees' weights. 2 / (1 + exp(-2 s)) - 1, TMVA's response of gradient boosting, is tanh(s).
    """
    ones = [1.0] * len(boost)
    if setup.analysis == "Multiclass":
        if len(setup.classes) < 2:
            raise setup.reader.refuse(setup.reader.root, f"a multiclass model of {len(setup.classes)} classes")
        return ones, np.zeros(len(setup.classes)), "softmax"
    if setup.analysis == "Classification" and gradient:
        return ones, np.zeros(1), "tanh"
    if gradient:
        factors, start = ones, boost[0]
    else:
        total = math.fsum(boost)
        if not total > EPSILON:
            raise setup.reader.refuse(setup.reader.child(setup.reader.root, "Weights"), f"the weights of its trees sum to {total:.3g}", "train again")
        factors, start = [weight / total for weight in boost], 0.0
    target = setup.transformations.target
    if target is None or setup.analysis != "Regression":
        return factors, np.array([start]), None
    slope = 1 / (2 * float(target.scale))
    return [factor * slope for factor in factors], np.array([float(target.least) + (start + 1) * slope]), None


def mixture(variables: Variables) -> list[Node]:
    """Returns the dense layer of mixed variables, if any are."""
    if variables.matrix is None:
        return []
    tensors = {"weights": variables.matrix.astype(np.float64), "bias": variables.offset.astype(np.float64)}
    return [Node("dense", ["features"], "mixed", tensors=tensors, origin="transformation of variables")]


class TreeReader:
    """Makes trees of elements. what: the attribute of a leaf that it adds; missing: whether NaN has a direction."""

    def __init__(self, reader: Reader, variables: Variables, what: str, missing: bool) -> None:
        self.reader = reader
        self.missing = missing
        self.columns = variables.columns
        self.what = what
        self.nodes = 0
        self.depth = 0
        """Levels of splits of the deepest tree."""

    def tree(self, element: Element, factor: float) -> Tree:
        """Returns a tree whose leaves are multiplied by factor."""
        self.reader.only(element, "Node")
        root = self.reader.child(element, "Node")
        splits: list[Split | float] = []
        pending: list[tuple[Element, str, int, int]] = [(root, "", -1, 0)]
        """Elements, their way from the root, the split above and which of its children they are."""
        while pending:
            node, way, parent, side = pending.pop()
            if parent >= 0:
                split = splits[parent]
                assert isinstance(split, Split)
                split.children[side] = len(splits)
            if len(way) > MAXIMUM_DEPTH:
                raise self.refuse(element, way[:20] + "...", f"a tree of over {MAXIMUM_DEPTH} levels")
            if self.integer(element, node, way, "nType", -(1 << 31), 1 << 31) != 0:
                splits.append(factor * self.leaf(element, node, way))
                continue
            splits.append(self.split(element, node, way))
            self.depth = max(self.depth, len(way) + 1)
            children = self.children(element, node, way)
            pending += [(children["r"], way + "r", len(splits) - 1, 1), (children["l"], way + "l", len(splits) - 1, 0)]
        self.nodes += len(splits)
        if self.nodes > MAXIMUM_NODES:
            raise self.refuse(element, "", f"over {MAXIMUM_NODES} nodes", "convert a smaller model")
        return self.arranged(splits)

    def arranged(self, splits: list[Split | float]) -> Tree:
        """Returns the arrays of a tree; splits that all finite numbers pass by one side become that side."""
        cuts = self.thresholds(splits)
        size = len(splits)
        left, right, features = (np.full(size, -1) for _ in range(3))
        values = np.zeros(size)
        for number, split in enumerate(splits):
            if isinstance(split, float):
                values[number] = split
                continue
            below, above = split.children if split.signal_above else split.children[::-1]
            left[number], right[number] = below, above
            features[number], values[number] = self.columns[split.variable].source, cuts[number]
        decided = [number for number in range(size) if left[number] >= 0 and math.isinf(values[number])]
        # Children stand after their parents, so that the last ones are settled first.
        for number in reversed(decided):
            child = left[number] if values[number] > 0 else right[number]
            left[number], right[number], features[number], values[number] = (a[child] for a in (left, right, features, values))
        tree = Tree(left, right, features, values, (left >= 0) & self.missing)
        return pruned(tree) if decided else tree

    def thresholds(self, splits: list[Split | float]) -> dict[int, float]:
        """Returns for each split the least number of the forest's input that reaches its cut; infinity where none or every one does."""
        by_variable: dict[int, list[int]] = {}
        for number, split in enumerate(splits):
            if isinstance(split, Split):
                by_variable.setdefault(split.variable, []).append(number)
        found: dict[int, float] = {}
        for variable, numbers in by_variable.items():
            column: Column = self.columns[variable]
            cuts = np.array([split.cut for n in numbers if isinstance(split := splits[n], Split)], np.float32)
            if column.steps:
                cuts = first_reaching(column.steps, cuts)
            found.update(zip(numbers, cuts.tolist()))
        return found

    def leaf(self, tree: Element, node: Element, way: str) -> float:
        """Returns what a leaf stands for, as float32."""
        if self.what == "purity" and "purity" not in node.attributes:
            signal, background = (np.float32(self.number(tree, node, way, key)) for key in ("nS", "nB"))
            if not signal + background != 0:
                raise self.refuse(tree, way, "a leaf without events has no purity")
            return float(signal / (signal + background))
        return float(np.float32(self.number(tree, node, way, self.what)))

    def split(self, tree: Element, node: Element, way: str) -> Split:
        if "NCoef" in node.attributes and self.integer(tree, node, way, "NCoef", 0, 1 << 20) != 0:
            raise self.refuse(tree, way, "it cuts on a linear combination of variables (a Fisher cut)", FISHER, "NCoef")
        variable = self.integer(tree, node, way, "IVar", 0, len(self.columns) - 1)
        cut = np.float32(self.number(tree, node, way, "Cut"))
        return Split(variable, cut, self.integer(tree, node, way, "cType", 0, 1) == 1)

    def children(self, tree: Element, node: Element, way: str) -> dict[str, Element]:
        found: dict[str, Element] = {}
        for child in node.children:
            side = child.attributes.get("pos", "")
            if child.name != "Node" or side not in ("l", "r") or side in found:
                raise self.refuse(tree, way, f"a {child.name[:20]} in it at {side[:10]!r}, not one Node at l and one at r")
            found[side] = child
        if len(found) != 2:
            raise self.refuse(tree, way, f"a split with {len(found)} nodes below it")
        return found

    def number(self, tree: Element, node: Element, way: str, key: str) -> float:
        try:
            value = self.reader.number(node, key)
        except Refused as error:
            raise self.refuse(tree, way, error.cause, attribute=key) from None
        with np.errstate(over="ignore"):
            if not math.isfinite(np.float32(value)):
                raise self.refuse(tree, way, f"{value} is beyond float32", "train the model again", key)
        return value

    def integer(self, tree: Element, node: Element, way: str, key: str, least: int, most: int) -> int:
        try:
            return self.reader.integer(node, key, least, most)
        except Refused as error:
            raise self.refuse(tree, way, error.cause, attribute=key) from None

    def refuse(self, tree: Element, way: str, cause: str, remedy: str = "save the model again", attribute: str = "") -> Refused:
        """Names a node by its way from the root: l is left, r right."""
        where = f"{self.reader.place}, {tree.path}, node {way or 'root'}"
        return Refused(where + (f", {attribute}" if attribute else ""), cause, remedy)


class Split:
    """A node that asks whether its variable reaches the cut."""

    __slots__ = ("children", "cut", "signal_above", "variable")

    def __init__(self, variable: int, cut: np.float32, signal_above: bool) -> None:
        self.variable = variable
        self.cut = cut
        self.signal_above = signal_above
        self.children = [-1, -1]
        """Left, right."""


def pruned(tree: Tree) -> Tree:
    """Returns a tree without the nodes that cannot be reached."""
    order: list[int] = []
    stack = [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if tree.left[node] >= 0:
            stack += [int(tree.right[node]), int(tree.left[node])]
    number = {node: i for i, node in enumerate(order)}
    if len(order) == 1:
        return leaf(float(tree.values[order[0]]))
    left, right = (np.array([number.get(int(child), -1) for child in side[order]]) for side in (tree.left, tree.right))
    return Tree(left, right, tree.features[order], tree.values[order], tree.missing_left[order])
