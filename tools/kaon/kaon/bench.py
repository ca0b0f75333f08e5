"""``kaon bench``: nanoseconds an event of a converted model, beside ONNX Runtime and the bound of this machine."""

from __future__ import annotations

import importlib.util
import json as json_text
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from kaon.error import Failed, Refused
from kaon.native.compiler import compiler, first_error
from kaon.native.include import include_directory
from kaon.package import Package, open_package

Report = dict[str, Any]

EVENTS = 1024
"""Distinct events that every engine sees; a multiple of the largest batch of the harness."""

WIDTH = 110
"""Columns of the table where it does not go to a terminal."""

DRIVER = """\
#include "{name}.hpp"

#include "harness/compare.hpp"
#include "harness/kaon.hpp"
{includes}#include "harness/report.hpp"

#include <exception>
#include <iostream>
#include <string>

int main(int, char** arguments) try {{
    using network = {name}::network;
    const bench::events inputs = bench::read_events(arguments[1], network::input::size, {events});
{engines}    bench::kaon_engine<network, {name}::model> kaon(inputs);
    const bench::comparison result = bench::compare({events}, network::output::size, {{{layers}}},
                                                    std::stod(arguments[2]), {others}kaon);
    bench::write_json(std::cout, result);
    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""

ONNXRUNTIME_ENGINE = """\
    bench::onnxruntime_engine onnxruntime(arguments[3], arguments[4], arguments[5], arguments[6], inputs,
                                          network::output::size);
"""


def bench(directory: Path | str, json: bool = False, seconds: float = 5.0) -> Report:
    """Times a converted model: one event (throughput, dependent latency) and batches of 8, 64 and 1,024.

    Beside ONNX Runtime where the source is ONNX and onnxruntime is installed. Prints a table, or with `json` the report
    as JSON, and returns the report; times are nanoseconds an event. seconds: how long to measure at least. Raises
    kaon.Refused for a folder that is no model, kaon.Failed where the program cannot be compiled or run.
    """
    if not seconds > 0:
        raise Refused(f"seconds {seconds}", "there is no time to measure in", "give a positive number")
    package = open_package(directory)
    with tempfile.TemporaryDirectory(prefix="kaon-bench-") as scratch:
        report = measure(package, Path(scratch), seconds)
    if json:
        print(json_text.dumps(report, indent=1))
    else:
        print_table(report, f"{package.name}, {report['compiler']}")
    return report


def measure(package: Package, work: Path, seconds: float) -> Report:
    """Writes, compiles and runs the program that times one model; its files go to `work`."""
    library = onnxruntime_library()
    rival: list[str] = []
    if package.source_kind == "onnx" and library is not None:
        tensors = write_dynamic_batch(package.file("source"), work / "dynamic_batch.onnx")
        rival = [str(library), str(work / "dynamic_batch.onnx"), *tensors] if tensors else []
    program = work / "bench.cpp"
    program.write_text(driver(package, with_onnxruntime=bool(rival)))
    features = int(np.prod(package.graph.inputs[0].shape))
    np.random.default_rng(1).standard_normal((EVENTS, features), dtype=np.float32).tofile(work / "events.f32")
    executable = compile_program(program, work / "bench", [package.directory.resolve()])
    return run_program([str(executable), str(work / "events.f32"), str(seconds), *rival])


def onnxruntime_library() -> Path | None:
    """The shared library inside the installed onnxruntime wheel."""
    found = importlib.util.find_spec("onnxruntime")
    if found is None or found.origin is None:
        return None
    libraries = sorted((Path(found.origin).parent / "capi").glob("libonnxruntime.so*"))
    return libraries[0] if libraries else None


def write_dynamic_batch(source: Path, target: Path, rows: int | str = "rows") -> tuple[str, str] | None:
    """Writes a copy of an ONNX model whose first axis is ``rows``; returns the names of its input and output.

    None where it has several inputs or outputs, or where onnx is not installed.
    """
    if importlib.util.find_spec("onnx") is None:
        return None
    import onnx

    model = onnx.load(source)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    outputs = list(model.graph.output)
    if len(inputs) != 1 or len(outputs) != 1:
        return None
    for value in (*inputs, *outputs):
        axis = value.type.tensor_type.shape.dim[0]
        if isinstance(rows, int):
            axis.dim_value = rows
        else:
            axis.dim_param = rows
    names = inputs[0].name, outputs[0].name
    for constant in [value for value in model.graph.input if value.name in constants]:
        model.graph.input.remove(constant)
    del model.graph.value_info[:]
    onnx.save(model, target)
    return names


def driver(package: Package, with_onnxruntime: bool) -> str:
    """Returns the C++ program that times one converted model."""
    dense = [node.tensors["weights"].shape for node in package.graph.nodes if node.kind == "dense"]
    return DRIVER.format(
        name=package.name,
        events=EVENTS,
        includes='#include "harness/onnxruntime.hpp"\n' if with_onnxruntime else "",
        engines=ONNXRUNTIME_ENGINE if with_onnxruntime else "",
        others="onnxruntime, " if with_onnxruntime else "",
        layers=", ".join(f"{{{inputs}, {outputs}}}" for inputs, outputs in dense),
    )


def harness_directory() -> Path:
    """Returns the folder that holds the bench's C++ headers as harness/*.hpp: they come with a checkout only."""
    folder = Path(__file__).resolve().parents[3] / "bench"
    if not (folder / "harness").is_dir():
        raise Failed("harness", "the bench's C++ headers are not above this package", "pip install -e tools/kaon in a checkout")
    return folder


