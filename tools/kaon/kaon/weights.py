"""The weight file: safetensors with LAYER.weights [in][out] and LAYER.bias [out], float32, or in fixed point raw integers."""

from __future__ import annotations

import numpy as np
import safetensors.numpy

from kaon.error import Refused
from kaon.graph import Graph


def weight_file(graph: Graph, network_hash: str) -> bytes:
    """Returns the bytes of NAME.safetensors. network_hash: manifest.network_hash, which a program may ask for when it loads them."""
    metadata = {"network_sha256": network_hash}  # one entry: the library writes several in a random order
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in graph.stored_parameters()}
    return safetensors.numpy.save(tensors, metadata)


def read_weights(place: str, data: bytes) -> dict[str, np.ndarray]:
    """Returns the tensors of a weight file by name. Refuses a damaged file."""
    try:
        return safetensors.numpy.load(data)
    except Exception as error:  # the library's own exception class is not public in every release
        raise Refused(place, f"the weight file is damaged ({error})", "convert the model again") from error
