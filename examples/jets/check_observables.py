#!/usr/bin/env python3
"""Checks observables.compute, which FastJet does, against the definitions written out in numpy.

Clustering, grooming and correlators are all written here a second time, plainly and slowly. Jets
are drawn at random: one, two or three prongs, few or many constituents, across the +-pi of phi.
"""

import itertools
import math
import sys

import awkward as ak
import numpy as np
import vector

import observables
from observables import FEATURES, SOFT_DROP

vector.register_awkward()

TOLERANCE = 1e-5  # relative; compute rounds to six digits
MASS_TOLERANCE = 1e-4  # GeV, absolute: that of a difference of squares of TeV


def random_jet(rng, prongs, size):
    """`size` constituents around `prongs` axes within 0.5: array (size, 4) of px, py, pz, E, GeV."""
    axis = rng.integers(prongs, size=size)
    eta = rng.uniform(-1.5, 1.5) + rng.uniform(-0.25, 0.25, prongs)[axis] + 0.03 * rng.standard_normal(size)
    phi = rng.uniform(-math.pi, math.pi) + rng.uniform(-0.25, 0.25, prongs)[axis] + 0.03 * rng.standard_normal(size)
    pt = 1.0 + rng.pareto(1.0, size).clip(max=200.0)
    mass = rng.choice((0.0, 0.13957, 0.93827), size)
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return np.stack([px, py, pz, np.sqrt(px**2 + py**2 + pz**2 + mass**2)], axis=1)


def distances(momenta):
    """R_ij in rapidity and azimuth: array (n, n)."""
    px, py, pz, energy = momenta.T
    rapidity = 0.5 * np.log((energy + pz) / (energy - pz))
    phi = np.arctan2(py, px)
    dphi = (phi[:, None] - phi[None, :] + math.pi) % (2 * math.pi) - math.pi
    return np.hypot(rapidity[:, None] - rapidity[None, :], dphi)


def groom(momenta):
    """Modified mass-drop tagger: the rows of `momenta` that stay.

    Cambridge/Aachen: the closest two merge until one is left. Then the last merging is undone as
    long as the softer side carries less than the cut's fraction of pT; the softer side is dropped.
    """
    jets = [(momentum, [i], None) for i, momentum in enumerate(momenta)]
    while len(jets) > 1:
        distance = distances(np.array([momentum for momentum, _, _ in jets]))
        distance[np.tril_indices(len(jets))] = np.inf
        i, j = np.unravel_index(distance.argmin(), distance.shape)
        first, second = jets[i], jets[j]
        jets = [jet for k, jet in enumerate(jets) if k not in (i, j)]
        jets.append((first[0] + second[0], first[1] + second[1], (first, second)))
    (jet,) = jets
    while jet[2] is not None:
        soft, hard = sorted(jet[2], key=lambda side: np.hypot(*side[0][:2]))
        soft_pt, hard_pt = np.hypot(*soft[0][:2]), np.hypot(*hard[0][:2])
        if soft_pt / (soft_pt + hard_pt) > SOFT_DROP["symmetry_cut"]:
            break
        jet = hard
    return momenta[jet[1]]


def ratio(numerator, denominator):
    """0 where it is undefined, as observables.compute has it."""
    return numerator / denominator if denominator > 0 else 0.0


def observables_of(momenta):
    """The sixteen observables of one jet, in the order of FEATURES."""
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    fraction = pt / pt.sum()
    groomed = groom(momenta)
    pt = np.hypot(groomed[:, 0], groomed[:, 1])
    z, distance = pt / pt.sum(), distances(groomed)

    e2 = dict.fromkeys((0, 1, 2), 0.0)
    e3, e3_1, e3_2 = dict.fromkeys((1, 2), 0.0), dict.fromkeys((1, 2), 0.0), dict.fromkeys((1, 2), 0.0)
    for i, j in itertools.combinations(range(len(z)), 2):
        for b in e2:
            e2[b] += z[i] * z[j] * distance[i, j] ** b
    for i, j, k in itertools.combinations(range(len(z)), 3):
        sides = sorted((distance[i, j], distance[i, k], distance[j, k]))
        weight = z[i] * z[j] * z[k]
        for b in e3:
            e3[b] += weight * math.prod(sides) ** b
            e3_1[b] += weight * sides[0] ** b
            e3_2[b] += weight * (sides[0] * sides[1]) ** b

    px, py, pz, energy = groomed.sum(axis=0)
    return {
        "zlogz": np.sum(fraction * np.log(fraction)),
        "c1_b0_mmdt": e2[0],
        "c1_b1_mmdt": e2[1],
        "c1_b2_mmdt": e2[2],
        "c2_b1_mmdt": ratio(e3[1], e2[1] ** 2),
        "c2_b2_mmdt": ratio(e3[2], e2[2] ** 2),
        "d2_b1_mmdt": ratio(e3[1], e2[1] ** 3),
        "d2_b2_mmdt": ratio(e3[2], e2[2] ** 3),
        "d2_a1_b1_mmdt": ratio(e3[1], e2[1] ** 3),
        "d2_a1_b2_mmdt": ratio(e3[1], e2[2] ** 1.5),
        "m2_b1_mmdt": ratio(e3_1[1], e2[1]),
        "m2_b2_mmdt": ratio(e3_1[2], e2[2]),
        "n2_b1_mmdt": ratio(e3_2[1], e2[1] ** 2),
        "n2_b2_mmdt": ratio(e3_2[2], e2[2] ** 2),
        "mass_mmdt": math.sqrt(max(energy**2 - px**2 - py**2 - pz**2, 0.0)),
        "multiplicity": len(momenta),
    }


def main():
    rng = np.random.default_rng(7)
    jets = [random_jet(rng, prongs, size) for prongs in (1, 2, 3) for size in (1, 2, 3, 4, 8, 15, 30) for _ in range(4)]
    fast = observables.compute(
        ak.zip(
            {name: ak.Array([jet[:, i] for jet in jets]) for i, name in enumerate(("px", "py", "pz", "E"))},
            with_name="Momentum4D",
        )
    )
    slow = np.array([[observables_of(jet)[name] for name in FEATURES] for jet in jets])
    allowed = TOLERANCE * np.abs(slow) + np.where(np.array(FEATURES) == "mass_mmdt", MASS_TOLERANCE, 1e-9)
    excess = np.abs(fast - slow) / allowed
    jet, feature = np.unravel_index(excess.argmax(), excess.shape)
    print(
        f"{len(jets)} random jets: largest difference {excess.max():.2f} of what is allowed, in {FEATURES[feature]} "
        f"of a jet of {len(jets[jet])} constituents: {fast[jet, feature]:.7g}, by definition {slow[jet, feature]:.7g}"
    )
    if not excess.max() <= 1:
        sys.exit("check_observables.py: observables.compute does not follow its definitions")


if __name__ == "__main__":
    main()
