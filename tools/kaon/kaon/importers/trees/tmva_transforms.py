"""TMVA's transformations of variables: what a method reads, as an affine map of the event and functions that never fall.

A function of one variable that never falls costs nothing in front of a tree: x >= f^-1(cut) asks the same. `first_reaching` finds the least
float32 x with f(x) >= cut, so that each comparison has TMVA's answer for every float32. Mixtures of variables (Decorrelation, PCA) become a
dense layer. Files hold one transformation a class and one of all classes; TMVA's reader applies the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from kaon.error import Refused, one_line
from kaon.importers.trees.tmva_gauss import read_cumulants
from kaon.importers.trees.tmva_xml import Element, Reader

MAXIMUM_CLASSES = 1 << 10
MAXIMUM_MIXED = 1 << 12
SUPPORTED = "Normalize, Decorrelation, PCA, Uniform, Gauss, Rearrange"


class Step(Protocol):
    """A function of one variable that never falls."""

    name: str

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Takes and gives float32, with TMVA's roundings."""

    @property
    def affine(self) -> tuple[float, float] | None:
        """Slope and offset of a straight line, in float64; None of a curve."""


@dataclass
class Normalize:
    """To [-1, 1]: 2 (x - least) / (greatest - least) - 1, in float32."""

    least: np.float32
    greatest: np.float32
    name: str = "Normalize"

    @property
    def scale(self) -> np.float32:
        with np.errstate(divide="ignore", over="ignore"):
            return np.float32(np.float64(1.0) / np.float64(self.greatest - self.least))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            return (x - self.least) * self.scale * np.float32(2) - np.float32(1)

    @property
    def affine(self) -> tuple[float, float]:
        slope = 2 * float(self.scale)
        return slope, -float(self.least) * slope - 1


@dataclass
class Column:
    """A variable as the method reads it: of the affine map's result one number, through steps."""

    source: int
    steps: list[Step] = field(default_factory=list)


