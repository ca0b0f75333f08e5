"""kaon report: layers, shapes, parameters, multiplications, bytes, and a plot of them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from kaon.arrays import write_whole
from kaon.graph import Graph
from kaon.package import open_package

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
    write_whole(target, draw(package.name, graph, layers))
    return Report(
        package.name,
        package.manifest["source"]["file"].text(),
        {p.name: p.shape for p in graph.inputs},
        {p.name: p.shape for p in graph.outputs},
        layers,
        target,
    )


def draw(name: str, graph: Graph, layers: list[LayerReport]) -> bytes:
    """Returns a PNG: multiplications and parameters a layer, and the distribution of each layer's weights."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from mplhep import style

    sizes = {"font.size": 11, "axes.labelsize": 12, "legend.fontsize": 9, "xtick.labelsize": 10, "ytick.labelsize": 9}
    with rc_context({**style.ROOT, **sizes}):
        figure = Figure(figsize=(11, 5), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        draw_costs(left, layers)
        draw_weights(right, graph)
        figure.suptitle(label(name))
        buffer = BytesIO()
        figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


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


def label(text: str) -> str:
    """Returns text that matplotlib shows as it is: no mathematics, no leading underscore, its end where it is long."""
    plain = text.replace("$", r"\$").lstrip("_") or text
    return plain if len(plain) <= 24 else "..." + plain[-21:]
