"""XGBoost's binary format, which it wrote up to version 2: little-endian, by default without a suffix or as .bin, .model, .deprecated.

"binf" or nothing; the learner's parameters [136 bytes]; the names of objective and booster; the booster's parameters [160]; of each
tree its parameters [148], nodes [20 each] and statistics [16 each]; the class of each tree; of dart the weight of each tree.
What follows, attributes for training, is not read.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from kaon.error import Refused, one_line

MAGIC = b"binf"
LEARNER, BOOSTER, TREE, STATISTICS = 136, 160, 148, 16
NODE = np.dtype([("parent", "<i4"), ("left", "<i4"), ("right", "<i4"), ("feature", "<u4"), ("value", "<f4")])
DEFAULT_LEFT, DELETED = 1 << 31, (1 << 32) - 1
"""Of a node's feature: the highest bit, and what marks a node that was taken out of the tree."""
LONGEST_NAME = 64
BOOSTERS = (b"gbtree", b"gblinear", b"dart")
OLD_NAME = 0xFFFFFFFF
"""A name as long as this begins four bytes later: the first versions padded the learner's parameters."""


def is_xgboost_binary(data: bytes) -> bool:
    """Whether two names, the second one of a booster, stand behind the learner's parameters."""
    try:
        reader = Reader("", data)
        reader.learner()
        return reader.name() in BOOSTERS
    except Refused:
        return False


def parse_binary(place: str, data: bytes) -> Any:
    """Returns what a file holds as XGBoost's JSON has it; refuses what was cut or damaged. Takes memory in proportion to the file.

    Before version 1 the base score is a margin: its version is [0, 0, 0] then.
    """
    reader = Reader(place, data)
    base, features, classes, version, targets, objective = reader.learner()
    booster = reader.name().decode()
    trees = struct.unpack_from("<i", reader.take(BOOSTER, "the booster's parameters"))[0]
    if not 0 <= trees <= len(data) // (TREE + NODE.itemsize + STATISTICS):
        raise reader.refuse(f"it is to have {trees} trees")
    listed = [reader.tree(number, version) for number in range(trees if booster != "gblinear" else 0)]
    classes_of = reader.numbers("<i4", len(listed), "the classes of the trees").tolist()
    tree_model = {"trees": listed, "tree_info": classes_of}
    model: dict[str, Any] = {"name": booster, "model": tree_model}
    if booster == "dart":
        count = struct.unpack("<Q", reader.take(8, "the number of weights"))[0]
        weights = reader.numbers("<f4", count, "the weights of the trees").tolist()
        model = {"name": booster, "gbtree": {"name": "gbtree", "model": tree_model}, "weight_drop": weights}
    parameters = {"base_score": repr(base), "num_feature": str(features), "num_class": str(classes), "num_target": str(targets)}
    learner = {"learner_model_param": parameters, "gradient_booster": model, "objective": {"name": objective}}
    return {"version": list(version), "learner": learner}


class Reader:
    """The bytes of a file, and where reading stands."""

    def __init__(self, place: str, data: bytes) -> None:
        self.place, self.data = place, data
        self.at = len(MAGIC) if data.startswith(MAGIC) else 0

    def refuse(self, cause: str) -> Refused:
        return Refused(f"{self.place}, byte {self.at}", f"it is no valid binary model of XGBoost: {cause}", "copy the file or save the model again")

    def take(self, count: int, what: str) -> bytes:
        if not 0 <= count <= len(self.data) - self.at:
            raise self.refuse(f"{what} take {count} bytes, {len(self.data) - self.at} are there")
        self.at += count
        return self.data[self.at - count : self.at]

    def numbers(self, kind: str, count: int, what: str) -> np.ndarray:
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize, what), kind)

    def name(self) -> bytes:
        length = struct.unpack("<Q", self.take(8, "the length of a name"))[0]
        if length >= OLD_NAME:
            length = length >> 32
            self.take(4, "the length of a name")
        if not 0 < length <= LONGEST_NAME:
            raise self.refuse(f"a name has {length} bytes")
        found = self.take(length, "a name")
        if not found.isascii() or not all(32 < c < 127 for c in found):
            raise self.refuse(f"a name is {one_line(found, 30)}")
        return found

    def learner(self) -> tuple[float, int, int, tuple[int, int, int], int, str]:
        """Returns base score, features, classes, version, targets and the name of the objective."""
        base, features, classes, _, _, major, minor, targets = struct.unpack_from("<fIi2iIII", self.take(LEARNER, "the learner's parameters"))
        return base, features, classes, (major, minor, 0), max(1, targets) if major > 0 else 1, self.name().decode()

    def tree(self, number: int, version: tuple[int, int, int]) -> dict[str, Any]:
        """Returns one tree as JSON has it."""
        roots, count, _, _, _, vector = struct.unpack_from("<6i", self.take(TREE, f"the parameters of tree {number}"))
        if roots != 1:
            raise self.refuse(f"tree {number} has {roots} roots, which is not supported")
        if vector > 1 or (version[0] < 1 and vector != 0):
            raise self.refuse(f"tree {number} has leaves of {vector} numbers, which are not supported")
        if count < 1:
            raise self.refuse(f"tree {number} has {count} nodes")
        if count > (len(self.data) - self.at) // (NODE.itemsize + STATISTICS):
            raise self.refuse(f"tree {number} is to have {count} nodes, {len(self.data) - self.at} bytes are there")
        nodes = self.numbers(NODE.descr, count, f"the nodes of tree {number}")
        self.take(count * STATISTICS, f"the statistics of tree {number}")
        deleted = nodes["feature"] == DELETED
        leaf = (nodes["left"] == -1) & ~deleted
        gone = -2  # no node: one that leads to it is refused
        return {
            "left_children": np.where(deleted, gone, nodes["left"]).tolist(),
            "right_children": np.where(deleted, gone, np.where(leaf, -1, nodes["right"])).tolist(),
            "split_indices": np.where(leaf | deleted, 0, nodes["feature"] & (DEFAULT_LEFT - 1)).tolist(),
            "split_conditions": np.where(deleted, 0, nodes["value"]).tolist(),
            "default_left": (~leaf & ~deleted & (nodes["feature"] >= DEFAULT_LEFT)).astype(int).tolist(),
            "tree_param": {"size_leaf_vector": "0"},
        }
