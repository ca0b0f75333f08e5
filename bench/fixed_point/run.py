"""The fixed-point bench: every network, every engine that is installed; tables, fixed.json, fixed.png.

Every engine in fixed point must have every bit of the reference before it is timed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from kaon.bench_table import print_table
from kaon.error import Failed, KaonError
from kaon.native.bench_program import Report, run_program
from kaon.plots import draw_speed, figure
from models import MODELS_OF_THE_BENCH, ROOT
from program import TIMES, build, prepare
from rivals import add_interpreters, engines_of, write_network

OUT = ROOT / "build" / "bench" / "fixed"
SHOWN = (("single", 1), ("batch", 64))
"""Cases of the plot and of the ratios below a table."""


def check_bits(report: Report) -> None:
    """Raises Failed where an engine in fixed point has a wrong bit."""
    fixed = {row["engine"] for row in report["rows"] if row["scalar"] == "fixed"}
    wrong = [name for name, difference in report["agreement"]["largest_difference"].items() if name in fixed and difference != 0]
    if wrong:
        raise Failed(report["network"], f"wrong bits: {', '.join(wrong)}", "the times say nothing: report it")


def give_bounds(report: Report) -> None:
    """Writes the bound of fixed point, which kaon's rows have, into the rows of the interpreters."""
    bounds = {(row["case"], row["batch"]): row["bound_ns"] for row in report["rows"] if row["engine"] == "kaon"}
    for row in report["rows"]:
        if row["scalar"] == "fixed":
            row["bound_ns"] = bounds[row["case"], row["batch"]]


def ratios(report: Report) -> str:
    """How many times as long as kaon every other engine takes, one event and batches of 64."""
    parts = []
    for case in SHOWN:
        times = {row["engine"]: row["ns_per_event_min"] for row in report["rows"] if (row["case"], row["batch"]) == case}
        kaon = times.pop("kaon")
        parts.append(f"{'one event' if case[1] == 1 else 'batch of 64'}: " + ", ".join(f"{name} {time / kaon:,.1f}" for name, time in times.items()))
    return "Times kaon's: " + "; ".join(parts) + "."


def write_plot(reports: list[Report], target: Path) -> None:
    """One panel a network, of the first compiler."""
    from matplotlib import colormaps

    first = [report for report in reports if report["compiler"] == reports[0]["compiler"]]
    with figure(target, 6 * len(first), 5) as drawn:
        for panel, report in zip(drawn.subplots(1, len(first), squeeze=False)[0], first):
            rows = [row for row in report["rows"] if (row["case"], row["batch"]) in SHOWN]
            panel.set_prop_cycle(color=colormaps["tab10"].colors)  # more engines than the style has colours
            draw_speed(panel, {**report, "rows": rows})
            panel.set_ylim(min(row["bound_ns"] for row in rows if row["bound_ns"] > 0) / 2, panel.get_ylim()[1] * 10)
            panel.set_title(report["network"], fontsize=10, loc="left")
            panel.legend(fontsize=8, ncols=2)
        drawn.axes[0].set_ylabel(f"ns per event (minimum), {reports[0]['compiler']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(model.name for model in MODELS_OF_THE_BENCH), help="comma separated")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--seconds", type=float, default=20.0, help="time spent measuring, for each network and compiler")
    options = parser.parse_args()
    console = Console(stderr=True)
    reports: list[Report] = []
    for model in (model for model in MODELS_OF_THE_BENCH if model.name in options.networks.split(",")):
        if model.missing:
            print(f"SKIPPED: {model.name}: {model.missing}")
            continue
        with console.status(f"{model.name}: preparing"):
            graph, directory = prepare(model, OUT)
            engines, absent = engines_of(model, graph, directory)
        for line in absent:
            print(f"SKIPPED: {line}")
        for compiler in options.compilers.split(","):
            with console.status(f"{model.name}, {compiler}: compiling"):
                program = build(TIMES, model, graph, engines, directory, directory / f"times_{compiler}", [compiler])
            with console.status(f"{model.name}, {compiler}: measuring for {options.seconds:g} s"):
                report = run_program([str(program), str(directory), str(options.seconds)])
            if model.is_exact:
                with console.status(f"{model.name}: interpreters"):
                    write_network(*model.make(), directory / "network.npz")
                    add_interpreters(report, directory / "network.npz", options.seconds / 4)
            report["network"] = model.title
            give_bounds(report)
            check_bits(report)
            reports.append(report)
            print_table(report, f"{model.title}, {report['compiler']}")
            print(ratios(report) + "\n", flush=True)
            (OUT / "fixed.json").write_text(json.dumps({"runs": reports}, indent=1) + "\n")
    if reports:
        write_plot(reports, OUT / "fixed.png")
        print(f"wrote {(OUT / 'fixed.json').relative_to(ROOT)} and {(OUT / 'fixed.png').relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
