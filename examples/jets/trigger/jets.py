#!/usr/bin/env python3
"""The jets of ../sample.csv.gz as a trigger's network takes them: scaled to about one, first half for training, second for tests.

Run as a program it writes events.npy [jets][16] and labels.npy of the second half into a folder.
"""

import csv
import gzip
import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
SCALING = HERE / "scaling.json"
CLASSES = "gqwzt"


def sample():
    """Returns the names of the features, the features float64 [jets][16] in their units, and the labels."""
    with gzip.open(HERE.parent / "sample.csv.gz", "rt") as file:
        names, *rows = csv.reader(file)
    features = np.array([row[:-1] for row in rows], np.float64)
    return names[:-1], features, np.array([CLASSES.index(row[-1].lower()) for row in rows])


def scaled(names, features):
    """Returns (feature - offset) * scale; scales are powers of two: a shift in hardware."""
    scaling = json.loads(SCALING.read_text())
    offset, scale = np.array([scaling[name] for name in names]).T
    return (features - offset) * scale


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    names, features, labels = sample()
    half = len(labels) // 2
    np.save(folder / "events.npy", scaled(names, features)[half:].astype(np.float32))
    np.save(folder / "labels.npy", labels[half:])
    print(f"{folder / 'events.npy'}: {len(labels) - half} jets")
