"""The dense bench: four networks, every engine that is installed, one event and batches; tables, dense.json, dense.png."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from kaon.bench_table import print_table
from kaon.error import KaonError
from kaon.native.bench_program import Report, run_program
from kaon.plots import draw_speed, figure
from engines import installed
from networks import NETWORKS
from prepared import prepare_network
from program import TIMES, build, command_of

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench"


def behind(report: Report) -> list[str]:
    """The rows in which an engine with right scores took less time than kaon."""
    wrong = {name for name, difference in report["agreement"]["largest_difference"].items()
             if difference is None or difference > 1e-5}
    kaon = {(row["case"], row["batch"]): row["ns_per_event_min"] for row in report["rows"] if row["engine"] == "kaon"}
    return [
        f"{row['case']} {row['batch']}: {row['engine']} {row['ns_per_event_min']:.1f}, kaon {kaon[row['case'], row['batch']]:.1f} ns"
        for row in report["rows"]
        if row["engine"] not in (*wrong, "reproducible") and row["ns_per_event_min"] < kaon[row["case"], row["batch"]]]


def write_plot(reports: list[Report], target: Path) -> None:
    """One panel a network, of the first compiler."""
    first = [report for report in reports if report["compiler"] == reports[0]["compiler"]]
    with figure(target, 12, 5 * len(first)) as drawn:
        for panel, report in zip(drawn.subplots(len(first), 1, squeeze=False)[:, 0], first):
            draw_speed(panel, report)
            panel.set_ylim(min(row["bound_ns"] for row in report["rows"]) / 2, panel.get_ylim()[1])
            panel.set_ylabel("ns per event (minimum)")
            panel.set_title(f"{report['network']}, {report['compiler']}", fontsize=11, loc="left")
            panel.legend(fontsize=8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(network.name for network in NETWORKS), help="comma separated")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--seconds", type=float, default=10.0, help="time spent measuring, for each network and compiler")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # oneDNN's threads
    console = Console(stderr=True)
    reports: list[Report] = []
    for network in (network for network in NETWORKS if network.name in options.networks.split(",")):
        engines, absent = installed(network)
        for line in absent:
            print(f"SKIPPED: {line}")
        with console.status(f"{network}: preparing"):
            directory = prepare_network(network, OUT, any(engine.name == "sofie" for engine in engines))
        for compiler in options.compilers.split(","):
            with console.status(f"{network}, {compiler}: compiling"):
                program = build(TIMES, network, engines, directory, directory / f"times_{compiler}", command_of(compiler))
            with console.status(f"{network}, {compiler}: measuring for {options.seconds:g} s"):
                report = run_program([str(program), str(directory), str(options.seconds)])
            report["network"] = str(network)
            reports.append(report)
            print_table(report, f"{network}, {report['compiler']}")
            print("kaon is behind in: " + ("; ".join(behind(report)) or "no row") + ".\n", flush=True)
            (OUT / "dense.json").write_text(json.dumps({"runs": reports}, indent=1) + "\n")
    write_plot(reports, OUT / "dense.png")
    print(f"wrote {(OUT / 'dense.json').relative_to(ROOT)} and {(OUT / 'dense.png').relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
