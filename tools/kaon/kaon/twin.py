"""A model in fixed point as the same network in floating point."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from kaon.forest import join_leaves
from kaon.graph import INTEGERS, Graph
from kaon.header import header
from kaon.manifest import network_hash
from kaon.package import Package
from kaon.weights import weight_file


@contextmanager
def float_twin(package: Package) -> Iterator[Package]:
    """Yields a model with the same layers and the same values of its weights in float32, nothing rounded; a model in float or double as it is."""
    if package.scalar != "fixed":
        yield package
        return
    graph = in_float(package.graph)
    source = package.manifest["source"]
    with tempfile.TemporaryDirectory(prefix="kaon-float-") as folder:
        directory = Path(folder)
        text = header(package.name, graph, source["file"].text(), source["sha256"].text())
        for role, data in (("header", text.encode()), ("weights", weight_file(graph, network_hash(graph)))):
            (directory / package.file(role).name).write_bytes(data)
        yield Package(directory, package.name, graph, package.manifest)


def in_float(graph: Graph) -> Graph:
    """Returns a copy of a graph without its types."""
    result = copy.deepcopy(graph)
    for port in (*result.inputs, *result.outputs):
        port.scalar = "float" if port.type else port.scalar
    for node in result.nodes:
        if node.kind == "forest":
            join_leaves(node)
        node.tensors = {key: tensor if key in INTEGERS else node.values(key).astype(np.float32) for key, tensor in node.tensors.items()}
        node.types, node.tables, node.variant, node.tile = {}, {}, "", None
    return result