def compile_program(
    program: Path, executable: Path, includes: list[Path], libraries: tuple[str, ...] = (), command: list[str] | None = None
) -> Path:
    """Compiles a program of the bench for this machine; returns the executable. command: the compiler, by default $CXX or g++."""
    command = command or compiler()
    folders = [include_directory(), harness_directory(), *includes]
    flags = ["-std=c++17", "-O3", "-march=native", "-DNDEBUG", *(f"-I{folder}" for folder in folders)]
    whole = [*command, *flags, *shlex.split(os.environ.get("CXXFLAGS", "")), str(program), "-o", str(executable), *libraries, "-ldl"]
    try:
        done = subprocess.run(whole, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise Failed(command[0], error.strerror or error, "install g++, or set CXX to a C++17 compiler") from error
    if done.returncode != 0:
        raise Failed(command[0], first_error(done.stderr), "try `kaon run`, which compiles the model alone")
    return executable


def run_program(command: list[str]) -> Report:
    """Runs a program of the bench and returns its report."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise Failed("bench", words, "no times were taken; see the cause")
    return json_text.loads(done.stdout)


def print_table(report: Report, title: str) -> None:
    """One line a case and engine. Ratios are of minima: over kaon's time, and over the bound of the machine."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, caption=caption(report))
    for heading in ("case", "engine"):
        table.add_column(heading)
    for heading in ("min ns", "median ns", "p99.9 ns", "allocations/call", "x kaon", "x bound"):
        table.add_column(heading, justify="right")
    rows = report["rows"]
    kaon = {(row["case"], row["batch"]): row["ns_per_event_min"] for row in rows if row["engine"] == "kaon"}
    for index, row in enumerate(rows):
        case = (row["case"], row["batch"])
        least = row["ns_per_event_min"]
        label = f"{row['case']} {row['batch']}" if row["batch"] > 1 else row["case"]
        last = index + 1 == len(rows) or (rows[index + 1]["case"], rows[index + 1]["batch"]) != case
        table.add_row(
            label,
            row["engine"],
            f"{least:,.1f}",
            f"{row['ns_per_event_median']:,.1f}",
            f"{row['ns_per_event_p99_9']:,.1f}",
            f"{row['allocations_per_call']:g}",
            f"{least / kaon[case]:.2f}" if case in kaon else "",
            f"{least / row['bound_ns']:.2f}" if row["bound_ns"] > 0 else "",
            style="bold" if row["engine"] == "kaon" else "",
            end_section=last,
        )
    console = Console()
    Console(width=None if console.is_terminal else WIDTH).print(table)


def caption(report: Report) -> str:
    """The machine as measured, and how far the engines' scores lie apart."""
    machine, agreement = report["machine"], report["agreement"]
    differences = ", ".join(
        f"{engine} {'not finite' if value is None else format(value, '.1e')}"
        + (" WRONG" if value is None or value > 1e-5 else "")
        for engine, value in agreement["largest_difference"].items()
        if engine != agreement["reference"]
    )
    return (
        f"{report['events']} distinct events, one {'pinned ' if machine['pinned'] else ''}thread; measured: {machine['isa']}, "
        f"{machine['clock_hz'] / 1e9:.2f} GHz, {machine['fma_per_s'] / 1e9:.1f} G multiply-accumulates/s, "
        f"{machine['load_per_s'] / 1e9:.2f} G loads of {machine['register_bytes']} bytes/s.\n"
        f"Ratios are of minima. Scores against {agreement['reference']}: {differences or 'no other engine'}."
    )
