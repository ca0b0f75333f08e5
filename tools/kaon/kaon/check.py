"""kaon check: the compiled model against its source framework and against the package's own evaluator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.golden import RANDOM_SEED, inputs
from kaon.native.library import CompiledModel
from kaon.package import open_package
from kaon.progress import working
from kaon.reference import source_outputs

TOLERANCE = 1e-5
"""Largest accepted difference, as a fraction of the largest value of that output, or absolute where that is below 1."""

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
    the difference that float32 arithmetic makes in the evaluator itself, where that is more.
    """
    if rows < 1:
        raise Refused(f"--rows {rows}", "a check needs at least one row", "give a positive number")
    package = open_package(directory)
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


def differences_on(
    label: str, model: CompiledModel, events: dict[str, np.ndarray], expected: dict[str, np.ndarray], notes: list[str]
) -> list[Difference]:
    """Compares on some events, one at a time and in batches; adds to `notes` what cannot be compared."""
    graph = model.package.graph
    differences = []
    float32 = evaluate(graph, events, np.float32)
    original, framework = source_outputs(model.package, events)
    if original is None and framework not in notes:
        notes.append(framework)
    for way, got in (("one event", model(events)), (f"batch {BATCH}", model(events, BATCH))):
        for sink in got:
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
