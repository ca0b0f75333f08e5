"""Keras models of Keras 1 to 3, read without Keras.

- archive.py: `.keras` files (Keras 3), a zip archive of the architecture and the weights;
- legacy.py: `.h5` files of whole models, and weights that belong to an architecture in JSON (`.json` + `.h5`);
- architecture.py: the configuration as a list of calls, nested models and shared layers written out;
- weights.py: which stored tensors belong to which layer;
- layers.py: one function a layer: its nodes in the graph.
"""

from __future__ import annotations

from kaon.importers.keras.archive import read_keras
from kaon.importers.keras.legacy import read_architecture, read_hdf5

__all__ = ["read_architecture", "read_hdf5", "read_keras"]
