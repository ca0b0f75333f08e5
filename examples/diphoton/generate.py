#!/usr/bin/env python3
"""Generates photon pairs: gg -> H -> photons, and the continuum of q qbar and gg to two photons.

Pythia 8 makes proton-proton events at 13 TeV; the photons' true momenta are kept, and measured when they are read (sample.py). One
shard is one file `data/<class>_<number>.npz`; its content depends on --seed, class and number alone, so that a run can be stopped
and taken up again.
"""

import argparse
import os
import pathlib
import sys
import time

try:
    import numpy as np
    import pythia8mc
except ImportError as error:
    sys.exit(f"generate.py: the Python package '{error.name}' is missing; pip install -r requirements.txt")

EVENTS_PER_SHARD = {"signal": 20_000, "continuum": 60_000}  # about equally many are selected
CLASSES = ("signal", "continuum")
COMMON_SETTINGS = (
    "Print:quiet = on",
    "Beams:idA = 2212",
    "Beams:idB = 2212",
    "Beams:eCM = 13000.",
    # Only photons of the hard process are read: what hadrons and further interactions do is not asked for.
    "HadronLevel:all = off",
    "PartonLevel:MPI = off",
    # Radiation up to the kinematic limit for both: by default Pythia gives it to the Higgs boson, and to photon pairs only up to
    # their own scale, and a classifier would learn that difference.
    "SpaceShower:pTmaxMatch = 2",
    "Random:setSeed = on",
)
PROCESSES = {
    "signal": ("HiggsSM:gg2H = on", "25:m0 = 125.", "25:onMode = off", "25:onIfMatch = 22 22"),
    "continuum": (
        "PromptPhoton:ffbar2gammagamma = on",
        "PromptPhoton:gg2gammagamma = on",
        # Around what is selected (observables.py), with a margin for resolution and recoil.
        "PhaseSpace:mHatMin = 90.",
        "PhaseSpace:mHatMax = 200.",
        "PhaseSpace:pTHatMin = 15.",
    ),
}
PHOTON, HIGGS = 22, 25


def make_pythia(label, seed):
    """A Pythia instance that makes the events of class `label`; `seed` in 1..900000000."""
    pythia = pythia8mc.Pythia("", False)
    for setting in (*COMMON_SETTINGS, *PROCESSES[label], f"Random:seed = {seed}"):
        if not pythia.readString(setting):
            raise RuntimeError(f"Pythia does not know the setting '{setting}'")
    if not pythia.init():
        raise RuntimeError(f"Pythia cannot be initialised for class '{label}'")
    return pythia


def photons_of(event):
    """The momenta of the hard process's two photons after showers, as six numbers in GeV; None where one became a fermion pair."""
    first = event[5]
    if first.id() == HIGGS:
        decayed = event[first.iBotCopyId()]
        pair = (decayed.daughter1(), decayed.daughter2())
    else:
        pair = (5, 6)
    momenta = []
    for number in pair:
        photon = event[event[number].iBotCopyId()]
        if photon.id() != PHOTON or not photon.isFinal():
            return None
        momenta += [photon.px(), photon.py(), photon.pz()]
    return momenta


def generate_shard(label, number, seed):
    """The photons of one shard: momenta float32 (pairs, 2, 3), GeV; events: of how many; cross_section, pb."""
    start = time.process_time()
    shard_seed = seed + number * len(CLASSES) + CLASSES.index(label)
    pythia = make_pythia(label, shard_seed)
    pairs = []
    for _ in range(EVENTS_PER_SHARD[label]):
        if pythia.next() and (pair := photons_of(pythia.event)) is not None:
            pairs.append(pair)
    return {
        "momenta": np.array(pairs, np.float32).reshape(-1, 2, 3), "seed": np.int64(shard_seed),
        "events": np.int64(EVENTS_PER_SHARD[label]), "cross_section": np.float64(pythia.infoPython().sigmaGen() * 1e9),
        "cpu_seconds": np.float64(time.process_time() - start),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "data")
    parser.add_argument("--seed", type=int, default=1804, help="seed of the first shard")
    parser.add_argument("--shards", type=int, default=8, help="a class (8)")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.shards):
        for label in CLASSES:
            path = arguments.out / f"{label}_{number:03d}.npz"
            if path.exists():
                continue
            shard = generate_shard(label, number, arguments.seed)
            # Whole files only: a run that is stopped leaves no half shard behind.
            temporary = path.with_suffix(".partial")
            with open(temporary, "wb") as file:
                np.savez_compressed(file, **shard)
            os.replace(temporary, path)
            print(f"{path.name}: {shard['cross_section']:.4g} pb, {shard['cpu_seconds']:.0f} s", flush=True)


if __name__ == "__main__":
    main()
