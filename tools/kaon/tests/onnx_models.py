"""ONNX models for the tests, made with onnx.helper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = list[int | str | None] | None
DYNAMIC: Shape = ["batch", 6]


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray] | None = None,
    input_shape: Shape = DYNAMIC,
    output_shape: Shape = None,
    opset: int = 17,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Writes a model that reads x and writes y."""
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in (("x", input_shape), ("y", output_shape))]
    initializers = [numpy_helper.from_array(a, n) for n, a in (constants or {}).items()]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    if metadata:
        helper.set_model_props(model, metadata)
    path.write_bytes(model.SerializeToString())
    return path


def f32(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, dtype=np.float32)


def mlp(path: Path, generator: np.random.Generator, sizes: tuple[int, ...] = (6, 9, 4), **options) -> Path:
    """Writes Gemm layers with ReLU between them and softmax at the end, named fc0, relu0, ..., softmax."""
    nodes, constants, value = [], {}, "x"
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        constants |= {f"W{i}": f32(generator.standard_normal((inputs, outputs))), f"b{i}": f32(generator.standard_normal(outputs))}
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"b{i}"], [f"h{i}"], name=f"fc{i}"))
        value = f"h{i}"
        if i < len(sizes) - 2:
            nodes.append(helper.make_node("Relu", [value], [f"r{i}"], name=f"relu{i}"))
            value = f"r{i}"
    nodes.append(helper.make_node("Softmax", [value], ["y"], name="softmax", axis=-1))
    options.setdefault("input_shape", ["batch", sizes[0]])
    return save(path, nodes, constants, **options)


def outputs_of(path: Path, rows: np.ndarray, fixed: int | None = None) -> np.ndarray:
    """Returns what ONNX Runtime gives for rows; fixed: the batch that the model asks for, 0 where it has no batch axis."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    if fixed is None:
        return session.run(None, {"x": rows})[0]
    if fixed == 0:
        return np.stack([session.run(None, {"x": row})[0] for row in rows])
    return np.concatenate([session.run(None, {"x": rows[i : i + fixed]})[0] for i in range(0, len(rows), fixed)])
