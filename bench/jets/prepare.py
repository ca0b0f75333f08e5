"""Writes what the jet bench's C++ program needs, all from one ONNX file.

The model with a free batch axis (ONNX Runtime), SOFIE's headers for 1, 8, 64 and 1,024 rows, constant arrays for the
plain loops, and 1,024 distinct events. Usage: prepare.py MODEL.onnx EVENTS.csv.gz|random DIRECTORY
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy
import onnx
import onnx.numpy_helper

from kaon.error import Failed, KaonError
from kaon.native.bench_program import EVENTS
from kaon.reference import write_dynamic_batch

BATCHES = (1, 8, 64, 1024)
SHAPES = [(16, 64), (64, 32), (32, 32), (32, 5)]


def prepare(model: Path, sample: Path | None, directory: Path) -> tuple[str, str]:
    """Fills ``directory``; returns the names of the model's input and output. ``sample`` None: random events."""
    directory.mkdir(parents=True, exist_ok=True)
    names = write_dynamic_batch(model, directory / "dynamic_batch.onnx")
    if names is None:
        raise Failed(model, "more than one input or output", "this bench runs the jet network 16-64-32-32-5")
    write_plain_parameters(model, directory / "plain_parameters.hpp")
    for rows in BATCHES:
        write_sofie(model, rows, directory)
    write_events(sample, directory / "events.f32")
    return names


def write_sofie(model: Path, rows: int, directory: Path) -> None:
    """SOFIE's header and weight file for a fixed number of rows."""
    import sofie
    import sofie.onnx

    fixed = directory.resolve() / f"sofie_{rows}.onnx"
    write_dynamic_batch(model, fixed, rows)
    with contextlib.chdir(directory):
        network = sofie.onnx.parse(fixed.name)
        network.generate()
        network.output_generated(f"sofie_{rows}.hxx")


def dense_parameters(model: Path) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """Weights [in][out] and bias [out] of each dense layer, from Gemm or from MatMul followed by Add."""
    graph = onnx.load(model).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers: list[tuple[numpy.ndarray, numpy.ndarray]] = []
    for node in graph.node:
        if node.op_type not in ("Gemm", "MatMul"):
            continue
        weights = constants[node.input[1]]
        if node.op_type == "Gemm":
            transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
            layers.append((weights.T if transposed else weights, constants[node.input[2]]))
        else:
            add = next(other for other in graph.node if other.op_type == "Add" and node.output[0] in other.input)
            layers.append((weights, next(constants[name] for name in add.input if name in constants)))
    return layers


def write_plain_parameters(model: Path, target: Path) -> None:
    """The numbers as constant C++ arrays."""
    layers = dense_parameters(model)
    if [weights.shape for weights, _ in layers] != SHAPES:
        raise Failed(model, f"dense layers {[weights.shape for weights, _ in layers]}", "this bench runs the jet network 16-64-32-32-5")
    lines = ["#pragma once", "", "namespace plain {"]
    for index, (weights, bias) in enumerate(layers):
        rows = ",\n".join("    {" + literals(row) + "}" for row in weights)
        lines.append(f"alignas(64) inline float weights_{index}[{weights.shape[0]}][{weights.shape[1]}] = {{\n{rows}}};")
        lines.append(f"alignas(64) inline float bias_{index}[{len(bias)}] = {{{literals(bias)}}};")
    target.write_text("\n".join([*lines, "}  // namespace plain", ""]))


def literals(values: numpy.ndarray) -> str:
    return ", ".join(f"{numpy.format_float_scientific(numpy.float32(value), unique=True, trim='0')}f" for value in values)


def write_events(sample: Path | None, target: Path) -> None:
    """EVENTS rows of 16 features as raw float32, spread evenly over the sample so that all classes are in it."""
    if sample is None:
        events = numpy.random.default_rng(1).standard_normal((EVENTS, 16), dtype=numpy.float32)
    else:
        table = numpy.loadtxt(sample, delimiter=",", skiprows=1, usecols=range(16), dtype=numpy.float32)
        if len(table) < EVENTS:
            raise Failed(sample, f"{len(table)} events", f"at least {EVENTS} are needed")
        events = table[numpy.linspace(0, len(table) - 1, EVENTS).astype(int)]
    events.tofile(target)


if __name__ == "__main__":
    try:
        prepare(Path(sys.argv[1]), None if sys.argv[2] == "random" else Path(sys.argv[2]), Path(sys.argv[3]))
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
