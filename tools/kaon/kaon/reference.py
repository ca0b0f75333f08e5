"""The framework that a model came from, as a reference, where it is installed: ONNX Runtime for ONNX, qonnx for QONNX, a forest's trainer."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kaon import trainers
from kaon.package import Package


def source_outputs(package: Package, events: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray] | None, str]:
    """Returns the source framework's outputs [rows][...] by name and its own; None and the reason where it cannot run here.

    events: for each input an array [rows][...].
    """
    if package.source_kind in trainers.NAMES:
        module, name, outputs = package.source_kind, trainers.NAMES[package.source_kind], trainers.outputs
    elif package.source_kind != "onnx":
        return None, f"the source is {package.source_kind}: no runtime of it is used"
    elif is_qonnx(package):
        module, name, outputs = "qonnx", "qonnx", qonnx_outputs
    else:
        module, name, outputs = "onnxruntime", "ONNX Runtime", onnx_outputs
    if importlib.util.find_spec(module) is None:
        return None, f"{module} is not installed"
    try:
        return outputs(package, events), name
    except Exception as error:  # exceptions of neither share a public base class
        return None, f"{name} cannot run the source ({error})"


def is_qonnx(package: Package) -> bool:
    """Whether the source has operators of QONNX, which ONNX Runtime does not know."""
    from kaon.importers.onnx import parsed
    from kaon.importers.onnx_quant import DOMAINS

    source = package.file("source")
    return any(node.domain in DOMAINS for node in parsed(source.name, source.read_bytes()).graph.node)


def qonnx_outputs(package: Package, events: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Runs QONNX's reference executor, which computes in float32, on all rows at once."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    model = ModelWrapper(str(package.file("source")))
    for name, array in events.items():
        model.set_tensor_shape(name, list(array.shape))
    results = execute_onnx(model.transform(InferShapes()), {name: array.astype(np.float32) for name, array in events.items()})
    return {port.name: results[port.name] for port in package.graph.outputs}


def onnx_outputs(package: Package, events: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Runs ONNX Runtime on one thread, in batches of the size that the source fixes (padded at the end)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = str(package.file("source"))
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    ports = session.get_inputs()
    floats = {port.name for port in ports if port.type == "tensor(float)"}
    events = {name: array.astype(np.float32) if name in floats else array for name, array in events.items()}
    names = [port.name for port in package.graph.outputs]
    rows = len(next(iter(events.values())))
    if len(ports[0].shape) == 1:
        parts = [session.run(names, {name: array[row] for name, array in events.items()}) for row in range(rows)]
        return {name: np.stack(column) for name, column in zip(names, zip(*parts))}
    fixed = next((port.shape[0] for port in ports if port.shape and isinstance(port.shape[0], int)), None)
    batch = rows if fixed is None else fixed
    padded = {name: np.concatenate([a, np.zeros((-rows % batch, *a.shape[1:]), a.dtype)]) for name, a in events.items()}
    read = {port.name for port in ports}
    steps = range(0, rows, batch)
    parts = [session.run(names, {n: a[i : i + batch] for n, a in padded.items() if n in read}) for i in steps]
    return {name: np.concatenate([as_array(part) for part in column])[:rows] for name, column in zip(names, zip(*parts))}


def as_array(values: np.ndarray | list[dict[object, float]]) -> np.ndarray:
    """Returns what a session gives as an array: ZipMap gives a dictionary of classes for each row."""
    return values if isinstance(values, np.ndarray) else np.array([list(row.values()) for row in values], np.float32)


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

    from kaon.importers.trees.onnx_ensembles import scores_alone

    model = onnx.load(source)
    scores_alone(model)
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
