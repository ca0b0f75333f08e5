#!/usr/bin/env python3
"""Prints the accuracy of scores that kaon run wrote: accuracy.py LABELS.npy SCORES.npz..."""

import sys

import numpy as np

labels = np.load(sys.argv[1])
for path in sys.argv[2:]:
    [scores] = np.load(path).values()
    print(f"{path}: accuracy {np.mean(scores.argmax(axis=1) == labels):.3f} on {len(labels)} jets")
