#!/usr/bin/env python3
"""Prints the accuracy of scores that kaon run wrote: accuracy.py LABELS.npy SCORES.npz...

Of one score a jet, for top quarks against the rest: the area under the curve of true against false positives.
"""

import sys

import numpy as np

from jets import CLASSES


def area_under_curve(scores, signal):
    """The chance that a jet of the signal has a higher score than another one; equal ones count half."""
    values, at = np.unique(scores, return_inverse=True)
    both = np.bincount(at, minlength=len(values)), np.bincount(at[signal], minlength=len(values))
    others = both[0] - both[1]
    below = np.cumsum(others) - others
    return ((below + others / 2) * both[1]).sum() / (signal.sum() * (~signal).sum())


if __name__ == "__main__":
    labels = np.load(sys.argv[1])
    for path in sys.argv[2:]:
        [scores] = np.load(path).values()
        if scores.ndim == 1 or scores.shape[1] == 1:
            print(f"{path}: AUC {area_under_curve(scores.ravel(), labels == CLASSES.index('t')):.4f} on {len(labels)} jets")
        else:
            print(f"{path}: accuracy {np.mean(scores.argmax(axis=1) == labels):.3f} on {len(labels)} jets")
