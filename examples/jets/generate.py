#!/usr/bin/env python3
"""Generates gluon, light-quark, W, Z and top jets and their sixteen observables.

Pythia 8 makes proton-proton events at 13 TeV, `detector.py` measures their particles, FastJet
clusters and grooms them, `observables.py` defines what is kept. See README.md.

One shard is one file `data/<class>_<number>.npz` of the jets of EVENTS_PER_SHARD events; its
content depends on --seed, class and number alone, so that a run can be stopped (Ctrl-C finishes
the shard in work) and taken up again. The class with the fewest jets is always next: whenever
the run stops, the classes are balanced, and the same number of jets means the same jets.
"""

import argparse
import datetime
import math
import os
import pathlib
import signal
import sys
import time

try:
    import awkward as ak
    import fastjet
    import numpy as np
    import pythia8mc
    import vector
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
except ImportError as error:
    sys.exit(
        f"generate.py: the Python package '{error.name}' is missing; "
        "install what it needs with: pip install -r requirements.txt"
    )

import detector
import observables
from observables import CLASSES, FEATURES

vector.register_awkward()

EVENTS_PER_SHARD = 2000
EVENTS_PER_BATCH = 250  # bounds the memory of Pythia's event records

JET_RADIUS = 0.8
JET_PT_MIN, JET_PT_MAX = 800.0, 1600.0  # GeV, the window of arXiv:1804.06913
JET_ETA_MAX = 1.7  # a jet of radius 0.8 is then inside the tracker
MATCH_DISTANCE = 0.4  # jet to hard parton, in eta and phi

COMMON_SETTINGS = (
    "Print:quiet = on",
    "Beams:idA = 2212",
    "Beams:idB = 2212",
    "Beams:eCM = 13000.",
    # Momentum of the hard partons: 1 TeV within one per cent, as in arXiv:1804.06913.
    "PhaseSpace:pTHatMin = 990.",
    "PhaseSpace:pTHatMax = 1010.",
    # Particles with c tau above 10 mm (K0S, Lambda, ...) reach the detector undecayed.
    "ParticleDecays:limitTau0 = on",
    "ParticleDecays:tau0Max = 10.",
    "Random:setSeed = on",
)
W_TO_QUARKS = ("24:onMode = off", "24:onIfAny = 1 2 3 4 5")
Z_TO_QUARKS = ("23:onMode = off", "23:onIfAny = 1 2 3 4 5")

# class -> (settings of Pythia, |PDG codes| of the hard parton a jet must match)
PROCESSES = {
    "g": (("HardQCD:gg2gg = on", "HardQCD:qqbar2gg = on"), (21,)),
    "q": (
        ("HardQCD:qq2qq = on", "HardQCD:gg2qqbar = on", "HardQCD:qqbar2qqbarNew = on"),
        (1, 2, 3),
    ),
    "w": (("WeakDoubleBoson:ffbar2WW = on", *W_TO_QUARKS), (24,)),
    "z": (
        # Without mode 2 the virtual photon would be mixed in.
        ("WeakDoubleBoson:ffbar2gmZgmZ = on", "WeakZ0:gmZmode = 2", *Z_TO_QUARKS),
        (23,),
    ),
    "t": (("Top:gg2ttbar = on", "Top:qqbar2ttbar = on", *W_TO_QUARKS), (6,)),
}


def make_pythia(label, seed):
    """A Pythia instance that makes the events of class `label`; `seed` in 1..900000000."""
    pythia = pythia8mc.Pythia("", False)
    for setting in (*COMMON_SETTINGS, *PROCESSES[label][0], f"Random:seed = {seed}"):
        if not pythia.readString(setting):
            raise RuntimeError(f"Pythia does not know the setting '{setting}'")
    if not pythia.init():
        raise RuntimeError(f"Pythia cannot be initialised for class '{label}'")
    return pythia


class ChargeTable:
    """|PDG code| -> is it charged, asked of Pythia once a code."""

    def __init__(self, pythia):
        self._data = pythia.particleData
        self._known = {}

    def __call__(self, pdg):
        """pdg: int array (n) of |PDG codes|; returns a bool array (n)."""
        codes, inverse = np.unique(pdg, return_inverse=True)
        for code in codes:
            if code not in self._known:
                self._known[code] = self._data.chargeType(int(code)) != 0
        return np.array([self._known[code] for code in codes], dtype=bool)[inverse]


