"""The framework that a model came from, as a reference: ONNX Runtime for ONNX sources, where it is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

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


def onnxruntime_library() -> Path | None:
    """The shared library inside the installed onnxruntime wheel."""
    found = importlib.util.find_spec("onnxruntime")
    if found is None or found.origin is None:
        return None
    libraries = sorted((Path(found.origin).parent / "capi").glob("libonnxruntime.so*"))
    return libraries[0] if libraries else None


def write_dynamic_batch(source: Path, target: Path, rows: int | str = "rows") -> tuple[str, str] | None:
    """Writes a copy of an ONNX model whose first axis is ``rows``; returns the names of its input and output.

    None where it has several inputs or outputs or no batch axis, or where onnx is not installed.
    """
    if importlib.util.find_spec("onnx") is None:
        return None
    import onnx

    model = onnx.load(source)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    outputs = list(model.graph.output)
    if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0].type.tensor_type.shape.dim) != 2:
        return None
    for value in (*inputs, *outputs):
        if not value.type.tensor_type.shape.dim:
            continue  # an output without a shape: the runtime infers it
        axis = value.type.tensor_type.shape.dim[0]
        if isinstance(rows, int):
            axis.dim_value = rows
        else:
            axis.dim_param = rows
    names = inputs[0].name, outputs[0].name
    for constant in [value for value in model.graph.input if value.name in constants]:
        model.graph.input.remove(constant)
    del model.graph.value_info[:]
    onnx.save(model, target)
    return names
