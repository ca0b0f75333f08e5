"""TMVA's weight files: XML, plain or compressed by gzip, of the methods BDT and MLP.

A reader of TMVA computes what read_tmva's graph does: transformations of variables, trees or neurons, the response. Spectators are
in the files and have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable

from kaon.error import Refused, one_line
from kaon.graph import Graph
from kaon.importers.trees.tmva_bdt import read_bdt
from kaon.importers.trees.tmva_mlp import read_mlp
from kaon.importers.trees.tmva_setup import Setup, read_setup
from kaon.importers.trees.tmva_xml import Reader, beginning, parse_xml, unpacked

METHODS: dict[str, Callable[[Setup], Graph]] = {"BDT": read_bdt, "MLP": read_mlp}


def is_tmva(data: bytes) -> bool:
    """Whether a file is XML, or XML compressed by gzip."""
    return beginning(data).removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<?xml", b"<MethodSetup"))


def read_tmva(place: str, data: bytes) -> Graph:
    """Reads a model. Refuses, with the path of the field, what is none and what cannot be converted."""
    root = parse_xml(place, unpacked(place, data))
    if root.name != "MethodSetup":
        raise Refused(place, f"the file is XML, but its root is {one_line(root.name, 40)}, not the MethodSetup of TMVA", "give a weight file of TMVA")
    reader = Reader(place, root)
    method = reader.attribute(root, "Method").partition("::")[0]
    if method not in METHODS:
        cause = f"the method {one_line(method, 40)} is not supported"
        raise reader.refuse(root, cause, f"convert a method of type {' or '.join(METHODS)}", "Method")
    return METHODS[method](read_setup(reader))
