"""kaon run: a converted model, compiled, over every row of a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kaon.arrays import npz_bytes, read_arrays, write_whole
from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.golden import values_of
from kaon.graph import Port
from kaon.native.library import CompiledModel
from kaon.package import Package, open_package
from kaon.progress import working
from kaon.twin import float_twin

PIECE = 1 << 16
"""About as many rows are run at a time."""


def run(
    directory: Path | str,
    input: Path | str | np.ndarray | Mapping[str, np.ndarray],
    output: Path | str | None = None,
    batch: int | None = None,
    weights: str = "constant",
    scalar: str | None = None,
    raw: bool = False,
) -> dict[str, np.ndarray]:
    """Compiles a converted model and runs it over rows of events; returns the outputs by name, [rows][...].

    input: an .npz file (arrays by the names of the model's inputs), an .npy file, an array [rows][features], or a
    dictionary of arrays; output: an .npz file to write; batch: rows a call of the batch interface, None for one event at a
    time; weights: 'constant' (in the type) or 'file'; scalar: 'float', 'double', 'fixed', by default the model's own: 'float' of a model in
    fixed point is the same network with the same weights, and nothing rounded between its layers; raw: returns raw integers of a
    model in fixed point, and takes arrays of integers as such.
    Outputs are float32; of models in double float64; of models in fixed point float64, which holds their values, or with raw int64.
    """
    package = open_package(directory)
    check_options(package, batch, weights, scalar, raw)
    target = None if output is None else Path(output)
    if target is not None:
        check_target(target, input)
    if package.scalar == "fixed" and scalar != "float":
        events = rows_of(package, input, raw)  # refused before anything is compiled
        results = run_rows(CompiledModel(package, weights), events, batch)
        outputs = results if raw else values_of(package.graph, results)
    else:
        with float_twin(package) as twin:
            events = rows_of(twin, input)
            outputs = run_rows(CompiledModel(twin, weights), events, batch)
    if target is not None:
        write_whole(target, npz_bytes(outputs))
    return outputs


def run_rows(model: CompiledModel, events: Mapping[str, np.ndarray], batch: int | None) -> dict[str, np.ndarray]:
    """Runs rows of events piece by piece, whole batches in each, and shows how far it is."""
    rows = len(next(iter(events.values())))
    piece = max(PIECE // (batch or 1), 1) * (batch or 1)
    parts = []
    with working(f"running {rows} rows", steps=rows) as done:
        for first in range(0, max(rows, 1), piece):
            done(first)
            parts.append(model({name: array[first : first + piece] for name, array in events.items()}, batch))
    return parts[0] if len(parts) == 1 else {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def check_target(target: Path, input: Path | str | np.ndarray | Mapping[str, np.ndarray]) -> None:
    """Refuses, before any work, a path that cannot be written or would take the input's place."""
    if not target.parent.is_dir():
        raise Refused(target, "its folder does not exist", "give a path in a folder that exists")
    if target.exists() and not target.is_file():
        raise Refused(target, "it exists and is no regular file", "give the path of a file with -o")
    if isinstance(input, (str, Path)) and target.exists() and Path(input).exists() and target.samefile(input):
        raise Refused(target, "it is the input file", "give another path with -o")


def check_options(package: Package, batch: int | None, weights: str, scalar: str | None, raw: bool) -> None:
    if batch is not None and batch < 1:
        raise Refused(f"--batch {batch}", "a batch has at least one row", "give a positive number")
    if weights not in ("constant", "file"):
        raise Refused(f"--weights {weights}", "no such way to hold weights", "give constant or file")
    if scalar not in ("float", "double", "fixed", None):
        raise Refused(f"--scalar {scalar}", "no such scalar", "give float, double or fixed")
    remedy = "run it without the option, or give a model with fixed-point scalars"
    if scalar == "fixed" and package.scalar != "fixed":
        raise Refused(f"--scalar {scalar}", f"{package.name} is a {package.scalar} model", remedy)
    if scalar is not None and scalar != package.scalar and "double" in (scalar, package.scalar):
        cause = f"{package.name} is a {package.scalar} model: its numbers are those of that type"
        raise Refused(f"--scalar {scalar}", cause, "run it without the option, or convert the model with the scalar that is wanted")
    if raw and scalar == "float":
        raise Refused("--raw", "with --scalar float there are no raw integers", "leave one of the two out")
    if raw and package.scalar != "fixed":
        raise Refused("--raw", f"{package.name} is a {package.scalar} model and has no raw integers", remedy)


def rows_of(
    package: Package, given: Path | str | np.ndarray | Mapping[str, np.ndarray], raw: bool = False
) -> dict[str, np.ndarray]:
    """Returns the events of each input, of its scalar, as [rows][...]; fixed-point numbers as raw integers.

    raw: integers that are given for fixed-point numbers are such. Refuses arrays of another name, type or shape.
    """
    ports = package.graph.inputs
    place = str(given) if isinstance(given, (str, Path)) else "input"
    arrays = read_arrays(Path(given)) if isinstance(given, (str, Path)) else given
    if not isinstance(arrays, Mapping):
        arrays = {"": np.asarray(arrays)}
    if len(ports) == 1 and set(arrays) == {""}:
        arrays = {ports[0].name: arrays[""]}
    if set(arrays) != {port.name for port in ports}:
        wanted = "one array named " if len(ports) == 1 else "arrays named "
        names = ", ".join(repr(port.name) for port in ports)
        found = ", ".join(sorted(name or "one without a name" for name in arrays)) or "none"
        raise Refused(place, f"expected {wanted}{names}, found {found}", "name the arrays after the model's inputs")
    events = {port.name: rows_of_port(place, port, np.asarray(arrays[port.name]), raw) for port in ports}
    counts = {name: len(array) for name, array in events.items()}
    if len(set(counts.values())) > 1:
        raise Refused(place, f"the inputs have different numbers of rows: {counts}", "write one row an event into each")
    return events


def rows_of_port(place: str, port: Port, array: np.ndarray, raw: bool) -> np.ndarray:
    if array.dtype.kind not in "fiub":
        raise Refused(place, f"the type of {port.name!r} is {array.dtype}, not a real number", "write float32")
    if array.ndim < 2 or array.shape[1:] != port.shape:
        shape, expected = " x ".join(map(str, array.shape)), " x ".join(map(str, port.shape))
        raise Refused(place, f"the shape of {port.name!r} is {shape}, expected rows x {expected}", "write one row an event")
    if port.type is not None:
        return in_raw(place, port, port.type, array) if raw and array.dtype.kind in "iu" else port.type.of_values(array)
    return in_integers(place, port, array) if port.is_integer else array.astype(np.float64) if port.scalar == "double" else in_float32(place, array)


def in_raw(place: str, port: Port, t: Fixed, array: np.ndarray) -> np.ndarray:
    """Returns raw integers. Refuses those that the type does not hold."""
    beyond = np.argwhere((array < t.least) | (array > t.greatest))
    if len(beyond):
        row, *column = beyond[0]
        where = f"row {row}, column {', '.join(map(str, column))} of {port.name!r}"
        raise Refused(place, f"{where}: {array[tuple(beyond[0])]} is no raw integer of {t}", f"write {t.least} to {t.greatest}, or values")
    return array.astype(np.int64)


def in_integers(place: str, port: Port, array: np.ndarray) -> np.ndarray:
    """Returns the rows as integers. Refuses what is none, or beyond the input's type."""
    with np.errstate(invalid="ignore"):
        converted = array.astype(port.dtype)
    changed = np.argwhere(converted != array)
    if len(changed):
        row, *column = changed[0]
        value = array[tuple(changed[0])]
        raise Refused(place, f"row {row}, column {', '.join(map(str, column))}: {value} is no {port.dtype}", f"write {port.dtype}")
    return converted


def in_float32(place: str, array: np.ndarray) -> np.ndarray:
    """Returns the rows as float32. Refuses finite values that are beyond its range."""
    with np.errstate(over="ignore"):
        converted = array.astype(np.float32)
    beyond = np.argwhere(np.isinf(converted) & np.isfinite(array))
    if len(beyond):
        row, *column = beyond[0]
        value = array[tuple(beyond[0])]
        raise Refused(place, f"row {row}, column {', '.join(map(str, column))}: {value} is beyond float32", "scale the values")
    return converted
