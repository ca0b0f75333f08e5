"""The weight file: safetensors with LAYER.weights [in][out] and LAYER.bias [out], float32, or in fixed point raw integers."""

from __future__ import annotations

import json

import numpy as np
import safetensors.numpy

from kaon.error import Refused
from kaon.graph import Graph


LINKS = ("sigmoid", "softmax", "exponential", "tanh")
"""Layers that may follow a forest whose shape is known when it is loaded: kaon::forest_link."""


def weight_file(graph: Graph, network_hash: str) -> bytes:
    """Returns the bytes of NAME.safetensors. network_hash: manifest.network_hash, which a program may ask for when it loads them."""
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in graph.stored_parameters()}
    metadata = {"network_sha256": network_hash, **lone_forest(graph)}
    return with_metadata(safetensors.numpy.save(tensors), metadata)


def lone_forest(graph: Graph) -> dict[str, str]:
    """Returns what kaon::loaded_forest has to know beside the tensors, where a graph is one forest in floating point with or without a link."""
    forest, *rest = graph.nodes or [None]
    if forest is None or forest.kind != "forest" or len(rest) > 1 or len(graph.inputs) != 1 or len(graph.outputs) != 1 or graph.is_fixed:
        return {}
    link = rest[0].kind if rest else "none"
    if rest and link not in LINKS:
        return {}
    return {"forest.features": str(graph.inputs[0].size), "forest.link": link, "forest.split": "<=" if forest.numbers["or_equal"] else "<"}


def with_metadata(data: bytes, metadata: dict[str, str]) -> bytes:
    """Returns a safetensors file with metadata in order: the library writes several entries in a random one."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.dumps({"__metadata__": dict(sorted(metadata.items())), **json.loads(data[8:end])}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data[end:]


def read_weights(place: str, data: bytes) -> dict[str, np.ndarray]:
    """Returns the tensors of a weight file by name. Refuses a damaged file."""
    try:
        return safetensors.numpy.load(data)
    except Exception as error:  # the library's own exception class is not public in every release
        raise Refused(place, f"the weight file is damaged ({error})", "convert the model again") from error
