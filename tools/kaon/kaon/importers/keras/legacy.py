"""HDF5 files of whole models (`.h5` of Keras 1 to 3), and architectures in JSON with their weights in another file."""

from __future__ import annotations

from kaon.error import Refused
from kaon.fields import Field, parse
from kaon.graph import Graph
from kaon.importers.hdf5 import read_legacy
from kaon.importers.keras.architecture import calls_of
from kaon.importers.keras.layers import build
from kaon.importers.keras.weights import from_groups, from_names


def read_hdf5(place: str, data: bytes) -> Graph:
    """Reads the bytes of an .h5 file that holds architecture and weights."""
    stored = read_legacy(place, data)
    if stored.config is None:
        cause = "it holds weights alone" if stored.layers or stored.has_groups else "it holds no Keras model"
        raise Refused(place, cause, "give the architecture's .json, with --weights for this file")
    config = parse(f"{place}: model_config", stored.config.encode("utf-8", "surrogateescape"))
    model = calls_of(config)
    return build(place, config, model, from_names(place, model, stored.layers), Field(place, {}), stored.version)


def read_architecture(place: str, data: bytes, weights_place: str, weights: bytes) -> Graph:
    """Reads an architecture (`model.to_json()`) and the weights of `model.save_weights()`, of Keras 2 or Keras 3."""
    config = parse(place, data)
    if not isinstance(config.value, dict) or not config.has("class_name"):
        raise Refused(place, "it is no Keras architecture", "give what model.to_json() wrote")
    if isinstance(config["config"].value, str):  # what some writers nest once more
        config = Field(place, config.value | {"config": parse(f"{place}.config", config["config"].text().encode()).value})
    model = calls_of(config)
    stored = read_legacy(weights_place, weights)
    if stored.has_groups:
        tensors = from_groups(weights_place, weights, model)
    else:
        tensors = from_names(weights_place, model, stored.layers)
    # Keras 3 names modules; those before it name themselves.
    version = "3" if config.has("module") else config["keras_version"].text() if config.has("keras_version") else ""
    return build(place, config, model, tensors, Field(place, {}), version)
