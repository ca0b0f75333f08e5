"""ONNX Runtime in a process of its own: models that were changed at random take it down now and then."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np


def run(model: bytes, outputs: list[str], events: dict[str, np.ndarray], rows: int) -> list[np.ndarray] | None:
    """Returns what ONNX Runtime gives for equal rows of one event; None where it does not run the model.

    events: of each input one event; it is given as many rows as the model fixes, else `rows`.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        given = {}
        for port in session.get_inputs():
            fixed = port.shape[0] if port.shape and isinstance(port.shape[0], int) else rows
            given[port.name] = events[port.name] if len(port.shape) == 1 else np.repeat(events[port.name][None], fixed, axis=0)
        return session.run(outputs, given)
    except Exception:  # its exceptions share no base class
        return None


class Apart:
    """Runs models one after another; starts another process where one ended."""

    def __init__(self) -> None:
        self.crashes = 0
        self.pool = self.new()

    def new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))

    def run(self, *arguments) -> list[np.ndarray] | None:
        try:
            return self.pool.submit(run, *arguments).result()
        except BrokenProcessPool:
            self.crashes += 1
            self.pool = self.new()
            return None

    def close(self) -> None:
        self.pool.shutdown()
