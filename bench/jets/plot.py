"""The bar chart of the jet bench."""

from __future__ import annotations

from pathlib import Path

from kaon.bench import Report


def write_plot(reports: list[Report], target: Path) -> None:
    """One panel a compiler: minimum ns an event of every engine and case on a logarithmic axis, the bound as a line."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(reports), figsize=(6.4 * len(reports), 4.2), sharey=True, squeeze=False)
    for panel, report in zip(panels[0], reports):
        rows = report["rows"]
        cases = list(dict.fromkeys((row["case"], row["batch"]) for row in rows))
        engines = list(dict.fromkeys(row["engine"] for row in rows))
        width = 0.8 / len(engines)
        for place, engine in enumerate(engines):
            times = {(row["case"], row["batch"]): row["ns_per_event_min"] for row in rows if row["engine"] == engine}
            left = [index - 0.4 + (place + 0.5) * width for index in range(len(cases))]
            bars = panel.bar(left, [times[case] for case in cases], width, label=engine)
            panel.bar_label(bars, fmt="%.0f", fontsize=6)
        for index, case in enumerate(cases):
            bound = next(row["bound_ns"] for row in rows if (row["case"], row["batch"]) == case)
            panel.hlines(bound, index - 0.45, index + 0.45, colors="black", linestyles="dashed", label="bound" if index == 0 else None)
        panel.set_yscale("log")
        panel.set_xticks(range(len(cases)), [f"{name} {batch}" if batch > 1 else name for name, batch in cases])
        panel.set_title(report["compiler"], fontsize=9)
        panel.grid(axis="y", alpha=0.3)
        panel.set_axisbelow(True)
    panels[0][0].set_ylabel("ns per event (minimum)")
    panels[0][0].legend(fontsize=7)
    figure.suptitle("Jet network 16-64-32-32-5 with softmax, one thread", fontsize=10)
    figure.tight_layout()
    figure.savefig(target, dpi=150)
    pyplot.close(figure)