def measured_particles(particles, is_charged, rng):
    """Candidates of the simplified detector.

    particles: Pythia's records (events, particles). Returns Momentum4D (events, candidates), GeV.
    """
    stable = particles[particles.status > 0]
    counts = ak.to_numpy(ak.num(stable, axis=1))
    pdg = np.abs(ak.to_numpy(ak.flatten(stable.id)))
    momentum = [ak.to_numpy(ak.flatten(stable.p[axis])) for axis in ("px", "py", "pz", "e")]
    keep, px, py, pz, energy = detector.measure(pdg, is_charged(pdg), *momentum, rng)
    event = np.repeat(np.arange(len(counts)), counts)[keep]
    kept_counts = np.bincount(event, minlength=len(counts))
    return ak.unflatten(
        ak.zip({"px": px, "py": py, "pz": pz, "E": energy}, with_name="Momentum4D"), kept_counts
    )


def leading_jets(candidates):
    """The constituents of the two hardest jets of each event.

    candidates: Momentum4D (events, candidates). Returns (event, constituents): int array (jets)
    and Momentum4D (jets, constituents), jets in the pT and eta window only.
    """
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, JET_RADIUS)
    sequence = fastjet.ClusterSequence(candidates, definition)
    # The hardest two are chosen before the window is applied, hence the lower threshold.
    constituents = sequence.constituents(min_pt=200.0)
    pt, eta, _ = kinematics(constituents, axis=2)
    order = ak.argsort(pt, axis=1, ascending=False)[:, :2]
    constituents, pt, eta = constituents[order], pt[order], eta[order]
    window = (pt > JET_PT_MIN) & (pt < JET_PT_MAX) & (np.abs(eta) < JET_ETA_MAX)
    event = ak.flatten(ak.broadcast_arrays(np.arange(len(pt)), window)[0][window])
    return ak.to_numpy(event), ak.flatten(constituents[window], axis=1)


def kinematics(constituents, axis):
    """pT (GeV), eta and phi of jets, summed over the constituents along `axis`."""
    px, py, pz = (ak.sum(constituents[name], axis=axis) for name in ("px", "py", "pz"))
    pt = np.hypot(px, py)
    return pt, np.arcsinh(pz / pt), np.arctan2(py, px)


def matched(event, constituents, particles, codes):
    """Which jets lie within MATCH_DISTANCE of a hard parton with one of the |PDG `codes`|.

    Returns a bool array (jets). The hard partons are the outgoing particles of the hard process
    as Pythia records them, before showers (status 22 and 23).
    """
    hard = particles[(abs(particles.status) == 22) | (abs(particles.status) == 23)]
    is_wanted = abs(hard.id) == codes[0]
    for code in codes[1:]:
        is_wanted = is_wanted | (abs(hard.id) == code)
    parton = hard[is_wanted][event]
    px, py, pz = parton.p.px, parton.p.py, parton.p.pz
    parton_eta = np.arcsinh(pz / np.hypot(px, py))
    parton_phi = np.arctan2(py, px)
    _, eta, phi = kinematics(constituents, axis=1)
    dphi = (parton_phi - phi + np.pi) % (2 * np.pi) - np.pi
    distance = np.hypot(parton_eta - eta, dphi)
    return ak.to_numpy(ak.any(distance < MATCH_DISTANCE, axis=1))


def generate_shard(label, number, seed):
    """The jets of one shard: a dict of arrays, ready to be written.

    features float32 (jets, 16), event int32 (jets), pt float32 (jets) in GeV, eta float32 (jets).
    """
    start = time.process_time()
    shard_seed = seed + number * len(CLASSES) + CLASSES.index(label)
    pythia = make_pythia(label, shard_seed)
    is_charged = ChargeTable(pythia)
    rng = np.random.default_rng(shard_seed)
    parts = {"features": [], "event": [], "pt": [], "eta": []}
    for first in range(0, EVENTS_PER_SHARD, EVENTS_PER_BATCH):
        particles = pythia.nextBatch(EVENTS_PER_BATCH, "skip").prt
        event, constituents = leading_jets(measured_particles(particles, is_charged, rng))
        good = matched(event, constituents, particles, PROCESSES[label][1])
        event, constituents = event[good], constituents[good]
        if len(event):
            pt, eta, _ = kinematics(constituents, axis=1)
            parts["features"].append(observables.compute(constituents))
            parts["event"].append((first + event).astype(np.int32))
            parts["pt"].append(ak.to_numpy(pt).astype(np.float32))
            parts["eta"].append(ak.to_numpy(eta).astype(np.float32))
    shard = {name: np.concatenate(values) for name, values in parts.items()}
    shard["cpu_seconds"] = np.float64(time.process_time() - start)
    return shard


