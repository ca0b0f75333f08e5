"""The generated events in memory, divided and weighted, and the small sample that is written from them."""

import gzip
import io
import pathlib
import sys
from dataclasses import dataclass

import numpy as np

import detector
import observables
from observables import FEATURES

LUMINOSITY = 35.9e3  # 1/pb: that of arXiv:1804.02716
# gg -> H at 13 TeV for 125 GeV times its branching ratio to two photons: LHC Higgs Cross Section Working Group, arXiv:1610.07922.
SIGNAL_CROSS_SECTION = 48.58 * 2.27e-3  # pb
PARTS = ("train", "validation", "test")
FRACTIONS = (0.6, 0.2)  # the rest is for the test


@dataclass
class Events:
    """features float32 (events, 8), mass float32 (events) in GeV, signal bool (events), expected float64 (events): how many events of
    LUMINOSITY each stands for."""

    features: np.ndarray
    mass: np.ndarray
    signal: np.ndarray
    expected: np.ndarray

    def __getitem__(self, chosen):
        return Events(self.features[chosen], self.mass[chosen], self.signal[chosen], self.expected[chosen])


def load(folder):
    """All shards of `folder`, measured and selected, as three Events by the names of PARTS; every part stands for all of LUMINOSITY."""
    parts = {name: [] for name in PARTS}
    for label in ("signal", "continuum"):
        paths = sorted(folder.glob(f"{label}_*.npz"))
        if not paths:
            sys.exit(f"no events of class '{label}' in {folder}; run generate.py first")
        shards = [dict(np.load(path)) for path in paths]
        selected = [observables.select(detector.measure(shard["momenta"].astype(np.float64), np.random.default_rng(int(shard["seed"]))))
                    for shard in shards]
        features, mass = (np.concatenate(arrays) for arrays in zip(*selected))
        cross_section = np.mean([shard["cross_section"] for shard in shards])
        if label == "signal":
            cross_section = SIGNAL_CROSS_SECTION
        weight = cross_section * LUMINOSITY / sum(int(shard["events"]) for shard in shards)
        ends = (np.cumsum((0.0, *FRACTIONS)) * len(mass)).astype(int).tolist() + [len(mass)]
        for name, first, last in zip(PARTS, ends, ends[1:]):
            count = last - first
            parts[name].append(Events(features[first:last], mass[first:last], np.full(count, label == "signal"),
                                      np.full(count, weight * len(mass) / count)))
    return {name: Events(*(np.concatenate([getattr(part, field) for part in of])
                           for field in ("features", "mass", "signal", "expected"))) for name, of in parts.items()}


def write_sample(path, events, scores, most_bytes):
    """Writes as many events as fit, signal and continuum in turns: the features, then columns that the program passes over: mass,
    label, and of `scores` one column a trainer. Returns how many."""
    order = np.stack([np.flatnonzero(events.signal)[: np.bincount(events.signal).min()],
                      np.flatnonzero(~events.signal)[: np.bincount(events.signal).min()]], axis=1).ravel()

    def compressed(count):
        rows = [",".join((*FEATURES, "mass", "label", *scores))]
        for i in order[:count]:
            numbers = (*(f"{value:.5g}" for value in events.features[i]), f"{events.mass[i]:.5g}")
            label = "signal" if events.signal[i] else "continuum"
            rows.append(",".join((*numbers, label, *(f"{column[i]:.7f}" for column in scores.values()))))
        buffer = io.BytesIO()
        # no file name, no date: the same events give the same bytes
        with gzip.GzipFile(filename="", fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
            file.write(("\n".join(rows) + "\n").encode())
        return buffer.getvalue()

    count = min(len(order), most_bytes // 20)
    content = compressed(count)
    while len(content) > most_bytes:
        count = int(count * 0.99 * most_bytes / len(content)) // 2 * 2
        content = compressed(count)
    pathlib.Path(path).write_bytes(content)
    return count
