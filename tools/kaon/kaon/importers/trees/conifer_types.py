"""The fixed-point types of conifer's models, and what conifer's C++ makes of thresholds in them.

Features are cast to the input's type, thresholds to the threshold's, leaves, their sum and the norm to the score's. From version 1.11 on a
node multiplies its feature by a weight of 1, in the weights' type, and casts the product to the input's type: a type that does not hold 1,
such as ap_fixed<8,1,AP_RND_CONV,AP_SAT>, makes 127/128 of it, and comparisons change. That is a function of the raw integer which never
falls, so it is in the thresholds here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaon.error import Refused, one_line
from kaon.fields import Field
from kaon.fixed import Fixed
from kaon.importers.hls4ml_types import precision

FLOATS = ("float", "double")
MOST_BITS = 53
WEIGHTED = ("cpp", "xilinxhls")
"""Backends whose nodes multiply by weights."""
KEYS = {
    "input": ("input_precision", "InputPrecision"),
    "threshold": ("threshold_precision", "ThresholdPrecision"),
    "weight": ("weight_precision", "WeightPrecision"),
    "score": ("score_precision", "ScorePrecision"),
}


@dataclass
class Types:
    input: Fixed
    threshold: Fixed
    score: Fixed
    weight: Fixed | None
    """Of what features are multiplied by before they are compared; None where that is 1."""
    path: str


def read_types(model: Field, weighted: bool) -> Types | None:
    """Returns the types of a model; None of one in floating point. weighted: whether its trees have weights."""
    if not model.has("config"):
        return None
    config = model["config"]
    common = text_of(config, ("precision", "Precision"))
    written = {name: text_of(config, keys) for name, keys in KEYS.items()}
    written["input"] = written["input"] or common
    written["threshold"] = written["threshold"] or written["input"]
    written["weight"] = written["weight"] or written["threshold"]
    written["score"] = written["score"] or common
    named = {name: text for name, text in written.items() if text is not None}
    if all(text in FLOATS for text in named.values()):
        return None
    read: dict[str, Fixed] = {}
    for name in KEYS:
        place = f"{config.path}.{KEYS[name][0]}"
        found = None if name not in named or named[name] in FLOATS else precision(place, named[name])
        if found is None:
            raise Refused(place, f"{one_line(named.get(name, 'nothing'), 40)!r} beside fixed-point types", "give all of them fixed-point types, or none")
        read[name] = found
    backend = (text_of(config, ("backend", "Backend")) or "cpp").lower()
    weight = read["weight"] if weighted and backend in WEIGHTED and one(read["weight"]) != 1 << read["weight"].fraction else None
    types = Types(read["input"], read["threshold"], read["score"], weight, config.path)
    if types.threshold.width > MOST_BITS or types.input.width > MOST_BITS:
        raise Refused(config.path, f"inputs of {types.input}, thresholds of {types.threshold}", f"use types of at most {MOST_BITS} bits")
    if weight is not None and not 0 < one(weight) <= 1 << weight.fraction:
        made = float(weight.to_values(np.array([one(weight)]))[0])
        place = f"{config.path}.{KEYS['weight'][0]}"
        raise Refused(place, f"{weight} makes {made:g} of the weight 1, with which features are multiplied", "give the weights a type that holds 1")
    return types


def one(t: Fixed) -> int:
    """Returns what a type makes of 1, as a raw integer."""
    return int(t.of_values(np.array([1.0]))[0])


def text_of(config: Field, keys: tuple[str, ...]) -> str | None:
    found = next((config[key].text().strip() for key in keys if config.has(key)), None)
    return found or None


def thresholds(types: Types, values: np.ndarray, or_equal: bool) -> np.ndarray:
    """Returns what inputs of the input's type are compared with: numbers of float64, exactly."""
    cast = types.threshold.to_values(types.threshold.of_values(values))
    if types.weight is None:
        return cast
    low = np.full(len(cast), types.input.least, np.int64)
    high = np.full(len(cast), types.input.greatest + 1, np.int64)
    while (low < high).any():
        middle = (low + high) >> 1
        seen = multiplied(types, types.weight, np.minimum(middle, types.input.greatest))
        passed = (seen > cast if or_equal else seen >= cast) | (middle > types.input.greatest)
        high = np.where(passed, middle, high)
        low = np.where(passed, low, np.minimum(middle + 1, high))
    # The least raw integer that goes right; with <= the one below it is the threshold.
    return np.ldexp((low - 1 if or_equal else low).astype(np.float64), -types.input.fraction)


def multiplied(types: Types, weight: Fixed, raw: np.ndarray) -> np.ndarray:
    """Returns the values that nodes compare: raw inputs times the weight, cast to the input's type."""
    products = raw.astype(object) * one(weight)
    return types.input.to_values(types.input.of_raw(products, types.input.fraction + weight.fraction))


def refuse_saturating_sums(types: Types, lowest: np.ndarray, highest: np.ndarray, base: np.ndarray) -> None:
    """Refuses sums that may saturate on the way, whatever the order of trees: such depend on it.

    lowest, highest: [trees][outputs], the extreme leaves, as values of the score's type; base: [outputs].
    """
    score = types.score
    if score.overflow == "wrap":
        return
    most = float(score.to_values(np.array([score.greatest]))[0])
    least = -most if score.overflow == "saturate_symmetric" and score.is_signed else float(score.to_values(np.array([score.least]))[0])
    up = np.maximum(highest, 0).sum(axis=0) + np.maximum(base, 0)
    down = np.minimum(lowest, 0).sum(axis=0) + np.minimum(base, 0)
    if (up > most).any() or (down < least).any():
        cause = f"sums from {down.min():g} to {up.max():g} may leave {score}, which saturates: they would depend on the order of trees"
        raise Refused(f"{types.path}.{KEYS['score'][0]}", cause, "give the scores more integer bits, or a type that wraps")
