"""kaon check: the compiled model against its source framework and against the package's own evaluator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.golden import RANDOM_SEED, input_values, inputs, raw_inputs, values_of
from kaon.graph import Graph
from kaon.native.library import CompiledModel
from kaon.package import Package, open_package
from kaon.progress import working
from kaon.reference import source_outputs

TOLERANCE = 1e-5
"""Largest accepted difference, as a fraction of the largest value of that output, or absolute where that is below 1."""

DOUBLE_TOLERANCE = 1e-12
"""Of models in double, against float64."""

ROUNDING_FACTOR = 4.0
ROUNDING_LIMIT = 1e-4
"""Against float64 as much as ROUNDING_FACTOR times the rounding of float32 itself is accepted, up to ROUNDING_LIMIT.

Where logits are large, softmax shows their rounding.
"""

RANDOM_ROWS = 1024
BATCH = 64


@dataclass
class Difference:
    """The largest difference of one comparison, and where it is: row and output, from 0."""

    data: str
    got: str
    reference: str
    largest: float
    scale: float
    """The largest value of that output, or 1 where it is below 1."""
    row: int
    output: int
    sink: str
    """The model's output, by name; `output` counts within it."""
    limit: float = TOLERANCE
    equal: int | None = None
    """Of models in fixed point: how many numbers are the same to the last bit."""
    count: int = 0
    """Of how many."""

    @property
    def relative(self) -> float:
        return self.largest / self.scale

    @property
    def accepted(self) -> float:
        """The largest difference that passes."""
        return self.limit * self.scale

    @property
    def passed(self) -> bool:
        return self.largest <= self.accepted  # False for NaN too


@dataclass
class CheckResult:
    name: str
    differences: list[Difference]
    notes: list[str]
    """What was not compared, and why."""

    @property
    def passed(self) -> bool:
        return all(d.passed for d in self.differences)


def check(directory: Path | str, rows: int = RANDOM_ROWS) -> CheckResult:
    """Compares a converted model on its golden vectors and on `rows` random events, one at a time and in batches.

    Against the float64 evaluator always, against the source framework where it is installed; a difference passes up to
    1e-5 of the largest value of that output (absolute where all values are below 1), and against float64 up to four times
    the difference that float32 arithmetic makes in the evaluator itself, where that is more. A model in double has to be within 1e-12
    of the evaluator, and within 1e-5 of a framework, for most compute in float32. A model in fixed point has to have
    every bit of the evaluator's exact integers, and those of the golden vectors.
    """
    if rows < 1:
        raise Refused(f"--rows {rows}", "a check needs at least one row", "give a positive number")
    package = open_package(directory)
    if package.scalar == "fixed":
        return check_fixed(package, rows)
    golden_in, golden_out = package.golden()
    random_in = inputs(package.graph, rows, RANDOM_SEED)
    model = CompiledModel(package)
    differences: list[Difference] = []
    notes: list[str] = []
    with working(f"checking {package.name}", steps=3) as done:
        data = {"golden": (golden_in, golden_out), "random": (random_in, evaluate(package.graph, random_in))}
        for number, (label, (events, expected)) in enumerate(data.items(), 1):
            done(number)
            differences += differences_on(label, model, events, expected, notes)
    return CheckResult(package.name, differences, notes)


def check_fixed(package: Package, rows: int) -> CheckResult:
    """Compares raw integers: of the golden vectors, and on random events with the evaluator's."""
    graph = package.graph
    model = CompiledModel(package)
    golden_in, golden_out = package.golden("raw_")
    differences: list[Difference] = []
    notes: list[str] = []
    with working(f"checking {package.name}", steps=3) as done:
        events = raw_inputs(graph, inputs(graph, rows, RANDOM_SEED))
        data = {"golden": (golden_in, golden_out), "random": (events, evaluate_fixed(graph, events))}
        differences += equal_bits("golden", "evaluator", "golden file", evaluate_fixed(graph, golden_in), golden_out, graph)
        for number, (label, (given, expected)) in enumerate(data.items(), 1):
            done(number)
            original, framework = source_outputs(package, input_values(graph, given))
            if original is None and framework not in notes:
                notes.append(framework)
            for way, got in (("one event", model(given)), (f"batch {BATCH}", model(given, BATCH))):
                differences += equal_bits(label, way, "evaluator", got, expected, graph)
                if original is not None:
                    values = values_of(graph, got)
                    differences += [same_values(compare(label, way, framework, s, v, original[s]), v, original[s]) for s, v in values.items()]
    return CheckResult(package.name, differences, notes)


def equal_bits(
    data: str, got_name: str, reference_name: str, got: dict[str, np.ndarray], reference: dict[str, np.ndarray], graph: Graph
) -> list[Difference]:
    """Compares raw integers; the largest difference is given in values."""
    found = []
    for sink in graph.outputs:
        ours, theirs = (raw[sink.name].reshape(len(raw[sink.name]), -1) for raw in (got, reference))
        apart = np.where(ours == theirs, 0.0, np.maximum(np.abs(ours.astype(np.float64) - theirs), 1.0))
        row, output = (int(i) for i in np.unravel_index(apart.argmax(), apart.shape))
        quantum = 1.0 if sink.type is None else 2.0**-sink.type.fraction
        equal = int(np.count_nonzero(apart == 0))
        largest = float(apart[row, output]) * quantum
        found.append(Difference(data, got_name, reference_name, largest, 1.0, row, output, sink.name, 0.0, equal, apart.size))
    return found


def same_values(difference: Difference, got: np.ndarray, reference: np.ndarray) -> Difference:
    """Adds how many values are equal in float32, which is what the source's framework gives."""
    return replace(difference, equal=int(np.count_nonzero(got.astype(np.float32) == reference)), count=got.size)


def differences_on(
    label: str, model: CompiledModel, events: dict[str, np.ndarray], expected: dict[str, np.ndarray], notes: list[str]
) -> list[Difference]:
    """Compares on some events, one at a time and in batches; adds to `notes` what cannot be compared."""
    graph = model.package.graph
    differences = []
    float32 = None if graph.is_double else evaluate(graph, events, np.float32)
    original, framework = source_outputs(model.package, events)
    if original is None and framework not in notes:
        notes.append(framework)
    for way, got in (("one event", model(events)), (f"batch {BATCH}", model(events, BATCH))):
        for sink in got:
            limit = DOUBLE_TOLERANCE
            if float32 is not None:
                rounding = compare(label, "float32", "float64", sink, float32[sink], expected[sink]).relative
                limit = max(TOLERANCE, min(ROUNDING_FACTOR * rounding, ROUNDING_LIMIT))
            differences.append(compare(label, way, "evaluator", sink, got[sink], expected[sink], limit))
            if original is not None:
                differences.append(compare(label, way, framework, sink, got[sink], original[sink]))
    return differences


def compare(
    data: str, got_name: str, reference_name: str, sink: str, got: np.ndarray, reference: np.ndarray, limit: float = TOLERANCE
) -> Difference:
    """Returns the largest difference between arrays [rows][...]. limit: what is accepted, relative to the largest value."""
    got, reference = got.reshape(len(got), -1), reference.reshape(len(reference), -1)
    scale = np.maximum(1.0, np.abs(reference).max(axis=0))
    absolute = np.abs(got.astype(np.float64) - reference)
    relative = np.nan_to_num(absolute / scale, nan=np.inf)
    row, output = (int(i) for i in np.unravel_index(relative.argmax(), relative.shape))
    return Difference(data, got_name, reference_name, float(absolute[row, output]), float(scale[output]), row, output, sink, limit)
