"""Plots in the style of the field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from kaon.arrays import write_whole
from kaon.classification import Roc

ENGINES = {"onnxruntime": "ONNX Runtime", "sofie": "SOFIE"}
CASES = {"single": "one event", "dependent": "one event,\ndependent"}
SIZES = {"font.size": 11, "axes.labelsize": 13, "legend.fontsize": 10, "xtick.labelsize": 11, "ytick.labelsize": 10}


@contextmanager
def figure(path: Path, width: float, height: float) -> Iterator[Any]:
    """Yields a matplotlib figure in ROOT's style and writes it to `path` as PNG, whole or not at all. Sizes in inches."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from mplhep import style

    with rc_context({**style.ROOT, **SIZES}):
        drawn = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(drawn)
        yield drawn
        buffer = BytesIO()
        drawn.savefig(buffer, format="png", dpi=140)
    write_whole(path, buffer.getvalue())


def label(text: str) -> str:
    """Returns text that matplotlib shows as it is: no mathematics, no leading underscore, its end where it is long."""
    plain = text.replace("$", r"\$").lstrip("_") or text
    return plain if len(plain) <= 24 else "..." + plain[-21:]


def draw_rocs(axes: Any, curves: list[Roc], least: float) -> None:
    """Background mistag rate over signal efficiency, one curve a class, AUC in the legend. least: the lowest rate shown."""
    for curve in curves:
        shown = curve.mistag >= least / 10
        axes.plot(curve.efficiency[shown], curve.mistag[shown], linewidth=2, label=f"{label(curve.name)}, AUC = {curve.auc:.3f}")
    axes.set_yscale("log")
    axes.set_xlim(0, 1)
    axes.set_ylim(least, 1)
    axes.set_xlabel("signal efficiency")
    axes.set_ylabel("background mistag rate")
    axes.grid(which="major", alpha=0.3)
    axes.legend(title="signal against all others", loc="upper left")


def draw_speed(axes: Any, report: dict[str, Any]) -> None:
    """Bars of the minimum ns an event, a group a case and a bar an engine, with the bound of the machine as dashes."""
    rows = report["rows"]
    cases = list(dict.fromkeys((row["case"], row["batch"]) for row in rows))
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    width = 0.8 / len(engines)
    for place, engine in enumerate(engines):
        times = {(row["case"], row["batch"]): row["ns_per_event_min"] for row in rows if row["engine"] == engine}
        left = [index - 0.4 + (place + 0.5) * width for index in range(len(cases))]
        bars = axes.bar(left, [times[case] for case in cases], width, label=ENGINES.get(engine, engine))
        axes.bar_label(bars, fmt="{:,.0f}", fontsize=8)
    for index, case in enumerate(cases):
        bound = next(row["bound_ns"] for row in rows if (row["case"], row["batch"]) == case)
        name = "bound of this machine" if index == 0 else None
        axes.hlines(bound, index - 0.45, index + 0.45, colors="black", linestyles="dashed", linewidth=1.5, label=name)
    axes.set_yscale("log")
    axes.set_ylim(10, axes.get_ylim()[1] * 1.5)
    axes.set_xticks(range(len(cases)), [CASES.get(name, f"{name}\nof {batch:,}") for name, batch in cases])
    axes.tick_params(axis="x", which="both", length=0)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
