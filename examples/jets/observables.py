"""The sixteen jet-substructure observables of arXiv:1804.06913 (table 1) and the five classes.

The order of FEATURES and CLASSES is the order of the network's inputs and outputs and never
changes. Names are those of the public hls4ml data set (DOI 10.5281/zenodo.3602260) without
its `j_` prefix.

Notation: z_i = pT_i / sum_j pT_j over the constituents considered, R_ij the distance of
constituents i and j in rapidity and azimuth. `_mmdt` means: constituents left after the
modified mass-drop tagger (soft drop with beta = 0, z_cut = 0.1). With angular exponent b,

    e2(b)    = sum_{i<j}   z_i z_j R_ij^b
    e3(b)    = sum_{i<j<k} z_i z_j z_k (R_ij R_ik R_jk)^b
    1e3(b)   = sum_{i<j<k} z_i z_j z_k min(R_ij, R_ik, R_jk)^b
    2e3(b)   = sum_{i<j<k} z_i z_j z_k min(R_ij R_ik, R_ij R_jk, R_ik R_jk)^b

(arXiv:1305.0007, arXiv:1409.6298, arXiv:1609.07483.) All are dimensionless but the mass.
"""

import numpy as np

# name, formula, unit: one line an observable, in the order of the network's inputs
OBSERVABLES = (
    ("zlogz", "sum_i z_i ln z_i, all constituents", "1"),
    ("c1_b0_mmdt", "C1(b=0) = e2(0)", "1"),
    ("c1_b1_mmdt", "C1(b=1) = e2(1)", "1"),
    ("c1_b2_mmdt", "C1(b=2) = e2(2)", "1"),
    ("c2_b1_mmdt", "C2(b=1) = e3(1) / e2(1)^2", "1"),
    ("c2_b2_mmdt", "C2(b=2) = e3(2) / e2(2)^2", "1"),
    ("d2_b1_mmdt", "D2(b=1) = e3(1) / e2(1)^3", "1"),
    ("d2_b2_mmdt", "D2(b=2) = e3(2) / e2(2)^3", "1"),
    ("d2_a1_b1_mmdt", "D2(a=1, b=1) = e3(1) / e2(1)^3", "1"),
    ("d2_a1_b2_mmdt", "D2(a=1, b=2) = e3(1) / e2(2)^(3/2)", "1"),
    ("m2_b1_mmdt", "M2(b=1) = 1e3(1) / e2(1)", "1"),
    ("m2_b2_mmdt", "M2(b=2) = 1e3(2) / e2(2)", "1"),
    ("n2_b1_mmdt", "N2(b=1) = 2e3(1) / e2(1)^2", "1"),
    ("n2_b2_mmdt", "N2(b=2) = 2e3(2) / e2(2)^2", "1"),
    ("mass_mmdt", "invariant mass of the groomed jet", "GeV"),
    ("multiplicity", "number of constituents, all constituents", "1"),
)
FEATURES = tuple(name for name, _, _ in OBSERVABLES)

# gluon, light quark, W, Z, top: the order of hls4ml's data set
CLASSES = ("g", "q", "w", "z", "t")

SOFT_DROP = {"beta": 0, "symmetry_cut": 0.1, "R0": 0.8}

# feature -> arguments of FastJet's energy correlators. d2_a1_b1 is absent: it equals d2_b1.
_CORRELATORS = {
    "c1_b0_mmdt": {"func": "c1", "beta": 0},
    "c1_b1_mmdt": {"func": "c1", "beta": 1},
    "c1_b2_mmdt": {"func": "c1", "beta": 2},
    "c2_b1_mmdt": {"func": "c2", "beta": 1},
    "c2_b2_mmdt": {"func": "c2", "beta": 2},
    "d2_b1_mmdt": {"func": "d2", "beta": 1},
    "d2_b2_mmdt": {"func": "d2", "beta": 2},
    "d2_a1_b2_mmdt": {"func": "generalizedd2", "alpha": 1.0, "beta": 2.0},
    "m2_b1_mmdt": {"func": "m2", "beta": 1},
    "m2_b2_mmdt": {"func": "m2", "beta": 2},
    "n2_b1_mmdt": {"func": "n2", "beta": 1},
    "n2_b2_mmdt": {"func": "n2", "beta": 2},
}


def round_significant(values, digits=6):
    """`values` (any shape) rounded to `digits` significant decimal digits, as float32.

    Six digits survive the way float32 -> text -> float32 exactly, so that the sample can be
    written short and read back bit for bit.
    """
    values = np.asarray(values, dtype=np.float64)
    size = np.where(values == 0, 1.0, np.abs(values))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    return (np.round(values * scale) / scale).astype(np.float32)


def _exclusive_sequence(constituents):
    """Cambridge/Aachen sequences that hold each row of `constituents` as one jet."""
    import fastjet

    # A radius beyond any distance: nothing is left over when the one exclusive jet is asked for.
    definition = fastjet.JetDefinition(fastjet.cambridge_algorithm, 1000.0)
    return fastjet.ClusterSequence(constituents, definition), definition


def compute(constituents):
    """The observables of jets.

    constituents: awkward array (jets, constituents) of Momentum4D records px, py, pz, E in GeV,
        at least one constituent a jet.
    Returns a float32 array (jets, 16) in the order of FEATURES, GeV for the mass.
    An observable that is undefined (a groomed jet of one constituent has e2 = 0 and every ratio
    is 0/0) is 0, which is also the limit of C2, M2 and N2 for a jet without structure.
    """
    import awkward as ak

    result = np.zeros((len(constituents), len(FEATURES)))
    column = {name: result[:, i] for i, name in enumerate(FEATURES)}

    pt = np.hypot(constituents.px, constituents.py)
    z = pt / ak.sum(pt, axis=1)
    column["zlogz"][:] = ak.sum(z * np.log(z), axis=1)
    column["multiplicity"][:] = ak.num(constituents, axis=1)

    sequence, definition = _exclusive_sequence(constituents)
    groomed_jets = sequence.exclusive_jets_softdrop_grooming(njets=1, **SOFT_DROP)
    groomed = ak.zip(
        {
            "px": groomed_jets.constituents.px,
            "py": groomed_jets.constituents.py,
            "pz": groomed_jets.constituents.pz,
            "E": groomed_jets.constituents.E,
        },
        with_name="Momentum4D",
    )
    total = [ak.to_numpy(ak.sum(groomed[axis], axis=1)) for axis in ("px", "py", "pz", "E")]
    mass_squared = total[3] ** 2 - total[0] ** 2 - total[1] ** 2 - total[2] ** 2
    column["mass_mmdt"][:] = np.sqrt(np.maximum(mass_squared, 0.0))

    groomed_sequence, _ = _exclusive_sequence(groomed)
    for name, arguments in _CORRELATORS.items():
        correlator = groomed_sequence.exclusive_jets_energy_correlator(njets=1, **arguments)
        column[name][:] = ak.to_numpy(ak.flatten(correlator, axis=None))
    column["d2_a1_b1_mmdt"][:] = column["d2_b1_mmdt"]

    result[~np.isfinite(result)] = 0.0
    return round_significant(result)
