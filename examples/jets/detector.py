"""A simplified detector: particles in, measured particle-flow candidates out.

Energies and momenta are smeared, particle by particle, with the resolutions of the CMS-like
detector of arXiv:1709.08705, the study that the samples of arXiv:1804.06913 come from; the
thresholds are those of the CMS card of Delphes 3 (arXiv:1307.6346). (+) adds in quadrature,
energies and momenta in GeV:

kind                             measured by  resolution                               threshold
charged hadron, e with E <= 220  tracker      s(pT)/pT = 0.015 (+) 0.00025 pT          pT > 0.1
muon                             tracker      s(pT)/pT = 0.015 (+) 0.00025 pT          pT > 0.1
photon, e with E > 220           ECAL         s(E)/E = 0.005 (+) 0.021/sqrt(E) (+) 0.094/E  E > 0.5
neutral hadron, charged hadron   HCAL         s(E)/E = 0.05 (+) 0.45/sqrt(E)           E > 1
  with E > 220
neutrino                         not at all

Left out on purpose: inefficiencies, angular resolution and cells, the magnetic field, pile-up.
"""

import numpy as np

ETA_MAX = 2.5  # acceptance of the tracker; nothing is measured beyond it
TRACK_ENERGY_MAX = 220.0  # GeV; above it the calorimeter measures better than the tracker
TRACK_PT_MIN = 0.1  # GeV
ECAL_ENERGY_MIN = 0.5  # GeV
HCAL_ENERGY_MIN = 1.0  # GeV

ELECTRON, MUON, PHOTON = 11, 13, 22
NEUTRINOS = (12, 14, 16)


def _track_resolution(pt):
    return np.hypot(0.015, 0.00025 * pt)


def _ecal_resolution(energy):
    return np.sqrt(0.005**2 + 0.021**2 / energy + (0.094 / energy) ** 2)


def _hcal_resolution(energy):
    return np.sqrt(0.05**2 + 0.45**2 / energy)


def _response(relative, rng):
    """Measured over true: log-normal, never negative, of mean 1 and deviation `relative`."""
    width = np.sqrt(np.log1p(relative**2))
    return np.exp(width * rng.standard_normal(len(relative)) - 0.5 * width**2)


def measure(pdg, charged, px, py, pz, energy, rng):
    """Measures stable particles.

    pdg: |PDG code|, int array (n); charged: bool array (n); px, py, pz, energy: GeV, arrays (n);
    rng: numpy Generator.
    Returns (keep, px, py, pz, E): a bool array (n) and the measured momenta of the kept, GeV.
    """
    pt = np.hypot(px, py)
    tracked = (charged & (energy <= TRACK_ENERGY_MAX)) | (pdg == MUON)
    electromagnetic = ~tracked & ((pdg == PHOTON) | (pdg == ELECTRON))
    safe_energy = np.maximum(energy, 1e-3)  # of particles far below every threshold
    relative = np.where(
        tracked,
        _track_resolution(pt),
        np.where(electromagnetic, _ecal_resolution(safe_energy), _hcal_resolution(safe_energy)),
    )
    response = _response(relative, rng)

    above_threshold = np.where(
        tracked,
        pt * response > TRACK_PT_MIN,
        energy * response > np.where(electromagnetic, ECAL_ENERGY_MIN, HCAL_ENERGY_MIN),
    )
    inside = np.abs(pz) < np.sinh(ETA_MAX) * pt
    keep = inside & above_threshold & ~np.isin(pdg, NEUTRINOS)
    # The whole four-momentum scales: direction and velocity stay as they were.
    return (keep, *(component[keep] * response[keep] for component in (px, py, pz, energy)))
