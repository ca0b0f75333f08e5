"""Figures of merit of a classifier: accuracy, and ROC curves of each class against all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Roc:
    """One class against all others. efficiency and mistag rise together from 0 to 1: fractions of the class and of the others."""

    name: str
    efficiency: np.ndarray
    mistag: np.ndarray

    @property
    def auc(self) -> float:
        """Area under efficiency as a function of mistag rate: 1 for a perfect separation, 0.5 for none."""
        return float(np.trapezoid(self.efficiency, self.mistag))

    def mistag_at(self, efficiency: float) -> float:
        """Returns the mistag rate at a signal efficiency, linear between the points of the curve."""
        return float(np.interp(efficiency, self.efficiency, self.mistag))


def roc(name: str, scores: np.ndarray, signal: np.ndarray) -> Roc:
    """Returns the ROC curve of scores [events] for events that are signal (bool [events]); equal scores make one point."""
    order = np.argsort(-scores, kind="stable")
    passed = np.cumsum(signal[order])
    last = np.append(np.diff(scores[order]) != 0, True)
    counts = np.arange(1, len(scores) + 1)
    efficiency = np.append(0.0, passed[last] / max(1, passed[-1]))
    mistag = np.append(0.0, (counts - passed)[last] / max(1, len(scores) - passed[-1]))
    return Roc(name, efficiency, mistag)


def rocs(scores: np.ndarray, truth: np.ndarray, names: list[str]) -> list[Roc]:
    """Returns one curve a class. scores: [events][classes]; truth: class numbers [events]."""
    return [roc(name, scores[:, index], truth == index) for index, name in enumerate(names)]


def accuracy(scores: np.ndarray, truth: np.ndarray) -> float:
    """Returns the fraction of events whose largest score is that of their class."""
    return float(np.mean(scores.argmax(axis=1) == truth))
