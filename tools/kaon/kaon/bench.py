"""``kaon bench``: nanoseconds an event of a converted model, beside ONNX Runtime and the bound of this machine."""

from __future__ import annotations

import json as json_text
import tempfile
from pathlib import Path

import numpy as np

from kaon.bench_table import print_table
from kaon.error import Refused
from kaon.golden import inputs
from kaon.native.bench_program import EVENTS, Report, compiled_driver, run_program
from kaon.package import Package, open_package
from kaon.reference import onnxruntime_library, write_dynamic_batch

EVENTS_SEED = 1

def bench(directory: Path | str, json: bool = False, seconds: float = 5.0) -> Report:
    """Times a converted model: one event (throughput, dependent latency) and batches of 8, 64 and 1,024.

    Beside ONNX Runtime where the source is ONNX with one input and one output and onnxruntime is installed. Prints a table, or with `json` the report
    as JSON, and returns the report; times are nanoseconds an event. seconds: how long to measure at least. Raises
    kaon.Refused for a folder that is no model, kaon.Failed where the program cannot be compiled or run.
    """
    if not seconds > 0:
        raise Refused(f"seconds {seconds}", "there is no time to measure in", "give a positive number")
    package = open_package(directory)
    if package.scalar == "double":
        raise Refused(directory, "the bench has events of float32, and the model computes in double", "convert it without --scalar double")
    report = measure(package, seconds)
    if json:
        print(json_text.dumps(report, indent=1))
    else:
        print_table(report, f"{package.name}, {report['compiler']}")
    return report


def measure(package: Package, seconds: float, events: np.ndarray | None = None) -> Report:
    """Times one model and returns the report.

    events: at least EVENTS rows [rows][features], the features of several inputs one after another; by default random.
    """
    ports = package.graph.inputs
    features = sum(int(np.prod(port.shape)) for port in ports)
    if events is None:
        random = inputs(package.graph, EVENTS, EVENTS_SEED)
        events = np.concatenate([random[port.name].reshape(EVENTS, -1).astype(np.float32) for port in ports], axis=1)
    elif len(events) < EVENTS or events.shape[1:] != (features,):
        shape = " x ".join(map(str, events.shape))
        raise Refused("events", f"their shape is {shape}", f"give at least {EVENTS} rows of {features} features")
    spread = np.linspace(0, len(events) - 1, EVENTS).astype(int)
    library = onnxruntime_library()
    with tempfile.TemporaryDirectory(prefix="kaon-bench-") as scratch:
        work = Path(scratch)
        np.ascontiguousarray(events[spread], dtype=np.float32).tofile(work / "events.f32")
        rival: list[str] = []
        if package.source_kind == "onnx" and package.scalar == "float" and library is not None:
            tensors = write_dynamic_batch(package.file("source"), work / "dynamic_batch.onnx")
            rival = [str(library), str(work / "dynamic_batch.onnx"), *tensors] if tensors else []
        executable = compiled_driver(package, bool(rival), work)
        return run_program([str(executable), str(work / "events.f32"), str(seconds), *rival])