def shard_path(folder, label, number):
    return folder / f"{label}_{number:05d}.npz"


def write_shard(path, shard):
    """Writes whole files only: an interrupted run leaves no half shard behind."""
    temporary = path.with_suffix(".partial")
    with open(temporary, "wb") as file:
        np.savez_compressed(file, **shard)
    os.replace(temporary, path)


class Run:
    """What `folder` holds, and how far that is from what was asked for."""

    def __init__(self, folder, arguments):
        self.folder = folder
        self.begin = time.time()
        self.end = deadline(arguments.until)
        self.cpu_limit = 3600.0 * arguments.hours
        self.jets_wanted = arguments.jets
        self.cpu = 0.0
        self.numbers = dict.fromkeys(CLASSES, 0)  # of the next shard
        self.jets = dict.fromkeys(CLASSES, 0)
        self.duration = dict.fromkeys(CLASSES, 0.0)  # of the last shard, wall-clock seconds
        for label in CLASSES:
            while self.next_path(label).exists():
                with np.load(self.next_path(label)) as shard:
                    self.add(label, shard)

    def next_path(self, label):
        return shard_path(self.folder, label, self.numbers[label])

    def add(self, label, shard):
        self.numbers[label] += 1
        self.jets[label] += len(shard["event"])
        self.cpu += float(shard["cpu_seconds"])

    def next_class(self):
        """The class whose turn it is, or None where the run is over."""
        label = min(CLASSES, key=self.jets.get)
        enough = self.jets[label] >= self.jets_wanted or self.cpu >= self.cpu_limit
        # A shard that would not be done in time is not begun.
        late = time.time() + 1.2 * self.duration[label] > self.end
        return None if enough or late else label

    def done(self):
        """The part of the run that is over, 0 to 1."""
        part = max(
            self.cpu / self.cpu_limit,
            min(self.jets.values()) / self.jets_wanted,
            (time.time() - self.begin) / (self.end - self.begin),
        )
        return min(part, 1.0)

    def counts(self):
        return ", ".join(f"{label} {self.jets[label]}" for label in CLASSES)


def deadline(until):
    """Seconds since the epoch of HH:MM today, local time; infinity for None."""
    if until is None:
        return math.inf
    clock = datetime.time.fromisoformat(until)
    end = datetime.datetime.combine(datetime.date.today(), clock).timestamp()
    if end <= time.time():
        sys.exit(f"generate.py: --until {until} is already past")
    return end


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "data")
    parser.add_argument("--seed", type=int, default=1804, help="seed of the first shard")
    parser.add_argument(
        "--hours", type=float, default=2.0, help="CPU hours, those of shards in --out included (2)"
    )
    parser.add_argument("--until", metavar="HH:MM", help="when to stop, today, local time")
    parser.add_argument("--jets", type=int, default=10**9, help="stop at so many jets a class")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    run = Run(arguments.out, arguments)
    stopped = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.append(True))

    console = Console()
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(), console=console, disable=not console.is_terminal,
    )
    with progress:
        task = progress.add_task("generating", total=1.0, counts="jets a class: " + run.counts())
        while not stopped and (label := run.next_class()):
            begin = time.time()
            shard = generate_shard(label, run.numbers[label], arguments.seed)
            write_shard(run.next_path(label), shard)
            run.duration[label] = time.time() - begin
            run.add(label, shard)
            progress.update(task, completed=run.done(), counts="jets a class: " + run.counts())
            if progress.disable:
                print(f"{time.strftime('%H:%M:%S')} {100 * run.done():.0f} %: {run.counts()}", flush=True)

    print(f"jets a class: {run.counts()}; {run.cpu / 3600:.2f} CPU hours")
    print(f"the same jets again: generate.py --seed {arguments.seed} --jets {min(run.jets.values())}")


if __name__ == "__main__":
    main()
