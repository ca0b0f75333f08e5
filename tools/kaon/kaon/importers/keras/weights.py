"""Which stored tensors belong to which layer: for each layer, by its path, a list in Keras's order."""

from __future__ import annotations

import numpy as np

from kaon.error import Refused
from kaon.fields import Field
from kaon.importers.hdf5 import read_datasets
from kaon.importers.keras.architecture import Layer, Model

Tensors = dict[tuple[str, ...], list[np.ndarray]]


def flag(config: Field, key: str, old: str | None = None) -> bool:
    """Returns a boolean option that is true where it is not given. old: its name in Keras 1."""
    return config.get(old if old is not None and config.has(old) else key, True).flag()


def tensor_count(layer: Layer) -> int:
    """Returns how many tensors of a layer are read."""
    config = layer.config
    if layer.class_name == "Dense":
        return 2 if flag(config, "use_bias", "bias") else 1
    if layer.class_name == "BatchNormalization":
        return 2 + sum(flag(config, key) for key in ("scale", "center"))  # gamma, beta; mean, variance
    if layer.class_name == "LayerNormalization":
        return sum(flag(config, key) for key in ("scale", "center"))
    if layer.class_name == "Normalization":
        return 0 if config.has("mean") else 2  # and a count, which is not read
    return 1 if layer.class_name in ("Embedding", "PReLU") else 0


def with_weights(model: Model) -> dict[tuple[str, ...], Layer]:
    return {call.layer.path: call.layer for call in model.calls if tensor_count(call.layer)}


def from_groups(place: str, data: bytes, model: Model) -> Tensors:
    """Reads the weights of Keras 3, which ignores layers' names: layers/dense_1/vars/0."""
    paths = {
        path: ["/".join((*layer.groups, "vars", str(i))) for i in range(tensor_count(layer))] for path, layer in with_weights(model).items()
    }
    tensors = read_datasets(place, data, [path for group in paths.values() for path in group])
    return {path: [tensors[name] for name in names] for path, names in paths.items()}


def from_names(place: str, model: Model, stored: dict[str, list[tuple[str, np.ndarray]]]) -> Tensors:
    """Reads the weights of Keras 1 and 2: a group for each layer of the outermost model, within it names with the layer's own."""
    result: Tensors = {}
    for path, layer in with_weights(model).items():
        if path[0] not in stored:
            raise Refused(place, f"no weights of layer {path[0]!r}", "give the weights of this model")
        found = [tensor for name, tensor in stored[path[0]] if len(path) == 1 or layer.name in name.split("/")[:-1]]
        count = tensor_count(layer)
        if len(found) < count or (len(found) > count and layer.class_name != "Normalization"):
            cause = f"layer {layer.label!r} has {len(found)} tensors, not {count}"
            raise Refused(place, cause, "give the weights of this model")
        result[path] = found[:count]
    return result
