"""A simplified detector: two true photons in, two measured ones and their mass resolution out.

energy      s(E)/E = f(eta) (0.008 (+) 0.11/sqrt(E) (+) 0.40/E), E in GeV, (+) adds in quadrature;
            f = 1 + 0.64 eta^2 up to |eta| = 1.5, 2.16 + 5.6 (|eta| - 2)^2 beyond: the ECAL of the CMS
            card of Delphes 3 (arXiv:1307.6346), which takes it from arXiv:1306.2016 and arXiv:1502.02701
position    exact: where the photon meets a cylinder of radius 1.29 m, ends at |z| = 3.2 m
direction   from the chosen vertex to that position. Vertices spread along the beam by 3.6 cm
            (normal). One of them is chosen: the right one with probability
                p = 1 / (1 + 0.02 n exp(-pT / 40 GeV)),   n pile-up vertices (Poisson, mean 25),
            of the photon pair's true pT; else one drawn from the same spread. The form and its
            numbers are ours: chosen to look like a hadron collider's, fitted to nothing

Left out on purpose: jets that fake photons, efficiencies of trigger and identification, conversions,
the energy that leaks between crystals, mistakes of the energy scale.
"""

import numpy as np

RADIUS, HALF_LENGTH = 1.29, 3.2  # m
BEAM_SPOT = 0.036  # m, standard deviation along the beam
PILE_UP = 25.0  # mean number of vertices beside the hard one
WEIGHT_OF_VERTEX, VERTEX_SCALE = 0.02, 40.0  # GeV
BARREL = 1.5  # in eta


def energy_resolution(energy, eta):
    """s(E)/E of photons of `energy` (GeV) at `eta`, arrays of one shape."""
    shape = np.where(np.abs(eta) <= BARREL, 1 + 0.64 * eta**2, 2.16 + 5.6 * (np.abs(eta) - 2) ** 2)
    return shape * np.sqrt(0.008**2 + 0.11**2 / energy + (0.40 / energy) ** 2)


def vertex_probability(pair_pt, pile_up):
    """That the chosen vertex is the right one, of pairs of pT `pair_pt` (GeV) among `pile_up` other vertices."""
    return 1 / (1 + WEIGHT_OF_VERTEX * pile_up * np.exp(-pair_pt / VERTEX_SCALE))


def pseudorapidity(z, radius):
    return np.arcsinh(z / radius)


def mass_of(energy, phi, eta):
    """Invariant mass of pairs: arrays (events, 2); GeV."""
    pt = energy / np.cosh(eta)
    return np.sqrt(2 * pt[:, 0] * pt[:, 1] * (np.cosh(eta[:, 0] - eta[:, 1]) - np.cos(phi[:, 0] - phi[:, 1])))


def measure(momenta, rng):
    """Measures pairs of photons.

    momenta: true px, py, pz of photons, (events, 2, 3), GeV; rng: numpy Generator.
    Returns a dict of arrays: energy (GeV), eta, phi and detector_eta (events, 2), of which eta is seen from the chosen vertex,
    detector_eta from the detector's centre; mass (GeV); vertex_resolution, the relative mass resolution that a wrong vertex adds;
    pile_up, the number of other vertices; all (events).
    """
    events = len(momenta)
    px, py, pz = np.moveaxis(momenta, 2, 0)
    true_pt = np.hypot(px, py)
    vertex = BEAM_SPOT * rng.standard_normal(events)
    slope = pz / true_pt
    at_barrel = vertex[:, None] + slope * RADIUS
    inside = np.abs(at_barrel) <= HALF_LENGTH
    end = np.sign(slope) * HALF_LENGTH
    with np.errstate(divide="ignore", invalid="ignore"):
        radius = np.where(inside, RADIUS, (end - vertex[:, None]) / slope)
    z = np.where(inside, at_barrel, end)
    detector_eta = pseudorapidity(z, radius)

    true_energy = true_pt * np.hypot(1, slope)
    smearing = 1 + energy_resolution(true_energy, detector_eta) * rng.standard_normal((events, 2))
    energy = true_energy * np.maximum(smearing, 0.1)

    pair_pt = np.hypot(px.sum(axis=1), py.sum(axis=1))
    pile_up = rng.poisson(PILE_UP, events)
    right = rng.random(events) < vertex_probability(pair_pt, pile_up)
    chosen = np.where(right, vertex, BEAM_SPOT * rng.standard_normal(events))

    phi = np.arctan2(py, px)
    eta = pseudorapidity(z - chosen[:, None], radius)
    mass = mass_of(energy, phi, eta)
    # Two vertices are sqrt(2) beam spots apart; the mass moves nearly in proportion.
    step = 0.005
    moved = mass_of(energy, phi, pseudorapidity(z - chosen[:, None] - step, radius))
    from_vertex = np.abs(moved - mass) / mass / step * np.sqrt(2) * BEAM_SPOT
    return {
        "energy": energy, "eta": eta, "phi": phi, "detector_eta": detector_eta, "mass": mass,
        "vertex_resolution": from_vertex, "pile_up": pile_up,
    }
