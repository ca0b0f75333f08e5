"""AXOL1TL v1, the anomaly trigger of CMS's Level-1 Global Trigger, as a graph: its network, and the score that the trigger cuts on.

The folder of reference models holds its weights as text and its types in SPEC.json. The score is the sum of the squares of the
outputs, each square and the sum of type ap_ufixed<18,14>: computeLoss in AXOL1TL_v1/GTADModel_emulator_v1.cpp, resultsq_t in
AXOL1TL_v1/NN/defines.h of github.com/cms-hls4ml/AXOL1TL.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from kaon.fixed import Fixed
from kaon.graph import Graph, Node, Port

SQUARES = Fixed(18, 14, False)
MODES = {"AP_RND_CONV": "round_conv", "AP_SAT": "saturate"}


def type_of(text: str) -> Fixed:
    unsigned, width, integer, rounding, overflow = re.fullmatch(r"ap_(u?)fixed<(\d+),(\d+)(?:,(\w+),(\w+))?>", text).groups()
    return Fixed(int(width), int(integer), not unsigned, MODES.get(rounding, "truncate"), MODES.get(overflow, "wrap"))


def numbers(path: Path, shape: list[int]) -> np.ndarray:
    return np.array(path.read_text().split(","), np.float32).reshape(shape)


def axol1tl(folder: Path) -> Graph:
    """Returns the graph: 57 inputs, the outputs 'mu' [13] and 'score' [1]."""
    spec = json.loads((folder / "SPEC.json").read_text())["AXOL1TL_v1"]
    nodes: list[Node] = []
    value = "candidates"
    for number, layer in enumerate(spec["layers"]):
        output = "mu" if layer is spec["layers"][-1] else f"value_{number}"
        types = {"result": type_of(layer["result_t"])}
        if "dense" in layer:
            tensors = {"weights": numbers(folder / layer["weights"], layer["dense"]), "bias": numbers(folder / layer["bias"], layer["dense"][1:])}
            types |= {"weights": type_of(layer["weight_t"]), "bias": type_of(layer["bias_t"]), "accumulator": type_of(layer["accum_t"])}
            nodes.append(Node("dense", [value], output, f"dense_{number}", tensors, types=types))
        else:
            nodes.append(Node("relu" if "relu" in layer else "identity", [value], output, types=types))
        value = output
    nodes.append(Node("multiply", ["mu", "mu"], "squares", "squares", types={"result": SQUARES}))
    ones = {"weights": np.ones((13, 1), np.float32), "bias": np.zeros(1, np.float32)}
    nodes.append(Node("dense", ["squares"], "score", "sum", ones, types={"weights": Fixed(1, 1, False), "accumulator": SQUARES}))
    inputs = [Port("candidates", (57,), scalar=str(type_of(spec["input"].split(" x ")[1])))]
    return Graph(inputs, [Port("mu", (13,)), Port("score", (1,))], nodes, "AXOL1TL_v1")


def vectors(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns 500 rows: raw inputs [57], raw outputs [13] of the firmware, and raw scores [1] by its formula from those outputs."""
    rows = np.loadtxt(folder / "vectors_raw_int.csv", delimiter=",", dtype=np.int64, comments="#")
    given, mu = rows[:, :57], rows[:, 57:]
    scores = [sum((int(m) * int(m) >> 2) % (1 << 18) for m in row) % (1 << 18) for row in mu]
    return given, mu, np.array(scores)[:, None]
