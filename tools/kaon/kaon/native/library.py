"""A compiled model, called from Python."""

from __future__ import annotations

import ctypes
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
        self.library.kaon_input_size.restype = ctypes.c_size_t
        self.library.kaon_output_size.restype = ctypes.c_size_t
        self.prepare(package.file("weights"))

    def prepare(self, weights: Path) -> None:
        message = ctypes.create_string_buffer(MESSAGE_SIZE)
        if self.library.kaon_prepare(str(weights).encode(), message, ctypes.c_size_t(MESSAGE_SIZE)) != 0:
            raise Failed(weights, message.value.decode(errors="replace"), "convert the model again")
        sizes = (self.library.kaon_input_size(), self.library.kaon_output_size())
        expected = (self.package.graph.inputs[0].shape[0], self.package.graph.outputs[0].shape[0])
        if sizes != expected:
            raise Failed(weights, f"the compiled model has sizes {sizes}, the manifest {expected}", "convert the model again")

    def __call__(self, events: np.ndarray, batch: int | None = None) -> np.ndarray:
        """Runs rows of events: float32 [rows][features] in, float32 [rows][outputs] out.

        batch: None runs one event at a time; a number runs the batch call over that many rows.
        """
        inputs = np.ascontiguousarray(events, dtype=np.float32)
        outputs = np.empty((len(inputs), self.package.graph.outputs[0].shape[0]), np.float32)
        pointers = [a.ctypes.data_as(ctypes.POINTER(ctypes.c_float)) for a in (inputs, outputs)]
        rows = ctypes.c_size_t(len(inputs))
        if batch is None:
            self.library.kaon_run_single(*pointers, rows)
        else:
            self.library.kaon_run_batch(*pointers, rows, ctypes.c_size_t(min(batch, max(1, len(inputs)))))
        return outputs
