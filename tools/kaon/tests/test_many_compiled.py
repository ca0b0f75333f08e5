"""Two hundred random graphs as C++, twenty a translation unit, in one program: single events and batches against ONNX Runtime."""

from __future__ import annotations

import os

import numpy as np
import pytest

import kaon
import random_graphs
from many_compiled import ROWS, avx2, write_events, wrong

onnxruntime = pytest.importorskip("onnxruntime")
COUNT = int(os.environ.get("KAON_GRAPHS", "200"))


@pytest.mark.skipif(not avx2(), reason="this processor lacks avx2")
def test_many_random_graphs(tmp_path):
    expected: dict[str, dict[str, np.ndarray]] = {}
    for seed in range(1000, 1000 + COUNT):
        name = f"g{seed}"
        inputs, outputs = random_graphs.write(tmp_path / f"{name}.onnx", seed)
        package = kaon.convert(tmp_path / f"{name}.onnx", tmp_path / name, name=name)
        random = np.random.default_rng(seed)
        events = {key: random.standard_normal((ROWS, size)).astype(np.float32) for key, size in inputs.items()}
        write_events(tmp_path, package, events)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(str(tmp_path / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
        read = {port.name for port in session.get_inputs()}
        results = session.run(outputs, {key: value for key, value in events.items() if key in read})
        by_name = dict(zip(outputs, results))
        expected[name] = {port.name: by_name[port.name] for port in package.graph.outputs}
    assert not wrong(tmp_path, expected)
