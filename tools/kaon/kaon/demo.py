"""The jet tagger from its ONNX file to scores, figures of merit, times and plots; what tools/demo runs."""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from kaon.bench import measure
from kaon.bench_table import print_table
from kaon.check import TOLERANCE
from kaon.classification import Roc, accuracy, rocs
from kaon.convert import convert
from kaon.error import Failed, KaonError, Refused
from kaon.evaluate import evaluate
from kaon.native.bench_program import Report
from kaon.package import Package
from kaon.plots import draw_rocs, draw_speed, figure
from kaon.reference import source_outputs
from kaon.run import run

NAME = "jet_tagger"
BATCH = 64
SECONDS = 3.0
JETS = {"g": "gluon", "q": "light quark", "w": "W boson", "z": "Z boson", "t": "top quark"}


@dataclass
class Sample:
    """Labelled events. features: float32 [events][features]; truth: class numbers [events]."""

    features: np.ndarray
    truth: np.ndarray


def read_sample(path: Path, package: Package) -> Sample:
    """Reads a gzipped CSV file whose columns are the model's features by name and `label`, the name of a class."""
    try:
        with gzip.open(path, "rt", newline="") as file:
            header, *rows = csv.reader(file)
    except (OSError, EOFError, ValueError) as error:
        raise Refused(path, f"it cannot be read as gzipped CSV ({error})", "take it from a fresh clone") from error
    features, classes = package.graph.inputs[0].labels, package.graph.outputs[0].labels
    missing = [name for name in (*features, "label") if name not in header]
    if missing or not rows:
        raise Refused(path, f"no column {missing[0]!r}" if missing else "it holds no events", "take it from a fresh clone")
    columns = {name: index for index, name in enumerate(header)}
    try:
        numbers = [[float(row[columns[name]]) for name in features] for row in rows]
        truth = [classes.index(row[columns["label"]]) for row in rows]
    except (ValueError, IndexError) as error:
        raise Refused(path, f"a row is no event of a known class ({error})", "take it from a fresh clone") from error
    return Sample(np.array(numbers, np.float32), np.array(truth))


@contextmanager
def step(text: str) -> Iterator[None]:
    """Prints what is done, and how long it took."""
    print(f"{text} ... ", end="", flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


def demo(model: Path, sample: Path, out: Path) -> bool:
    """Runs everything; returns whether every score agrees with ONNX Runtime's. Writes below `out`."""
    with step(f"converting {model}"):
        package = convert(model, out / NAME)
    with step(f"reading {sample}"):
        jets = read_sample(sample, package)
    output = package.graph.outputs[0].name
    with step(f"compiling the header and running {len(jets.truth)} jets, one event a call"):
        single = run(package.directory, jets.features)[output]
    with step(f"running them {BATCH} a call"):
        batches = run(package.directory, jets.features, batch=BATCH)[output]
    with step("running them in ONNX Runtime"):
        references, engine = source_outputs(package, {package.graph.inputs[0].name: jets.features})
    if references is None:
        raise Failed("ONNX Runtime", engine, "install the packages of tools/kaon/requirements.txt")
    reference = references[output]
    names = [JETS.get(name, name) for name in package.graph.outputs[0].labels]
    agreed = agreement({"one event a call": single, f"{BATCH} a call": batches}, reference, names)
    curves = rocs(single, jets.truth, names)
    exact = evaluate(package.graph, {package.graph.inputs[0].name: jets.features})[output]
    ours, theirs = (np.abs(scores - exact).max() for scores in (single, reference))
    print(f"from the same network in float64 kaon differs by up to {ours:.1e}, ONNX Runtime by {theirs:.1e}")
    print_figures(curves, accuracy(single, jets.truth), accuracy(reference, jets.truth))
    with step("compiling and running the bench"):
        report = measure(package, SECONDS, jets.features)
    print_table(report, f"{NAME}, {report['compiler']}")
    write_plots(out, curves, jets, report)
    print(f"header:     {package.file('header')}")
    print(f"ROC curves: {out / 'roc.png'}")
    print(f"speed:      {out / 'speed.png'}")
    return agreed


def agreement(scores: dict[str, np.ndarray], reference: np.ndarray, names: list[str]) -> bool:
    """Prints the largest difference of each way of running to the reference; returns whether all are small enough."""
    agreed = True
    for way, got in scores.items():
        difference = np.nan_to_num(np.abs(got.astype(np.float64) - reference), nan=np.inf)
        row, column = np.unravel_index(difference.argmax(), difference.shape)
        passed = bool(difference.max() <= TOLERANCE)
        words = "all within" if passed else "NOT within"
        largest = f"{difference.max():.1e} (jet {row}, {names[column]})"
        print(f"{got.size} scores, {way}: {words} {TOLERANCE:g} of ONNX Runtime's, largest difference {largest}")
        agreed = agreed and passed
    return agreed


def print_figures(curves: list[Roc], ours: float, theirs: float) -> None:
    table = Table("jets", title="jet tagger, each class against all others")
    for heading in ("AUC", "mistag rate at 50 % efficiency"):
        table.add_column(heading, justify="right")
    for curve in curves:
        table.add_row(curve.name, f"{curve.auc:.4f}", f"{curve.mistag_at(0.5):.2%}")
    Console().print(table)
    print(f"accuracy {ours:.4f} (ONNX Runtime {theirs:.4f})")


def write_plots(out: Path, curves: list[Roc], jets: Sample, report: Report) -> None:
    with figure(out / "roc.png", 7, 6) as drawn:
        axes = drawn.subplots()
        draw_rocs(axes, curves, 1e-3)
        axes.set_title(f"{len(jets.truth)} simulated jets", fontsize=11, loc="right")
    with figure(out / "speed.png", 8, 5) as drawn:
        axes = drawn.subplots()
        draw_speed(axes, report)
        axes.set_ylabel("ns per event (minimum)")
        axes.set_title(f"jet tagger 16-64-32-32-5, one thread, {report['compiler']}", fontsize=11, loc="right")
        axes.legend()


def main() -> None:
    try:
        model, sample, out = map(Path, sys.argv[1:])
    except ValueError:
        sys.exit("usage: python -m kaon.demo MODEL.onnx SAMPLE.csv.gz FOLDER")
    try:
        os.makedirs(out, exist_ok=True)
        agreed = demo(model, sample, out)
    except KaonError as error:
        print(f"kaon: error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # the reader has gone: nothing is left to say, also at exit
        sys.exit(1)
    except OSError as error:
        print(f"kaon: error: {error.filename or out}: {error.strerror}; give a folder that can be written", file=sys.stderr)
        sys.exit(1)
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
