"""A simplified detector: particles in, measured particle-flow candidates out.

Efficiencies and resolutions are those of the CMS card of Delphes 3 (arXiv:1307.6346,
cards/delphes_card_CMS.tcl). Left out on purpose: the magnetic field, pile-up, and the merging
of particles that share a calorimeter cell (with it the card's cell-significance cut).

kind             measured by                     energy or pT                 direction
charged hadron   tracker, or HCAL where better   track / HCAL formula         exact
electron         tracker, or ECAL where better   track / ECAL formula         exact
muon             tracker                         track formula                exact
photon           ECAL, E > 0.5 GeV               ECAL formula                 cell 0.0174
neutral hadron   HCAL, E > 1 GeV                 HCAL formula                 cell 0.087
neutrino         not at all

A charged hadron or electron that the tracker misses is measured by its calorimeter alone; a
missed muon is lost. Charged hadrons get the pion mass, all else is massless.
"""

import numpy as np

ETA_MAX = 2.5  # acceptance of the tracker; nothing is measured beyond it
PION_MASS = 0.13957  # GeV
ECAL_CELL = 0.0174  # in eta and phi
HCAL_CELL = 0.087
ECAL_MIN = 0.5  # GeV
HCAL_MIN = 1.0  # GeV

# per region |eta| <= 0.5, <= 1.5, <= 2.5: (a, b) of sigma(pT)/pT = a (+) b * pT/GeV
_HADRON_TRACK = ((0.01, 1.5e-4), (0.015, 2.5e-4), (0.025, 5.5e-4))
_ELECTRON_TRACK = ((0.03, 1.3e-3), (0.05, 1.7e-3), (0.15, 3.1e-3))
_MUON_TRACK = ((0.01, 1.0e-4), (0.015, 1.5e-4), (0.025, 3.5e-4))


def _efficiency(eta, pt, soft, hard):
    """Track efficiency; soft: 0.1 < pT <= 1 GeV, hard: above; each (|eta| <= 1.5, beyond)."""
    central = np.abs(eta) <= 1.5
    efficiency = np.where(pt > 1.0, np.where(central, *hard), np.where(central, *soft))
    return np.where(pt > 0.1, efficiency, 0.0)


def _track_resolution(eta, pt, constants):
    """Relative resolution of a track's pT (GeV)."""
    region = np.digitize(np.abs(eta), (0.5, 1.5))
    a, b = np.asarray(constants).T
    return np.hypot(a[region], b[region] * pt)


def _ecal_resolution(eta, energy):
    """Relative resolution of the ECAL, energy in GeV."""
    shape = np.where(np.abs(eta) <= 1.5, 1 + 0.64 * eta**2, 2.16 + 5.6 * (np.abs(eta) - 2) ** 2)
    return shape * np.sqrt((0.008 * energy) ** 2 + 0.11**2 * energy + 0.40**2) / energy


def _hcal_resolution(energy):
    """Relative resolution of the HCAL, energy in GeV."""
    return np.sqrt(0.050**2 + 1.50**2 / energy)


def _response(relative, rng):
    """Measured over true: log-normal of mean 1 and standard deviation `relative`."""
    width = np.sqrt(np.log1p(relative**2))
    return np.exp(width * rng.standard_normal(len(relative)) - 0.5 * width**2)


def measure(pdg, charged, px, py, pz, energy, rng):
    """Measures stable particles.

    pdg: |PDG code|, int array (n); charged: bool array (n); px, py, pz, energy: GeV, arrays (n);
    rng: numpy Generator.
    Returns (keep, px, py, pz, E): a bool array (n) and the measured momenta of the kept, GeV.
    """
    pt = np.hypot(px, py)
    eta = np.arcsinh(pz / np.maximum(pt, 1e-9))
    phi = np.arctan2(py, px)

    photon = pdg == 22
    electron = pdg == 11
    muon = pdg == 13
    neutrino = (pdg == 12) | (pdg == 14) | (pdg == 16)
    charged_hadron = charged & ~electron & ~muon
    electromagnetic = photon | electron

    efficiency = np.zeros(len(pdg))
    track_relative = np.full(len(pdg), np.inf)
    for kind, soft, hard, constants in (
        (charged_hadron, (0.70, 0.60), (0.95, 0.85), _HADRON_TRACK),
        (electron, (0.73, 0.50), (0.95, 0.83), _ELECTRON_TRACK),
        (muon, (0.75, 0.70), (0.99, 0.98), _MUON_TRACK),
    ):
        efficiency[kind] = _efficiency(eta[kind], pt[kind], soft, hard)
        track_relative[kind] = _track_resolution(eta[kind], pt[kind], constants)
    # the card gives electrons above 100 GeV a better efficiency
    hard_electron = electron & (pt > 100.0)
    efficiency[hard_electron] = np.where(np.abs(eta[hard_electron]) <= 1.5, 0.99, 0.90)

    tracked = rng.random(len(pdg)) < efficiency
    calorimeter_relative = np.where(
        electromagnetic, _ecal_resolution(eta, energy), _hcal_resolution(energy)
    )
    relative = np.where(tracked, np.minimum(track_relative, calorimeter_relative), calorimeter_relative)
    relative = np.where(muon, track_relative, relative)
    response = _response(np.where(np.isfinite(relative), relative, 0.0), rng)

    # A calorimeter knows the direction to a cell: uniform within one cell around the truth.
    cell = np.where(tracked, 0.0, np.where(electromagnetic, ECAL_CELL, HCAL_CELL))
    measured_eta = eta + cell * (rng.random(len(pdg)) - 0.5)
    measured_phi = phi + cell * (rng.random(len(pdg)) - 0.5)

    measured_pt = np.where(tracked, pt * response, energy * response / np.cosh(measured_eta))
    measured_px = measured_pt * np.cos(measured_phi)
    measured_py = measured_pt * np.sin(measured_phi)
    measured_pz = measured_pt * np.sinh(measured_eta)
    mass = np.where(tracked & charged_hadron, PION_MASS, 0.0)
    measured_energy = np.sqrt((measured_pt * np.cosh(measured_eta)) ** 2 + mass**2)

    minimum = np.where(tracked, 0.0, np.where(electromagnetic, ECAL_MIN, HCAL_MIN))
    keep = (np.abs(eta) < ETA_MAX) & ~neutrino & (measured_energy > minimum)
    keep &= tracked | ~muon
    return (
        keep,
        measured_px[keep],
        measured_py[keep],
        measured_pz[keep],
        measured_energy[keep],
    )
