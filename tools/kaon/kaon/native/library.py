"""A compiled model, called from Python."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kaon.error import Failed
from kaon.native.compiler import compile_model
from kaon.package import Package

MESSAGE_SIZE = 1024


class CompiledModel:
    """One model in one shared library. weights: 'constant' (in the type) or 'file' (read from NAME.safetensors)."""

    def __init__(self, package: Package, weights: str = "constant") -> None:
        self.package = package
        self.library = ctypes.CDLL(str(compile_model(package, weights == "file")))
        self.prepare(package.file("weights"))

    def prepare(self, weights: Path) -> None:
        message = ctypes.create_string_buffer(MESSAGE_SIZE)
        if self.library.kaon_prepare(str(weights).encode(), message, ctypes.c_size_t(MESSAGE_SIZE)) != 0:
            raise Failed(weights, message.value.decode(errors="replace"), "convert the model again")
        graph = self.package.graph
        expected = [port.size for port in (*graph.inputs, *graph.outputs)]
        sizes = (ctypes.c_size_t * len(expected))()
        count = self.library.kaon_sizes(sizes, ctypes.c_size_t(len(expected)))
        if count != len(expected) or list(sizes) != expected:
            raise Failed(weights, f"the compiled model has sizes {list(sizes)}, the manifest {expected}", "convert the model again")
        formats = np.empty((len(expected), 3), np.int64)
        self.library.kaon_formats(ctypes.c_void_p(formats.ctypes.data))
        types = [p.type for p in (*graph.inputs, *graph.outputs)]
        wanted = [[t.fraction, t.width, int(t.is_signed)] if t else [0, 0, 0] for t in types]
        if formats.tolist() != wanted:
            cause = f"the compiled model has the formats {formats.tolist()} (fraction, width, sign), the manifest {wanted}"
            raise Failed(weights, cause, "convert the model again")

    def __call__(self, events: Mapping[str, np.ndarray], batch: int | None = None) -> dict[str, np.ndarray]:
        """Runs rows of events: for each input [rows][...] of its scalar in, for each output float32 [rows][...] out, float64 of a model in double.

        Fixed-point numbers go in and come out as raw integers, int64.
        batch: None runs one event at a time; a number runs the batch call over that many rows.
        """
        graph = self.package.graph
        inputs = [np.ascontiguousarray(events[port.name], np.int64 if port.type else port.dtype) for port in graph.inputs]
        rows = len(inputs[0])
        outputs = {port.name: np.empty((rows, *port.shape), np.int64 if port.type else port.dtype) for port in graph.outputs}
        pointers = [pointer_array(inputs), pointer_array(list(outputs.values()))]
        if batch is None:
            self.library.kaon_run_single(*pointers, ctypes.c_size_t(rows))
        else:
            self.library.kaon_run_batch(*pointers, ctypes.c_size_t(rows), ctypes.c_size_t(min(batch, max(1, rows))))
        return outputs


def pointer_array(arrays: list[np.ndarray]) -> ctypes.Array:
    """Returns what C takes as an array of pointers."""
    return (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
