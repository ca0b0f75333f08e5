"""The forests of the bench: trained by XGBoost on the jets of examples/jets, top quarks against the rest, all 16 observables."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaon import importers, passes

SAMPLE = Path(__file__).resolve().parents[2] / "examples/jets/sample.csv.gz"
EVENTS = 4096
FEATURES = 16


@dataclass(frozen=True)
class Forest:
    """How one is trained. rate: the learning rate; of deep trees the least that keeps later ones from being stumps."""

    name: str
    trees: int
    depth: int
    rate: float

    def __str__(self) -> str:
        return f"{self.trees:,} trees of depth {self.depth}"


FORESTS = (Forest("hundred", 100, 4, 0.1), Forest("shallow", 850, 3, 0.05), Forest("thousand", 1000, 8, 0.02))


@dataclass(frozen=True)
class Arrays:
    """The trees as kaon reads them: see forest_parameters in include/kaon/trees. A node goes left where x < threshold."""

    roots: np.ndarray
    features: np.ndarray
    right: np.ndarray
    values: np.ndarray
    base: float

    def trees(self) -> list[range]:
        """The nodes of each tree."""
        ends = [*self.roots[1:].tolist(), len(self.values)]
        return [range(first, end) for first, end in zip(self.roots.tolist(), ends)]

    def sums(self, x: np.ndarray) -> np.ndarray:
        """What the forest says of x [events][features], in float64."""
        total = np.full(len(x), self.base)
        rows = np.arange(len(x))
        for tree in self.trees():
            at = np.full(len(x), tree.start)
            while (self.features[at] >= 0).any():
                inner = self.features[at] >= 0
                left = x[rows, np.maximum(self.features[at], 0)] < self.values[at]
                at = np.where(inner, np.where(left, at + 1, self.right[at]), at)
            total += self.values[at]
        return total


def read_jets() -> tuple[np.ndarray, np.ndarray]:
    """(observables float32 [jets][16], whether it is a top quark's) of the sample."""
    with gzip.open(SAMPLE, "rt") as file:
        rows = [line.rstrip("\n").split(",") for line in file]
    return np.array([row[:-1] for row in rows[1:]], np.float32), np.array([row[-1] == "t" for row in rows[1:]])


def train(forest: Forest, directory: Path) -> Path:
    """Writes model.ubj, where it is not there yet, and events.f32: 4,096 jets, evenly spread over the sample. Returns the model."""
    import xgboost

    directory.mkdir(parents=True, exist_ok=True)
    model = directory / "model.ubj"
    jets, top = read_jets()
    if not model.exists():
        parameters = {"objective": "binary:logitraw", "max_depth": forest.depth, "eta": forest.rate, "base_score": 0.0, "seed": 1, "nthread": 1}
        booster = xgboost.train(parameters, xgboost.DMatrix(jets, top), forest.trees)
        partial = model.with_suffix(".partial.ubj")
        booster.save_model(partial)
        partial.replace(model)
    chosen = np.linspace(0, len(jets) - 1, EVENTS).astype(int)
    (directory / "events.f32").write_bytes(jets[chosen].tobytes())
    return model


def read(model: Path) -> Arrays:
    """Returns the trees of a model."""
    graph = importers.read(model).graph
    passes.run(graph)
    tensors = graph.nodes[0].tensors
    return Arrays(*(np.asarray(tensors[name]) for name in ("roots", "features", "right", "values")), float(np.ravel(tensors["base"])[0]))
