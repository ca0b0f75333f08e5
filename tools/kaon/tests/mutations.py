"""Changes to whole models that keep the file's form and break its sense: what bit flips never reach."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

SIZES = (0, -1, 1, 2, 3, 5, 1 << 20, (1 << 31) - 1, 1 << 31, 1 << 62, -(1 << 63))
REALS = (0.0, 0.5, 0.5, -0.3, 1.7, -1.0, 1e-45, 1e38, -1e38, math.nan, math.inf, -math.inf)
TYPES = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL, TensorProto.STRING, 77)


class Mutator:
    """Draws one change after another from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def pick(self, items: Any) -> Any:
        items = list(items)
        return items[int(self.random.integers(len(items)))]

    # ONNX

    def onnx(self, original: onnx.ModelProto) -> onnx.ModelProto:
        model = onnx.ModelProto()
        model.CopyFrom(original)
        changes = (self.shape, self.tensor, self.numbers, self.wiring, self.operator, self.attribute, self.nodes, self.ports)
        for _ in range(self.pick((1, 1, 1, 2, 3))):
            self.pick(changes)(model)
        return model

    def shape(self, model: onnx.ModelProto) -> None:
        """The declared shape of an input or output."""
        port = self.pick((*model.graph.input, *model.graph.output))
        dims = port.type.tensor_type.shape.dim
        what = self.random.integers(4)
        if what == 0 or not dims:
            dims.add().dim_value = self.pick(SIZES)
        elif what == 1:
            del dims[int(self.random.integers(len(dims)))]
        elif what == 2:
            port.type.tensor_type.elem_type = self.pick(TYPES)
        else:
            self.pick(dims).dim_value = self.pick(SIZES)

    def tensor(self, model: onnx.ModelProto) -> None:
        """Shape, type or bytes of an initializer."""
        if not model.graph.initializer:
            return
        tensor = self.pick(model.graph.initializer)
        what = self.random.integers(5)
        if what == 0 and tensor.dims:
            tensor.dims[int(self.random.integers(len(tensor.dims)))] = self.pick(SIZES)
        elif what == 1:
            tensor.data_type = self.pick(TYPES)
        elif what == 2:
            tensor.raw_data = tensor.raw_data[: int(self.random.integers(len(tensor.raw_data) + 1))]
        elif what == 3 and len(tensor.dims) > 1:
            tensor.dims[:] = tensor.dims[::-1]
        else:
            tensor.dims.insert(int(self.random.integers(len(tensor.dims) + 1)), 1)

    def numbers(self, model: onnx.ModelProto) -> None:
        """One number of an initializer."""
        if not model.graph.initializer:
            return
        tensor = self.pick(model.graph.initializer)
        try:
            array = numpy_helper.to_array(tensor).copy()
        except Exception:  # a change before this one left it unreadable
            return
        if array.size and array.dtype in (np.float32, np.int64):
            array.flat[int(self.random.integers(array.size))] = self.pick(REALS if array.dtype == np.float32 else SIZES)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))

    def wiring(self, model: onnx.ModelProto) -> None:
        """What a node reads or what it writes."""
        if not model.graph.node:
            return
        node = self.pick(model.graph.node)
        names = ["", "nobody", *(n for node in model.graph.node for n in node.output), *(t.name for t in (*model.graph.initializer, *model.graph.input))]
        what = self.random.integers(6)
        if what == 0:
            node.input.append(self.pick(names))
        elif what == 1 and node.input:
            del node.input[int(self.random.integers(len(node.input)))]
        elif what == 2 and node.output:
            node.output[int(self.random.integers(len(node.output)))] = self.pick(names)
        elif node.input:
            node.input[int(self.random.integers(len(node.input)))] = self.pick(names)

    def operator(self, model: onnx.ModelProto) -> None:
        if not model.graph.node:
            return
        from kaon.importers.onnx import OPERATORS

        node = self.pick(model.graph.node)
        alike = ("Relu", "Tanh", "Elu", "Selu", "Softplus", "Identity", "Add", "Sub", "Mul", "Sum", "Concat", "Softmax")
        node.op_type = self.pick((*OPERATORS, *alike, *alike, "Erf", "Pow", "Loop", ""))
        if self.random.random() < 0.05:
            node.domain = "ai.onnx.ml"

    def attribute(self, model: onnx.ModelProto) -> None:
        nodes = [node for node in model.graph.node if node.attribute]
        if not nodes or self.random.random() < 0.3:
            if model.graph.node:
                key = self.pick(("axis", "axes", "alpha", "beta", "transA", "transB", "epsilon", "to", "perm", "split", "keepdims", "value"))
                value = self.pick((*SIZES, *REALS, [0, 1], [-1], "tanh"))
                self.pick(model.graph.node).attribute.append(helper.make_attribute(key, value))
            return
        attribute = self.pick(self.pick(nodes).attribute)
        if attribute.type == AttributeProto.INT:
            attribute.i = self.pick(SIZES)
        elif attribute.type == AttributeProto.FLOAT:
            attribute.f = self.pick(REALS)
        elif attribute.type == AttributeProto.INTS and attribute.ints:
            attribute.ints[int(self.random.integers(len(attribute.ints)))] = self.pick(SIZES)
        else:
            attribute.type = self.pick((AttributeProto.INT, AttributeProto.FLOAT, AttributeProto.TENSOR, AttributeProto.GRAPH))

    def nodes(self, model: onnx.ModelProto) -> None:
        if not model.graph.node:
            return
        at = int(self.random.integers(len(model.graph.node)))
        if self.random.random() < 0.5:
            del model.graph.node[at]
        else:
            model.graph.node.append(model.graph.node[at])

    def ports(self, model: onnx.ModelProto) -> None:
        list_of = self.pick((model.graph.input, model.graph.output, model.graph.initializer, model.opset_import))
        if not list_of:
            return
        at = int(self.random.integers(len(list_of)))
        what = self.random.integers(3)
        if list_of is model.opset_import:
            list_of[at].version = self.pick((*SIZES, 9, 10, 11, 12, 13, 18, 20, 24))
        elif what == 0:
            del list_of[at]
        elif what == 1:
            list_of.append(list_of[at])
        else:
            list_of[at].name = self.pick(("", "y", *(t.name for t in list_of)))

    # JSON

    def json(self, original: Any) -> Any:
        """A JSON value with a few of its parts exchanged, dropped, repeated or replaced."""
        value = copy.deepcopy(original)
        for _ in range(int(self.random.integers(1, 4))):
            places = list(parts(value))
            if not places:
                break
            holder, key = self.pick(places)
            what = self.random.integers(5)
            if what == 0:
                del holder[key]
            elif what == 1 and isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            elif what == 2:
                other, at = self.pick(places)
                holder[key] = copy.deepcopy(other[at])
            else:
                holder[key] = self.pick((None, True, -1, 0, 3, 2**70, 1e308, "", "x", "Dense", "relu", [], {}, [[]], ["x", 0, 0], [None, 4], {"a": 1}))
        return value


def parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yields every part of a JSON value as what holds it and its key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from parts(inner)
