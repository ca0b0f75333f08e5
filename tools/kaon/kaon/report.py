"""kaon report: layers, shapes, parameters, multiplications, bytes, what forests are made of, and a plot of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kaon.graph import Graph, Node, tensor_type
from kaon.manifest import types_of
from kaon.package import open_package
from kaon.plots import figure, label
from kaon.precision import value_types

MOST_FEATURES = 20
"""In the plot of a forest."""


@dataclass
class LayerReport:
    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiplications: int
    bytes: int
    """Of its parameters in memory, without what pads them to whole registers."""
    types: dict[str, str]
    """Of a model in fixed point, as the manifest has them: weights, bias, accumulator ('exact': sums are), input; result: what it gives."""
    forest: dict[str, int] = field(default_factory=dict)
    """Of a forest: trees, splits, leaves, levels (of splits, of the deepest tree), categories (splits by category)."""


@dataclass
class Report:
    """What a model costs. plot: the PNG that was written."""

    name: str
    source: str
    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]
    layers: list[LayerReport]
    plot: Path
    input_types: dict[str, str]
    """'float', an integer or a fixed-point type."""

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiplications(self) -> int:
        return sum(layer.multiplications for layer in self.layers)

    @property
    def bytes(self) -> int:
        return sum(layer.bytes for layer in self.layers)


def report(directory: Path | str, plot: Path | str | None = None) -> Report:
    """Describes a converted model and draws it. plot: the PNG to write, by default DIR/NAME.report.png."""
    package = open_package(directory)
    target = Path(plot) if plot is not None else package.directory / f"{package.name}.report.png"
    graph = package.graph
    layers = [layer_report(graph, node) for node in graph.nodes]
    draw(target, package.name, graph, layers)
    return Report(
        package.name,
        package.manifest["source"]["file"].text(),
        {p.name: p.shape for p in graph.inputs},
        {p.name: p.shape for p in graph.outputs},
        layers,
        target,
        {p.name: p.scalar for p in graph.inputs},
    )


def layer_report(graph: Graph, node: Node) -> LayerReport:
    sizes = {key: node.types[tensor_type(key)].bytes if tensor_type(key) in node.types else node.tensors[key].itemsize for key in node.tensors}
    held = sum(sizes[key] * tensor.size for key, tensor in node.tensors.items())
    types = types_of(graph, node) if graph.is_fixed else {}
    if types and node.output in (known := value_types(graph)):
        types["result"] = str(known[node.output])
    counts = forest_counts(node) if node.kind == "forest" else {}
    return LayerReport(node.name, node.kind, node.shape, node.parameter_count, node.multiplications, held, types, counts)


def forest_counts(node: Node) -> dict[str, int]:
    leaves = int(np.count_nonzero(node.tensors["features"] == -1))
    counts = {"trees": len(node.tensors["roots"]), "splits": len(node.tensors["features"]) - leaves, "leaves": leaves}
    by_category = int(np.count_nonzero(node.tensors["features"] < -1))
    return counts | {"levels": int(node.numbers["depth"]), "categories": by_category}


def draw(path: Path, name: str, graph: Graph, layers: list[LayerReport]) -> None:
    """Writes a PNG: multiplications and parameters a layer, the distribution of each layer's weights, and how often forests split each feature."""
    forests = [node for node in graph.nodes if node.kind == "forest"]
    mostly_forests = 2 * sum(node.parameter_count for node in forests) > sum(node.parameter_count for node in graph.nodes)
    with figure(path, 11, 5) as drawn:
        left, right = drawn.subplots(1, 2)
        if mostly_forests:
            draw_splits(left, graph, forests)
        else:
            draw_costs(left, layers)
        draw_weights(right, graph)
        drawn.suptitle(label(name))


def draw_costs(axes, layers: list[LayerReport]) -> None:
    heavy = [layer for layer in layers if layer.parameters]
    positions = range(len(heavy))
    axes.barh([p - 0.2 for p in positions], [h.multiplications for h in heavy], 0.4, label="multiplications")
    axes.barh([p + 0.2 for p in positions], [h.parameters for h in heavy], 0.4, label="parameters")
    axes.set_yticks(list(positions), [label(h.name) for h in heavy])
    axes.set_ylim(len(heavy) - 0.5, -0.5)
    axes.set_xlabel("count per event")
    if heavy:
        axes.legend()


def draw_splits(axes, graph: Graph, forests: list[Node]) -> None:
    """How many nodes split each of the features that are split most."""
    names = next((p.labels for p in graph.inputs if p.labels and p.name in forests[0].inputs), None)
    chosen = np.concatenate([split_features(node) for node in forests])
    counts = np.bincount(chosen, minlength=1)
    first = np.argsort(-counts, kind="stable")[:MOST_FEATURES]
    axes.barh(range(len(first)), counts[first])
    axes.set_yticks(range(len(first)), [label(names[f]) if names else f"feature {f}" for f in first])
    axes.set_ylim(len(first) - 0.5, -0.5)
    axes.set_xlabel("splits")


def split_features(node: Node) -> np.ndarray:
    """Returns the feature of each split of a forest; where it splits by category the number of a test stands for it, see forest.py."""
    asked = node.tensors["features"]
    by_category = node.tensors["test_features"][-2 - asked[asked < -1]] if (asked < -1).any() else asked[:0]
    return np.concatenate([asked[asked >= 0], by_category])


def draw_weights(axes, graph: Graph) -> None:
    for node in graph.nodes:
        if "weights" in node.tensors:
            axes.hist(node.values("weights").ravel(), bins=50, histtype="step", density=True, label=label(node.name))
        if node.kind == "forest":
            leaf = node.tensors["features"] == -1
            leaves = node.values("leaves") if "leaves" in node.tensors else node.values("values")[leaf]
            axes.hist(leaves.ravel(), bins=50, histtype="step", density=True, label=label(f"{node.name}, leaves"))
    forests, dense = (any(node.kind == kind for node in graph.nodes) for kind in ("forest", "dense"))
    axes.set_xlabel("weight, leaf" if forests and dense else "leaf" if forests else "weight")
    axes.set_ylabel("density")
    if axes.patches:
        axes.legend()
