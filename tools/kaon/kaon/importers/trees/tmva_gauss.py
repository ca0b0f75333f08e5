"""TMVA's transformations Uniform and Gauss: a cumulative distribution, and the normal number of its quantile."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from kaon.importers.trees.tmva_xml import Element, Reader

BINS = 10_000
"""Of the histogram that TMVA fills from the stored one, and interpolates."""
LEAST = 1e-12
MARGIN = 10e-10
LARGEST = 0.99999999
"""What TMVA lets the argument of the inverse error function be."""
ROOT_TWO = 1.414213562
"""As many digits as TMVA has of it."""
LINEAR = 1
"""Of TMVA's ways to interpolate a histogram."""
MAXIMUM_BINS = 1 << 16


@dataclass
class Cumulant:
    """The quantile of a number, or the normal number that has the same quantile."""

    least: float
    greatest: float
    contents: np.ndarray
    """float32 [BINS], that never fall."""
    flat: bool
    name: str = "Gauss"
    affine: None = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = x.astype(np.float64)
        width = (self.greatest - self.least) / BINS
        with np.errstate(over="ignore", invalid="ignore"):
            inside = np.clip(BINS * (x - self.least) / (self.greatest - self.least), 0, BINS - 1)
            at = np.where(x < self.least, 0, np.where(x < self.greatest, inside, BINS - 1)).astype(np.int64)
            centre = self.least + at * width + 0.5 * width
            up = ((x > centre) & (at != BINS - 1)) | (at == 0)
            following = np.where(up, at + 1, at - 1)
            apart = centre - (self.least + following * width + 0.5 * width)
            contents = self.contents.astype(np.float64)
            quantile = contents[at] + (x - centre) * (contents[at] - contents[following]) / apart
        quantile = np.clip(np.where(quantile >= LEAST, quantile, LEAST), MARGIN, 1 - MARGIN)
        if self.flat:
            return quantile.astype(np.float32)
        argument = np.clip(2 * quantile - 1, -LARGEST, LARGEST)
        normal = NormalDist()
        inverse = np.array([normal.inv_cdf(0.5 * (a + 1)) for a in argument.tolist()]) / np.sqrt(2)
        return (ROOT_TWO * inverse).astype(np.float32)


def read_cumulants(reader: Reader, element: Element, count: int) -> list[Cumulant]:
    """Reads the distributions of all classes together, one for each of `count` inputs."""
    reader.only(element, "Selection", "Variable")
    kind = reader.attribute(element, "FlatOrGauss")
    if kind not in ("Flat", "Gauss"):
        raise reader.refuse(element, f"{kind[:20]!r} is neither Flat nor Gauss", attribute="FlatOrGauss")
    found: dict[int, Cumulant] = {}
    for variable in element.children:
        if variable.name == "Variable":
            number = reader.integer(variable, "VarIndex", 0, count - 1)
            if number in found:
                raise reader.refuse(variable, f"the distribution of input {number} is there twice")
            if not variable.children:
                raise reader.refuse(variable, "it has no distribution")
            found[number] = read_cumulant(reader, reader.child(variable.children[-1], "PDF"), kind == "Flat")
    missing = next((i for i in range(count) if i not in found), None)
    if missing is not None:
        raise reader.refuse(element, f"the distribution of its input {missing} is missing")
    return [found[i] for i in range(count)]


def read_cumulant(reader: Reader, element: Element, flat: bool) -> Cumulant:
    """Reads a stored histogram and fills the finer one, as TMVA does."""
    if reader.integer(element, "InterpolMethod", 0, 1 << 10) != LINEAR:
        raise reader.refuse(element, "it is not interpolated by straight lines", "use the distributions that TMVA makes", "InterpolMethod")
    for key in ("MinNSmooth", "MaxNSmooth"):
        if reader.integer(element, key, -1, 1 << 10) > 0:
            raise reader.refuse(element, "it is smoothed when it is read", "use the distributions that TMVA makes", key)
    histogram = reader.child(element, "Histogram")
    bins = reader.integer(histogram, "NBins", 2, MAXIMUM_BINS)
    with np.errstate(over="ignore"):
        contents = np.array(reader.numbers(histogram, bins)).astype(np.float32).astype(np.float64)
    equal = reader.attribute(histogram, "HasEquidistantBins")
    if equal not in ("0", "1", "True", "False"):
        raise reader.refuse(histogram, f"{equal[:20]!r} is neither True nor False", attribute="HasEquidistantBins")
    if equal in ("1", "True"):
        least, greatest = reader.number(histogram, "XMin"), reader.number(histogram, "XMax")
        width = (greatest - least) / bins
        edges = least + np.arange(bins + 1) * width
        centres = least + np.arange(bins) * width + 0.5 * width
    else:
        binning = reader.child(element, "HistogramBinning")
        reader.integer(binning, "NBins", bins, bins)
        edges = np.array(reader.numbers(binning, bins + 1))
        least, greatest = float(edges[0]), float(edges[-1])
        centres = edges[:-1] + 0.5 * np.diff(edges)
    if not (np.diff(edges) > 0).all() or not (np.diff(centres) > 0).all() or not greatest - least < np.inf:
        raise reader.refuse(element, "the edges of its bins do not rise")
    fine = refined(edges, centres, contents)
    if not np.isfinite(fine).all() or (np.diff(fine) < 0).any():
        raise reader.refuse(element, "its cumulative distribution falls somewhere", "train without Gauss or Uniform")
    return Cumulant(least, greatest, fine, flat, "Uniform" if flat else "Gauss")


def refined(edges: np.ndarray, centres: np.ndarray, contents: np.ndarray) -> np.ndarray:
    """Returns the contents of BINS equal bins: a histogram interpolated between the centres of its bins."""
    width = (edges[-1] - edges[0]) / BINS
    x = edges[0] + np.arange(BINS) * width + 0.5 * width
    at = np.maximum(np.searchsorted(centres, x, "right") - 1, 0)
    following = np.where(((x > centres[at]) & (at != len(centres) - 1)) | (at == 0), at + 1, at - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        value = contents[at] + (x - centres[at]) * (contents[at] - contents[following]) / (centres[at] - centres[following])
        own = contents[np.clip(np.searchsorted(edges, x, "right") - 1, 0, len(contents) - 1)]
        return np.maximum(np.where(value <= LEAST, own, value), LEAST).astype(np.float32)
