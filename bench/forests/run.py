"""The forest bench: three forests, every engine that is installed, one event and batches; tables, trees.json, trees.png."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from engines import Engine, installed
from forests import FEATURES, FORESTS, Arrays, Forest, read, train
from kaon.convert import convert
from kaon.error import KaonError
from kaon.native.bench_program import Report, run_program
from kaon.plots import ENGINES, figure
from program import build

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench"
NAMES = {**ENGINES, "xgboost": "XGBoost", "lightgbm": "LightGBM", "ydf": "YDF, generated", "tl2cgen": "tl2cgen"}
TOLERANCE = 1e-5


def cases_of(report: Report) -> list[tuple[str, int]]:
    return list(dict.fromkeys((row["case"], row["batch"]) for row in report["rows"]))


def times_of(report: Report) -> dict[str, dict[tuple[str, int], float]]:
    """Minima in ns an event, by engine and case."""
    times: dict[str, dict[tuple[str, int], float]] = {}
    for row in report["rows"]:
        times.setdefault(row["engine"], {})[row["case"], row["batch"]] = row["ns_per_event_min"]
    return times


def wrong_of(report: Report) -> list[str]:
    """Engines whose sums are too far from float64."""
    return [name for name, difference in report["agreement"]["largest_difference"].items() if difference is None or difference > TOLERANCE]


def case_name(case: tuple[str, int]) -> str:
    name, batch = case
    return {"single": "one event", "dependent": "one, dependent"}.get(name, f"batch of {batch:,}")


def print_report(report: Report) -> None:
    """ns an event, and how many times kaon's that is."""
    times, wrong = times_of(report), wrong_of(report)
    table = Table("", *map(case_name, cases_of(report)), title=f"{report['forest']}, {report['compiler']}: ns an event (times kaon's)")
    for column in table.columns[1:]:
        column.justify = "right"
    for engine, row in times.items():
        cells = [f"{value:,.0f} ({value / times['kaon'][case]:.1f})" for case, value in row.items()]
        table.add_row(NAMES.get(engine, engine) + (" WRONG" if engine in wrong else ""), *cells)
    Console(width=130).print(table)
    behind = [f"{case_name(case)}: {engine} {value:.0f}, kaon {times['kaon'][case]:.0f} ns" for engine, row in times.items()
              for case, value in row.items() if engine not in wrong and value < times["kaon"][case]]
    load = ", ".join(f"{value:.1f}" for value in report["load"])
    print(f"kaon is behind in: {'; '.join(behind) or 'no row'}. Load of the machine over 1, 5, 15 minutes: {load}.\n", flush=True)


def write_plot(reports: list[Report], target: Path) -> None:
    """One panel a forest, of the first compiler."""
    first = [report for report in reports if report["compiler"] == reports[0]["compiler"]]
    with figure(target, 11, 4 * len(first)) as drawn:
        for panel, report in zip(drawn.subplots(len(first), 1, squeeze=False)[:, 0], first):
            times, cases = times_of(report), cases_of(report)
            width = 0.8 / len(times)
            for place, (engine, row) in enumerate(times.items()):
                left = [index - 0.4 + (place + 0.5) * width for index in range(len(cases))]
                bars = panel.bar(left, [row[case] for case in cases], width, label=NAMES.get(engine, engine))
                panel.bar_label(bars, fmt="{:,.0f}", fontsize=6, rotation=90, padding=2)
            panel.set_yscale("log")
            panel.set_ylim(min(min(row.values()) for row in times.values()) / 2, panel.get_ylim()[1] * 6)
            panel.set_xticks(range(len(cases)), list(map(case_name, cases)))
            panel.tick_params(axis="x", which="both", length=0)
            panel.set_ylabel("ns per event (minimum)")
            panel.set_title(f"{report['forest']}, {report['compiler']}", fontsize=11, loc="left")
            panel.legend(fontsize=7, ncols=4)


def prepared(engine: Engine, forest: Forest, arrays: Arrays, directory: Path) -> list[Path]:
    """What the engine's files are linked with; they are written again where model, writers or versions are others: some take minutes."""
    here = Path(__file__).parent
    parts = [directory / "model.ubj", here / "formats.py", here / "engines.py", here / "requirements.txt"]
    key = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
    marker = directory / f"{engine.name}.prepared.json"
    if marker.exists():
        made = json.loads(marker.read_text())
        if made["key"] == key and all(Path(name).exists() for name in made["objects"]):
            return [Path(name) for name in made["objects"]]
    objects = engine.prepare(forest, arrays, directory)
    marker.write_text(json.dumps({"key": key, "objects": [str(name) for name in objects]}))
    return objects


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forests", default=",".join(forest.name for forest in FORESTS), help="comma separated")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--seconds", type=float, default=20.0, help="time spent measuring, for each forest and compiler")
    parser.add_argument("--without", default="", help="engines to leave out, comma separated")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    console = Console(stderr=True)
    engines, absent = installed()
    engines = [engine for engine in engines if engine.name not in options.without.split(",")]
    for line in absent:
        print(f"SKIPPED: {line}")
    reports: list[Report] = []
    programs = []
    for forest in (forest for forest in FORESTS if forest.name in options.forests.split(",")):
        directory = OUT / "trees" / forest.name
        with console.status(f"{forest}: training"):
            model = train(forest, directory)
            arrays = read(model)
            events = np.fromfile(directory / "events.f32", np.float32).reshape(-1, FEATURES)
            (directory / "sums.f32").write_bytes(arrays.sums(events).astype(np.float32).tobytes())
            convert(model, directory / "kaon", "forest")
        objects = []
        fit = [engine for engine in engines if len(arrays.values) <= engine.most_nodes]
        for engine in engines:
            if engine not in fit:
                print(f"SKIPPED: {engine.name} of {forest}: {len(arrays.values):,} nodes are more than it compiles in minutes")
        for engine in fit:
            with console.status(f"{forest}: {engine.name}'s files"):
                objects += prepared(engine, forest, arrays, directory)
        for compiler in options.compilers.split(","):
            with console.status(f"{forest}, {compiler}: compiling"):
                programs.append((forest, len(arrays.values), directory, compiler, build(forest, fit, objects, directory, compiler)))
    for forest, nodes, directory, compiler, program in programs:
        with console.status(f"{forest}, {compiler}: measuring for {options.seconds:g} s"):
            report = run_program([str(program), str(directory), str(options.seconds)])
        report |= {"forest": str(forest), "nodes": nodes, "load": os.getloadavg()}
        reports.append(report)
        print_report(report)
        (OUT / "trees.json").write_text(json.dumps({"runs": reports}, indent=1) + "\n")
    write_plot(reports, OUT / "trees.png")
    print(f"wrote {(OUT / 'trees.json').relative_to(ROOT)} and {(OUT / 'trees.png').relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
