"""Which rivals of the fixed-point bench are installed, and the interpreters, which run in a Python environment of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

import vendor
from kaon.error import Failed
from kaon.graph import Graph
from kaon.native.bench_program import Report
from kaon.precision import value_types
from models import ROOT, Model, expected
from program import Engine, kaon_engines, vendor_engines, verilator_engine

ENVIRONMENT = ROOT / "build" / "rivals-venv"
INTERPRETERS = ("da4ml", "alkaid")


def site(package: str) -> Path | None:
    return next(ENVIRONMENT.glob(f"lib/python*/site-packages/{package}"), None)


def engines_of(model: Model, graph: Graph, directory: Path) -> tuple[list[Engine], list[str]]:
    """Returns the engines of the C++ program, kaon last, and one line for each that is absent."""
    found: list[Engine] = []
    absent: list[str] = []
    firmware = site("hls4ml")
    if firmware is not None:
        found += vendor_engines(graph, firmware / "templates")
    else:
        absent.append("ap_fixed, ac_fixed, hls4ml: their headers come with hls4ml, which bench/fixed installs")
    if model.is_exact:
        if shutil.which("verilator"):
            found.append(verilator_engine(model, graph, directory))
        else:
            absent.append("verilator: apt install verilator")
        absent += [f"{name}: pip install {name}, which bench/fixed does" for name in INTERPRETERS if site(name) is None]
    return [*found, *kaon_engines(model)], absent


def write_network(graph: Graph, events: np.ndarray, reference: np.ndarray, target: Path) -> None:
    """Writes what interpreters.py reads."""
    types = value_types(graph)
    given, result = (types[port.name] for port in (graph.inputs[0], graph.outputs[0]))
    arrays = {"events": given.to_values(events), "expected": result.to_values(expected(graph, events, reference)),
              "input": np.array([given.is_signed, given.integer - given.is_signed, given.fraction])}
    for i, layer in enumerate(vendor.layers_of(graph)):
        arrays[f"weights_{i}"] = layer.weight.to_values(layer.weights)
        arrays[f"bias_{i}"] = layer.bias_type.to_values(layer.bias)
        if layer.relu is not None:
            arrays[f"activated_{i}"] = np.array([layer.relu.integer, layer.relu.fraction])
    np.savez(target, **arrays)


def add_interpreters(report: Report, network: Path, seconds: float) -> None:
    """Times each interpreter that is installed and puts its rows before those of kaon."""
    for name in INTERPRETERS:
        if site(name) is None:
            continue
        command = [str(ENVIRONMENT / "bin" / "python"), str(Path(__file__).with_name("interpreters.py")), str(network), name, str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0:
            raise Failed(name, (done.stderr.strip().splitlines() or ["it failed"])[-1], f"see {network.name}")
        own = json.loads(done.stdout)
        report["agreement"]["largest_difference"][name] = own["largest_difference"]
        order = list(dict.fromkeys((row["case"], row["batch"]) for row in report["rows"]))
        report["rows"] = sorted([*own["rows"], *report["rows"]], key=lambda row: order.index((row["case"], row["batch"])))
