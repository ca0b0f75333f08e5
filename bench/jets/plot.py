"""The bar chart of the jet bench."""

from __future__ import annotations

from pathlib import Path

from kaon.native.bench_program import Report
from kaon.plots import draw_speed, figure


def write_plot(reports: list[Report], target: Path) -> None:
    """One panel a compiler: minimum ns an event of every engine and case on a logarithmic axis, the bound as a line."""
    with figure(target, 8 * len(reports), 5) as drawn:
        panels = drawn.subplots(1, len(reports), sharey=True, squeeze=False)[0]
        for panel, report in zip(panels, reports):
            draw_speed(panel, report)
            panel.set_title(report["compiler"], fontsize=11, loc="right")
        panels[0].set_ylabel("ns per event (minimum)")
        panels[0].set_title("16-64-32-32-5 with softmax, one thread", fontsize=11, loc="left")
        panels[-1].legend()
