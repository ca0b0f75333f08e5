"""Writes another version of the jet tagger: its last layer divided by a temperature (arXiv:1706.04599, section 4.2).

Usage: recalibrate.py MODEL.onnx OUTPUT.onnx [TEMPERATURE]. The softmax becomes flatter above 1; the order of the classes stays.
"""

from __future__ import annotations

import sys

import numpy as np
import onnx
from onnx import numpy_helper

model = onnx.load(sys.argv[1])
temperature = np.float32(sys.argv[3]) if len(sys.argv) > 3 else np.float32(1.5)
last = [node for node in model.graph.node if node.op_type in ("Gemm", "MatMul", "Add")][-1]
initializers = {tensor.name: tensor for tensor in model.graph.initializer}
for name in last.input[1:]:
    initializers[name].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(initializers[name]) / temperature, name))
onnx.save(model, sys.argv[2])
