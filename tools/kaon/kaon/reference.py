"""The framework that a model came from, as a reference: ONNX Runtime for ONNX sources, where it is installed."""

from __future__ import annotations

import importlib.util

import numpy as np

from kaon.package import Package


def source_outputs(package: Package, events: np.ndarray) -> tuple[np.ndarray | None, str]:
    """Returns the source framework's outputs [rows][...] and its name; None and the reason where it cannot run here."""
    if package.source_kind != "onnx":
        return None, f"the source is {package.source_kind}: no runtime of it is used"
    if importlib.util.find_spec("onnxruntime") is None:
        return None, "onnxruntime is not installed"
    try:
        return onnx_outputs(package, events), "ONNX Runtime"
    except Exception as error:  # ONNX Runtime's exceptions share no public base class
        return None, f"ONNX Runtime cannot run the source ({error})"


def onnx_outputs(package: Package, events: np.ndarray) -> np.ndarray:
    """Runs ONNX Runtime on one thread, in batches of the size that the source fixes (padded at the end)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = str(package.file("source"))
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    if len(port.shape) == 1:
        return np.stack([session.run(None, {port.name: row})[0] for row in events])
    batch = port.shape[0] if port.shape and isinstance(port.shape[0], int) else len(events)
    padding = np.zeros((-len(events) % batch, events.shape[1]), np.float32)
    padded = np.concatenate([events, padding])
    parts = [session.run(None, {port.name: padded[i : i + batch]})[0] for i in range(0, len(padded), batch)]
    return np.concatenate(parts)[: len(events)]
