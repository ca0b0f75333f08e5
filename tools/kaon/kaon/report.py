"""kaon report: layers, shapes, parameters, multiplications, bytes, and a plot of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kaon.graph import Graph
from kaon.package import open_package
from kaon.plots import figure, label

FLOAT_BYTES = 4


@dataclass
class LayerReport:
    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiplications: int

    @property
    def bytes(self) -> int:
        """Bytes of its parameters as float."""
        return FLOAT_BYTES * self.parameters


@dataclass
class Report:
    """What a model costs. plot: the PNG that was written."""

    name: str
    source: str
    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]
    layers: list[LayerReport]
    plot: Path

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
    layers = [LayerReport(n.name, n.kind, n.shape, n.parameter_count, n.multiplications) for n in graph.nodes]
    draw(target, package.name, graph, layers)
    return Report(
        package.name,
        package.manifest["source"]["file"].text(),
        {p.name: p.shape for p in graph.inputs},
        {p.name: p.shape for p in graph.outputs},
        layers,
        target,
    )


def draw(path: Path, name: str, graph: Graph, layers: list[LayerReport]) -> None:
    """Writes a PNG: multiplications and parameters a layer, and the distribution of each layer's weights."""
    with figure(path, 11, 5) as drawn:
        left, right = drawn.subplots(1, 2)
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


def draw_weights(axes, graph: Graph) -> None:
    for node in graph.nodes:
        if "weights" in node.tensors:
            axes.hist(node.tensors["weights"].ravel(), bins=50, histtype="step", density=True, label=label(node.name))
    axes.set_xlabel("weight")
    axes.set_ylabel("density")
    if axes.patches:
        axes.legend()