class Variables:
    """What a method reads of an event of `size` variables."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.matrix: np.ndarray | None = None
        """[size][mixed] in float64; None while nothing is mixed."""
        self.offset = np.zeros(size)
        self.columns = [Column(i) for i in range(size)]

    def straight(self, numbers: list[int], refuse: Refused) -> tuple[np.ndarray, np.ndarray]:
        """Returns variables as an affine map of the event, [size][numbers] and [numbers].

        refuse: what to raise where a step of one is no straight line.
        """
        columns = [self.columns[number] for number in numbers]
        slopes, offsets = np.ones(len(columns)), np.zeros(len(columns))
        for at, column in enumerate(columns):
            for step in column.steps:
                if step.affine is None:
                    raise refuse
                slopes[at] *= step.affine[0]
                offsets[at] = offsets[at] * step.affine[0] + step.affine[1]
        sources = [column.source for column in columns]
        matrix = np.eye(self.size) if self.matrix is None else self.matrix
        return matrix[:, sources] * slopes, self.offset[sources] * slopes + offsets

    def mix(self, get: list[int], put: list[int], matrix: np.ndarray, offset: np.ndarray, refuse: Refused) -> None:
        """Replaces variables `put` by matrix applied to variables `get`, plus offset; matrix: [get][put]; refuse: as for straight."""
        before, start = self.straight(get, refuse)
        sources = [column.source for column in self.columns]
        new_matrix = (np.eye(self.size) if self.matrix is None else self.matrix)[:, sources].copy()
        new_offset = self.offset[sources].copy()
        new_matrix[:, put] = before @ matrix
        new_offset[put] = start @ matrix + offset
        self.matrix, self.offset = new_matrix, new_offset
        self.columns = [Column(i, [] if i in put else column.steps) for i, column in enumerate(self.columns)]


@dataclass
class Selection:
    """Which variables a transformation reads and writes, and at which places of its numbers they are; likewise the target, if it is among them."""

    get: list[int]
    put: list[int]
    places: list[int]
    target: int | None
    count: int
    """Of all that it reads."""


@dataclass
class Transformations:
    """What is done to the variables, and to the target of a regression."""

    variables: Variables
    target: Normalize | None = None


def read_transformations(reader: Reader, labels: list[tuple[str, str]]) -> Transformations:
    """Reads the chain. labels: of each variable its label and its expression."""
    result = Transformations(Variables(len(labels)))
    chain = reader.optional(reader.root, "Transformations")
    if chain is None:
        return result
    reader.only(chain, "Transform")
    if "NTransformations" in chain.attributes and reader.integer(chain, "NTransformations", 0, 1 << 20) != len(chain.children):
        raise reader.refuse(chain, f"{len(chain.children)} transformations, not {one_line(chain.attributes['NTransformations'], 20)}")
    targets_before = False
    for element in chain.children:
        name = reader.attribute(element, "Name")
        if name not in READERS:
            raise reader.refuse(element, f"the transformation {one_line(name, 40)!r} is not supported", f"supported: {SUPPORTED}")
        selection = read_selection(reader, element, labels)
        if selection.target is not None and targets_before:
            raise reader.refuse(element, "a second transformation of the target", "train with one transformation of the target at most")
        targets_before = targets_before or selection.target is not None
        READERS[name](reader, element, selection, result)
    return result


def read_selection(reader: Reader, element: Element, labels: list[tuple[str, str]]) -> Selection:
    """Reads what a transformation takes; files of before TMVA 4.1 have none: all variables, then the targets."""
    selection = reader.optional(element, "Selection")
    if selection is None:
        everything = list(range(len(labels)))
        targets = reader.integer(element, "NTargets", 0, 1) if "NTargets" in element.attributes else 0
        return Selection(everything, everything, everything, len(labels) if targets else None, len(labels) + targets)
    read = {name: read_list(reader, reader.child(selection, name), name, labels) for name in ("Input", "Output")}
    if len(read["Input"]) != len(read["Output"]):
        raise reader.refuse(selection, f"{len(read['Input'])} inputs, {len(read['Output'])} outputs")
    for kind in ("Target", "Spectator"):
        if [i for i, (k, _) in enumerate(read["Input"]) if k == kind] != [i for i, (k, _) in enumerate(read["Output"]) if k == kind]:
            raise reader.refuse(selection, f"a {kind.lower()} becomes something else", "select the same inputs and outputs")
    targets = [i for i, (kind, _) in enumerate(read["Input"]) if kind == "Target"]
    if len(targets) > 1:
        raise reader.refuse(selection, f"{len(targets)} targets", "train a regression of one target")
    places = [i for i, (kind, _) in enumerate(read["Input"]) if kind == "Variable"]
    get, put = ([read[name][i][1] for i in places] for name in ("Input", "Output"))
    if len(set(put)) < len(put):
        raise reader.refuse(selection, "a variable is written twice", "select each once")
    return Selection(get, put, places, targets[0] if targets else None, len(read["Input"]))


def read_list(reader: Reader, element: Element, name: str, labels: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """Returns kind and number of each entry of a selection."""
    reader.only(element, name)
    found = []
    for entry in element.children:
        kind = reader.attribute(entry, "Type")
        if kind not in ("Variable", "Target", "Spectator"):
            raise reader.refuse(entry, f"{one_line(kind, 30)!r} is no Variable, Target or Spectator", attribute="Type")
        label, expression = reader.attribute(entry, "Label"), reader.attribute(entry, "Expression")
        number = next((i for i, (own, formula) in enumerate(labels) if own == label or formula == expression), None)
        if kind == "Variable" and number is None:
            raise reader.refuse(entry, f"{one_line(expression, 40)!r} is no variable of the model", attribute="Expression")
        found.append((kind, number if kind == "Variable" and number is not None else 0))
    if reader.integer(element, f"N{name}s", 0, 1 << 20) != len(found):
        raise reader.refuse(element, f"{len(found)} entries, not {element.attributes[f'N{name}s']}")
    return found


def apply_steps(variables: Variables, selection: Selection, steps: list[Step]) -> None:
    """Appends a step to each variable; steps: one for each that is read."""
    read = [replace(variables.columns[get], steps=[*variables.columns[get].steps, step]) for get, step in zip(selection.get, steps)]
    for put, column in zip(selection.put, read):
        variables.columns[put] = column


def read_normalize(reader: Reader, element: Element, selection: Selection, result: Transformations) -> None:
    classes = [child for child in element.children if child.name == "Class"]
    reader.only(element, "Selection", "Class")
    numbers = [reader.integer(child, "ClassIndex", 0, MAXIMUM_CLASSES) for child in classes]
    if not classes or numbers != list(range(len(classes))):
        raise reader.refuse(element, f"its classes are {numbers}, not 0, 1, ...")
    ranges: list[Element | None] = [None] * selection.count
    old = [("Variables", "VarIndex", 0), ("Targets", "TargetIndex", len(selection.places))]
    for group, index, first in old if reader.optional(element, "Selection") is None else [("Ranges", "Index", 0)]:
        holder = reader.optional(classes[-1], group)
        for entry in holder.children if holder is not None else ():
            ranges[first + reader.integer(entry, index, 0, selection.count - 1 - first)] = entry

    def step(place: int) -> Normalize:
        entry = ranges[place]
        if entry is None:
            raise reader.refuse(classes[-1], f"the range of its input {place} is missing")
        with np.errstate(over="ignore"):
            made = Normalize(np.float32(reader.number(entry, "Min")), np.float32(reader.number(entry, "Max")))
            usable = made.greatest > made.least and 0 < made.scale < np.inf
        if not usable:
            raise reader.refuse(entry, f"the range from {made.least} to {made.greatest} cannot be scaled", "drop the variable and train again")
        return made

    apply_steps(result.variables, selection, [step(place) for place in selection.places])
    if selection.target is not None:
        result.target = step(selection.target)


def read_gauss(reader: Reader, element: Element, selection: Selection, result: Transformations) -> None:
    refuse_target(reader, element, selection)
    cumulants = read_cumulants(reader, element, selection.count)
    apply_steps(result.variables, selection, [cumulants[place] for place in selection.places])


def read_rearrange(reader: Reader, element: Element, selection: Selection, result: Transformations) -> None:
    refuse_target(reader, element, selection)
    moved = [result.variables.columns[get] for get in selection.get]
    for put, column in zip(selection.put, moved):
        result.variables.columns[put] = column


def read_decorrelation(reader: Reader, element: Element, selection: Selection, result: Transformations) -> None:
    count = mixed(reader, element, selection)
    reader.only(element, "Selection", "Matrix")
    matrices = [child for child in element.children if child.name == "Matrix"]
    if not matrices:
        raise reader.refuse(element, "it has no matrix")
    for side in ("Rows", "Columns"):
        reader.integer(matrices[-1], side, count, count)
    matrix = np.array(reader.numbers(matrices[-1], count * count)).reshape(count, count).T
    result.variables.mix(selection.get, selection.put, matrix, np.zeros(count), curved(reader, element))


def read_pca(reader: Reader, element: Element, selection: Selection, result: Transformations) -> None:
    count = mixed(reader, element, selection)
    reader.only(element, "Selection", "Statistics", "Eigenvectors")
    last = {}
    for name, sides in (("Statistics", ("NRows",)), ("Eigenvectors", ("NRows", "NCols"))):
        found = {reader.integer(child, "ClassIndex", 0, MAXIMUM_CLASSES): child for child in element.children if child.name == name}
        if not found:
            raise reader.refuse(element, f"it has no {name}")
        last[name] = found[max(found)]
        for side in sides:
            reader.integer(last[name], side, count, count)
    if last["Statistics"].attributes["ClassIndex"] != last["Eigenvectors"].attributes["ClassIndex"]:
        raise reader.refuse(element, "its Statistics and Eigenvectors are of different classes")
    mean = np.array(reader.numbers(last["Statistics"], count))
    vectors = np.array(reader.numbers(last["Eigenvectors"], count * count)).reshape(count, count)
    result.variables.mix(selection.get, selection.put, vectors, -mean @ vectors, curved(reader, element))


def mixed(reader: Reader, element: Element, selection: Selection) -> int:
    """Returns how many variables a mixture takes. Refuses targets and spectators among them."""
    refuse_target(reader, element, selection)
    count = len(selection.get)
    if count != selection.count:
        raise reader.refuse(element, "it mixes spectators with variables", "select variables alone")
    if not 0 < count <= MAXIMUM_MIXED:
        raise reader.refuse(element, f"it mixes {count} variables", f"select 1 to {MAXIMUM_MIXED}")
    return count


def refuse_target(reader: Reader, element: Element, selection: Selection) -> None:
    if selection.target is not None:
        name = one_line(element.attributes["Name"], 40)
        raise reader.refuse(element, f"{name} of a target is not supported", "transform targets by Normalize alone, or not at all")


def curved(reader: Reader, element: Element) -> Refused:
    name = one_line(element.attributes["Name"], 40)
    return reader.refuse(element, f"{name} after Gauss or Uniform is not supported", "put Gauss or Uniform last (VarTransform=D,G), or leave it out")


READERS = {
    "Decorrelation": read_decorrelation,
    "Gauss": read_gauss,
    "Normalize": read_normalize,
    "PCA": read_pca,
    "Rearrange": read_rearrange,
    "Uniform": read_gauss,
}


def first_reaching(steps: list[Step], cuts: np.ndarray) -> np.ndarray:
    """Returns the least float32 x that steps take to the cut or above, for each cut; infinity where no finite x does, -infinity where all do."""
    greatest = np.frombuffer(np.float32(np.finfo(np.float32).max).tobytes(), np.int32)[0]
    low = np.full(len(cuts), -int(greatest), np.int64)
    high = np.full(len(cuts), int(greatest) + 1, np.int64)
    while (low < high).any():
        middle = (low + high) >> 1
        values = float_of(np.minimum(middle, int(greatest)))
        for step in steps:
            values = step(values)
        reached = (values >= cuts) | (middle > int(greatest))
        high = np.where(reached, middle, high)
        low = np.where(reached, low, np.minimum(middle + 1, high))
    found = np.where(low > int(greatest), np.float32(np.inf), float_of(np.minimum(low, int(greatest))))
    return np.where(low == -int(greatest), np.float32(-np.inf), found)


def float_of(order: np.ndarray) -> np.ndarray:
    """Returns float32 numbers by their order: 0 is zero, 1 the next above it, -1 the next below."""
    values = np.abs(order).astype(np.int32).view(np.float32)
    return np.where(order < 0, -values, values)
