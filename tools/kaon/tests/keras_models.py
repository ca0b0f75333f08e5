"""Keras 3 `.keras` files for the tests, written by hand as Keras writes them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}


def layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    inner = {"name": name, "trainable": True, "dtype": POLICY, **config}
    return {"module": "keras.layers", "class_name": class_name, "config": inner, "registered_name": None}


def input_layer(features: int, name: str = "features") -> dict[str, Any]:
    inner = {"batch_shape": [None, features], "dtype": "float32", "sparse": False, "ragged": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": inner, "registered_name": None}


def dense(name: str, units: int, activation: str = "linear", use_bias: bool = True) -> dict[str, Any]:
    return layer("Dense", name, units=units, activation=activation, use_bias=use_bias, quantization_config=None)


def sequential(layers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": layers}, "registered_name": None}


def functional(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns a chain as a Functional model."""
    entries = []
    for i, entry in enumerate(layers):
        before = layers[i - 1]["config"]["name"]
        tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 1], "keras_history": [before, 0, 0]}}
        nodes = [{"args": [tensor], "kwargs": {}}] if i else []
        entries.append(entry | {"name": entry["config"]["name"], "inbound_nodes": nodes})
    names = [entry["name"] for entry in entries]
    inner = {"name": "functional", "layers": entries, "input_layers": [[names[0], 0, 0]], "output_layers": [[names[-1], 0, 0]]}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": inner, "registered_name": "Functional"}


def h5_bytes(tensors: list[list[np.ndarray]]) -> bytes:
    """Returns model.weights.h5: layers/dense, layers/dense_1, ... whatever the layers' names."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for i, pair in enumerate(tensors):
            group = file.create_group(f"layers/dense_{i}/vars" if i else "layers/dense/vars")
            for j, array in enumerate(pair):
                group.create_dataset(str(j), data=array)
        file.create_group("vars")
    return buffer.getvalue()


def save(path: Path, config: Any, tensors: list[list[np.ndarray]] | bytes, **members: str | bytes) -> Path:
    data = tensors if isinstance(tensors, bytes) else h5_bytes(tensors)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", members.get("metadata", '{"keras_version": "3.15.1"}'))
        archive.writestr("config.json", config if isinstance(config, (str, bytes)) else json.dumps(config))
        archive.writestr("model.weights.h5", data)
    return path


def weights(generator: np.random.Generator, *sizes: int) -> list[list[np.ndarray]]:
    return [
        [generator.standard_normal((i, o)).astype(np.float32), generator.standard_normal(o).astype(np.float32)]
        for i, o in zip(sizes, sizes[1:])
    ]
