"""What the classifier sees of a photon pair: eight numbers, none of which says its mass, and the selection before it.

The photons are ordered by pT, as measured from the chosen vertex. All numbers are dimensionless. Resolution and probability
of the vertex are those that the pair would have if all its momenta were scaled to a mass of 125 GeV: resolution falls with energy,
and a forest that is given it as it is, with pT / m and eta, finds the energy and with it the mass.
"""

import numpy as np

import detector

# name, formula: one line an observable, in the order of the forests' inputs
OBSERVABLES = (
    ("pt1_over_mass", "pT / m of the harder photon"),
    ("pt2_over_mass", "pT / m of the softer photon"),
    ("eta1", "pseudorapidity of the harder photon"),
    ("eta2", "pseudorapidity of the softer photon"),
    ("cos_dphi", "cosine of the angle between them in the transverse plane"),
    ("sigma_right", "relative mass resolution from the energies, which is all where the vertex is the right one"),
    ("sigma_wrong", "the same where it is not: with the angle that sqrt(2) beam spots make"),
    ("vertex_probability", "probability that the chosen vertex is the right one"),
)
FEATURES = tuple(name for name, _ in OBSERVABLES)

REFERENCE_MASS = 125.0  # GeV
MASS_MIN, MASS_MAX = 100.0, 180.0  # GeV, the window of arXiv:1804.02716
ETA_MAX = 2.5
GAP = (1.4442, 1.566)  # in detector eta: between barrel and ends
PT1_OVER_MASS_MIN, PT2_OVER_MASS_MIN = 1 / 3, 1 / 4


def select(measured):
    """Of what detector.measure returned: (features float32 (selected, 8), mass float32 (selected), GeV)."""
    pt = measured["energy"] / np.cosh(measured["eta"])
    order = np.argsort(-pt, axis=1)
    pt, eta, phi = (np.take_along_axis(array, order, axis=1) for array in (pt, measured["eta"], measured["phi"]))
    mass = measured["mass"]
    detector_eta = np.abs(measured["detector_eta"])
    in_detector = ((detector_eta < ETA_MAX) & ((detector_eta < GAP[0]) | (detector_eta > GAP[1]))).all(axis=1)
    kept = (
        in_detector & (mass > MASS_MIN) & (mass < MASS_MAX)
        & (pt[:, 0] > PT1_OVER_MASS_MIN * mass) & (pt[:, 1] > PT2_OVER_MASS_MIN * mass)
    )
    scale = REFERENCE_MASS / mass
    resolution = detector.energy_resolution(measured["energy"] * scale[:, None], measured["detector_eta"])
    sigma_right = 0.5 * np.sqrt((resolution**2).sum(axis=1))
    pair_pt = np.hypot((pt * np.cos(phi)).sum(axis=1), (pt * np.sin(phi)).sum(axis=1))
    columns = (
        pt[:, 0] / mass, pt[:, 1] / mass, eta[:, 0], eta[:, 1], np.cos(phi[:, 0] - phi[:, 1]),
        sigma_right, np.hypot(sigma_right, measured["vertex_resolution"]),
        detector.vertex_probability(pair_pt * scale, measured["pile_up"]),
    )
    return round_significant(np.stack(columns, axis=1)[kept]), round_significant(mass[kept])


def round_significant(values, digits=5):
    """`values` rounded to `digits` significant decimal digits, as float32: the sample is written short and reads back bit for bit."""
    values = np.asarray(values, dtype=np.float64)
    size = np.where(values == 0, 1.0, np.abs(values))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    return (np.round(values * scale) / scale).astype(np.float32)
