"""Writes the sample of examples/jets as a ROOT file: tree `jets`, a float column an observable, and `jet`, the number of the row.

Usage: write_sample.py OUTPUT.root
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import ROOT

SAMPLE = Path(__file__).resolve().parents[1] / "jets" / "sample.csv.gz"


def observables() -> dict[str, np.ndarray]:
    """Returns the sixteen observables of each jet by name, float32."""
    table = np.genfromtxt(SAMPLE, delimiter=",", names=True, dtype=None, encoding="ascii")
    return {name: table[name].astype(np.float32) for name in table.dtype.names if name != "label"}


def write(path: str) -> None:
    columns = observables()
    columns["jet"] = np.arange(len(columns["mass_mmdt"]), dtype=np.int32)
    options = ROOT.RDF.RSnapshotOptions()
    options.fAutoFlush = 4096  # clusters are what RDataFrame gives to threads
    ROOT.RDF.FromNumpy(columns).Snapshot("jets", path, list(columns), options)


if __name__ == "__main__":
    write(sys.argv[1])
