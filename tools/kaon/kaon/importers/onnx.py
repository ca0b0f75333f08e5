"""ONNX files: the part of the graph that leads to the outputs, one function an operator (OPERATORS at the end)."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto

from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.graph import PASSING_INTEGERS, Graph, Node, Port, clipped, normalization
from kaon.importers import onnx_quant
from kaon.importers.onnx_patterns import fuse
from kaon.importers.trees import onnx_ensembles
from kaon.importers.onnx_tensors import BYTES, external_bytes, is_external, wide_or_half
from kaon.passes import output_shape

STANDARD_DOMAINS = ("", "ai.onnx")
OLDEST, NEWEST = 9, onnx.defs.onnx_opset_version()
"""Operator sets that are read. Operators of a later one may mean something else than is known here."""


def read_onnx(place: str, data: bytes, folder: Path | None = None) -> Graph:
    """Reads the bytes of an ONNX file. place: what messages call it. Refuses everything that is not understood.

    folder: where the file lies, for numbers that are kept beside it.
    """
    return Reader(place, parsed(place, data), folder).read()


def parsed(place: str, data: bytes) -> ModelProto:
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except Exception as error:  # protobuf's own exception class differs between its implementations
        raise Refused(place, "the bytes are no ONNX model (no protobuf message)", REMEDY_FILE) from error
    if not model.graph.node or not model.opset_import:
        raise Refused(place, "the bytes are no ONNX model (no nodes or no operator set)", REMEDY_FILE)
    if any(isinstance(name, bytes) for name in names(model)):  # what protobuf gives for bytes that are not UTF-8
        raise Refused(place, "a name in the file is not UTF-8", "export the model again")
    return model


def with_numbers_inside(place: str, data: bytes, folder: Path) -> bytes:
    """Returns the bytes of the file with the numbers that it keeps beside it, if there are any."""
    model = parsed(place, data)
    beside = [tensor for tensor in model.graph.initializer if is_external(tensor)]
    for tensor in beside:
        tensor.raw_data = external_bytes(f"{place}, initializer {tensor.name!r}", tensor, folder)
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
    return model.SerializeToString() if beside else data


def names(model: ModelProto) -> Iterator[str | bytes]:
    """Yields every string of the file that the reader uses."""
    graph = model.graph
    for item in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        yield item.name
    for node in graph.node:
        yield from (node.op_type, node.domain, *node.input, *node.output, *(a.name for a in node.attribute))
    for entry in model.metadata_props:
        yield from (entry.key, entry.value)


REMEDY_FILE = "give a whole file: ONNX, or a Keras model"


class Reader:
    """Holds what is known while a file is read: its constants, and the nodes made so far."""

    def __init__(self, place: str, model: ModelProto, folder: Path | None = None) -> None:
        self.place = place
        self.model = model
        self.folder = folder
        self.opset = next((o.version for o in model.opset_import if o.domain in STANDARD_DOMAINS), 0)
        self.constants: dict[str, np.ndarray] = {}
        self.whole_numbers: dict[str, list[int]] = {}
        """Constants of type INT64: sizes. What is computed of shapes, too."""
        self.with_batch: set[str] = set()
        """Those of whole_numbers in which 0 stands for the batch."""
        self.single: set[str] = set()
        """Those of whole_numbers that are one number, not a list of one."""
        self.shapes: dict[str, tuple[int, ...]] = {}
        """Of one event of the values for which it is known."""
        self.types: dict[str, Fixed] = {}
        """Of the constants that the file quantises."""
        self.nodes: list[Node] = []
        self.ranks: dict[str, int] = {}
        """Rank of each value in the file, the batch axis counted."""
        self.scaled: dict[str, onnx_ensembles.Scaled] = {}
        """Values that are features scaled one by one, for trees."""

    def read(self) -> Graph:
        graph = self.model.graph
        classes = onnx_ensembles.prepare(self.place, self.model)
        self.opset = next((o.version for o in self.model.opset_import if o.domain in STANDARD_DOMAINS), 0)
        if not OLDEST <= self.opset <= NEWEST:
            raise Refused(self.place, f"it is written for operator set {self.opset}", f"export it for one from {OLDEST} to {NEWEST}")
        if graph.sparse_initializer:
            name = graph.sparse_initializer[0].values.name
            raise Refused(f"{self.place}, initializer {name!r}", "sparse tensors are not read", "store it as a dense tensor")
        live = fuse(self.live_nodes(), graph)
        for node in live:  # before anything else: what is not supported matters more than how its operands look
            self.check_supported(node)
        read_names = {name for node in live for name in (node.input[:1] if node.op_type == "Dropout" else node.input)}
        for tensor in graph.initializer:
            if tensor.name in read_names and tensor.data_type == TensorProto.INT64:
                self.keep_int64(tensor.name, tensor, f"initializer {tensor.name!r}")
            elif tensor.name in read_names:
                self.constants[tensor.name] = self.array(tensor, f"initializer {tensor.name!r}")
        initializers = {t.name for t in graph.initializer}
        inputs = [self.port(i, "input") for i in graph.input if i.name not in initializers]
        outputs = [self.port(o, "output") for o in graph.output]
        refuse_mixed_batches(self, inputs)
        for port in inputs:
            if None not in port.shape:
                self.shapes[port.name] = tuple(extent or 0 for extent in port.shape)
        if len(inputs) == 1 and len(outputs) == 1:  # else it is not said whose names they would be
            inputs[0].labels, outputs[0].labels = self.labels("feature_names"), self.labels("class_names") or classes.get(outputs[0].name)
        for node in live:
            self.add(node)
        for port in outputs:
            if port.name in self.constants:
                raise Refused(f"{self.place}, output {port.name!r}", "it does not depend on the input", "export the model again")
        return Graph(inputs, outputs, self.nodes, self.place)

    def live_nodes(self) -> list[NodeProto]:
        """Returns the nodes that lead to an output, in an order in which each reads only what is known."""
        writers: dict[str, NodeProto] = {}
        constants: set[str] = set()
        for tensor in self.model.graph.initializer:
            if tensor.name in constants:
                raise Refused(f"{self.place}, initializer {tensor.name!r}", "there are two of that name", "export the model again")
            constants.add(tensor.name)
        for node in self.model.graph.node:
            for name in node.output:
                if name in writers or name in constants:
                    raise Refused(self.where(node), f"its output {name!r} is written twice", "export the model again")
                if name:
                    writers[name] = node
        order: list[NodeProto] = []
        state: dict[int, str] = {}
        stack = [writers[o.name] for o in self.model.graph.output if o.name in writers]
        while stack:
            node = stack[-1]
            if state.get(id(node)) == "done":
                stack.pop()
            elif state.get(id(node)) == "open":
                state[id(node)] = "done"
                order.append(stack.pop())
            else:
                state[id(node)] = "open"
                before = [writers[i] for i in node.input if i in writers]
                if any(state.get(id(b)) == "open" for b in before):
                    raise Refused(self.where(node), "the graph contains a loop", "export the model again")
                stack.extend(b for b in before if id(b) not in state)
        return order

    def port(self, value: onnx.ValueInfoProto, what: str) -> Port:
        """Reads the shape of an input or output: [batch, features], [features] or not stated."""
        kind = value.type.tensor_type
        place = f"{self.place}, {what} {value.name!r}"
        if value.type.WhichOneof("value") not in ("tensor_type", None):
            raise Refused(place, "it is not a tensor", "export the model with tensors as inputs and outputs")
        scalar = {TensorProto.INT32: "int32", TensorProto.INT64: "int64"}.get(kind.elem_type, "float")
        if kind.elem_type not in (TensorProto.FLOAT, TensorProto.UNDEFINED) and (scalar == "float" or what == "output"):
            raise Refused(place, f"its type is {type_name(kind.elem_type)}, not FLOAT", "export the model in float32")
        if not kind.HasField("shape"):
            self.ranks[value.name] = 2
            return Port(value.name, (None,))
        sizes = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
        if not sizes or (len(sizes) == 1 and scalar != "float"):
            raise Refused(place, f"its rank is {len(sizes)}", "convert a model whose input is batch x features")
        self.ranks[value.name] = len(sizes)
        if what == "output" and len(sizes) == 1 and self.batch_axis:
            return Port(value.name, (1,))  # a number an event
        return Port(value.name, tuple(sizes[1:] if len(sizes) > 1 else sizes), scalar=scalar)

    def labels(self, key: str) -> list[str] | None:
        """Reads a list of names from the file's metadata."""
        text = next((p.value for p in self.model.metadata_props if p.key == key), None)
        if text is None:
            return None
        try:
            names = json.loads(text)
        except (ValueError, RecursionError):
            names = None
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise Refused(f"{self.place}, metadata {key!r}", "it is not a JSON list of strings", "write it as one, or leave it out")
        return names

    def add(self, node: NodeProto) -> None:
        """Makes a node, or a constant where everything that the operator reads is constant."""
        if node.op_type == "Constant" and self.is_int64(node):
            attribute = node.attribute[0]
            tensor = attribute.t
            if attribute.name != "value":
                tensor = TensorProto(data_type=TensorProto.INT64, dims=[len(attribute.ints)] if attribute.name == "value_ints" else [])
                tensor.int64_data.extend(attribute.ints if attribute.name == "value_ints" else [attribute.i])
            self.keep_int64(self.only_output(node), tensor, f"node {node.name!r} (Constant)")
            return
        if node.op_type == "Constant":
            self.constants[self.only_output(node)] = self.constant(node)
            return
        arity = ARITY.get(node.op_type, (1, 1))
        if not arity[0] <= len(node.input) <= arity[1] or not all(node.input[: arity[0]]):
            raise Refused(self.where(node), f"it has {len(node.input)} inputs", "export the model again")
        if node.op_type == "Split":
            read_split(self, node)
            self.infer()
            return
        output = self.only_output(node)
        sizes = computed_sizes(self, node)
        if sizes is not None:
            self.whole_numbers[output] = sizes
            return
        if node.input[0] in self.constants and all(name in self.constants for name in node.input if name):
            self.constants[output] = self.folded(node)
            onnx_quant.keep_types(self, node)
        else:
            (onnx_ensembles.OPERATORS if node.domain == onnx_ensembles.DOMAIN else OPERATORS)[node.op_type](self, node)
            onnx_quant.keep_types(self, node)
            self.infer()
            known = self.shapes.get(output)
            self.ranks[output] = max(self.ranks.get(name, 0) for name in node.input) if known is None else len(known) + self.batch_axis

    @property
    def batch_axis(self) -> int:
        return 0 if any(self.ranks.get(i.name) == 1 for i in self.model.graph.input) else 1

    def infer(self) -> None:
        """Works out the shapes of the nodes made last, as far as it can: what does not fit is refused by passes.infer_shapes."""
        unnamed = Graph([], [], [], self.place)  # for the place that a refusal names
        for node in self.nodes[self.inferred :]:
            if all(value in self.shapes for value in node.inputs):
                with contextlib.suppress(Refused):
                    self.shapes[node.output] = output_shape(unnamed, node, [self.shapes[value] for value in node.inputs])
        self.inferred = len(self.nodes)

    inferred = 0
    """How many of the nodes infer() has seen."""

    def check_supported(self, node: NodeProto) -> None:
        if node.domain in onnx_quant.DOMAINS:
            onnx_quant.check_quantiser(self, node)
            return
        if node.domain == onnx_ensembles.DOMAIN and node.op_type in onnx_ensembles.OPERATORS:
            return
        if node.domain not in STANDARD_DOMAINS or node.op_type not in OPERATORS or node.op_type in onnx_quant.QUANTISERS:
            operator = f"{node.domain}::{node.op_type}" if node.domain not in STANDARD_DOMAINS else node.op_type
            raise Refused(self.where(node), f"operator {operator} is not supported", f"supported: {', '.join(sorted((*OPERATORS, *onnx_ensembles.OPERATORS)))}")

    def only_output(self, node: NodeProto) -> str:
        if not 1 <= len(node.output) <= MOST_OUTPUTS.get(node.op_type, 1) or not node.output[0]:
            raise Refused(self.where(node), f"it has {len(node.output)} outputs, not one", "export the model again")
        return node.output[0]

    def emit(self, node: NodeProto, kind: str, value: str, numbers: dict[str, float] | None = None, **tensors: np.ndarray) -> None:
        arrays = {k: float32(t) for k, t in tensors.items()}
        self.nodes.append(Node(kind, [value], self.only_output(node), node.name, arrays, numbers or {}, origin=node.op_type))

    def emit_merge(self, node: NodeProto, kind: str) -> None:
        """A node that reads several values; the constants among them are refused."""
        for name in node.input:
            if name in self.constants:
                raise Refused(self.where(node), f"its input {name!r} is constant beside values", "use values that depend on the input")
        self.nodes.append(Node(kind, list(node.input), self.only_output(node), node.name, origin=node.op_type))

    def last_axis(self, node: NodeProto, default: int) -> None:
        """Refuses an axis that is not that of the features."""
        axis, rank = self.integer(node, "axis", default), self.ranks.get(node.input[0], 2)
        if axis not in (-1, rank - 1):
            raise Refused(self.where(node), f"axis {axis} of rank {rank} is not that of the features", "use the last axis")

    def both_values(self, node: NodeProto) -> bool:
        return node.input[0] not in self.constants and node.input[1] not in self.constants

    def emit_scale(self, node: NodeProto, value: str, scale: np.ndarray | float, offset: np.ndarray | float) -> None:
        """x scale + offset, kept in float64 until passes.make_dense has folded it into weights."""
        tensors = {"scale": np.atleast_1d(np.float64(scale)), "offset": np.atleast_1d(np.float64(offset))}
        self.nodes.append(Node("scale", [value], self.only_output(node), node.name, tensors, origin=node.op_type))

    def attribute(self, node: NodeProto, name: str, default: float | int, kind: int) -> float | int:
        found = next((a for a in node.attribute if a.name == name), None)
        if found is None:
            return default
        if found.type != kind or found.ref_attr_name:
            raise Refused(self.where(node), f"attribute {name!r} has the wrong type", "export the model again")
        return found.f if kind == onnx.AttributeProto.FLOAT else found.i

    def integer(self, node: NodeProto, name: str, default: int) -> int:
        return int(self.attribute(node, name, default, onnx.AttributeProto.INT))

    def real(self, node: NodeProto, name: str, default: float) -> float:
        return float(self.attribute(node, name, default, onnx.AttributeProto.FLOAT))

    def text(self, node: NodeProto, name: str, default: str) -> str:
        found = next((a for a in node.attribute if a.name == name), None)
        if found is not None and found.type != onnx.AttributeProto.STRING:
            raise Refused(self.where(node), f"attribute {name!r} has the wrong type", "export the model again")
        return default if found is None else found.s.decode("utf-8", "replace")

    def scalar(self, node: NodeProto, position: int, default: float) -> float:
        """Returns an optional input that has to be one constant number."""
        if len(node.input) <= position or not node.input[position]:
            return default
        constant = self.constants.get(node.input[position])
        if constant is None or constant.size != 1 or not np.isfinite(constant).all():
            raise Refused(self.where(node), f"its input {node.input[position]!r} is not one finite constant", "export the model again")
        return float(constant.reshape(()))

    def is_integer(self, value: str) -> bool:
        """Whether a value is an input of integers, or such integers passed on."""
        writers = {node.output: node for node in self.nodes}
        while value in writers and writers[value].kind in PASSING_INTEGERS:
            value = writers[value].inputs[0]
        integers = (TensorProto.INT32, TensorProto.INT64)
        return any(i.name == value and i.type.tensor_type.elem_type in integers for i in self.model.graph.input)

    def where(self, node: NodeProto) -> str:
        name = node.name or (node.output[0] if node.output else "")
        return f"{self.place}, node {name!r} ({node.op_type})"

    def array(self, tensor: TensorProto, what: str) -> np.ndarray:
        """Returns a tensor's numbers; checks that the bytes are as many as its shape says before using them."""
        place = f"{self.place}, {what}"
        if tensor.data_type not in BYTES:
            raise Refused(place, f"its type is {type_name(tensor.data_type)}, not FLOAT", "export the model in float32")
        dims = tuple(tensor.dims)
        if any(d < 0 for d in dims):
            raise Refused(place, f"its shape {dims} is negative", "export the model again")
        if len(dims) > 4:
            raise Refused(place, f"its rank is {len(dims)}", "export the model again")
        size = math.prod(dims)
        raw = tensor.HasField("raw_data") or is_external(tensor)
        data = b""
        if is_external(tensor):
            if self.folder is None:
                raise Refused(place, "its numbers are in another file (external data)", "export the model as one file")
            data = external_bytes(place, tensor, self.folder)
        elif raw:
            data = tensor.raw_data
        single = tensor.data_type == TensorProto.FLOAT
        fields = {TensorProto.FLOAT: tensor.float_data, TensorProto.DOUBLE: tensor.double_data}.get(tensor.data_type, tensor.int32_data)
        held = len(data) / BYTES[tensor.data_type] if raw else len(fields)
        if held != size:
            raise Refused(place, f"its shape {dims} needs {size} numbers, the file holds {held:g}", "copy or export the file again")
        if not single:
            return wide_or_half(tensor.data_type, data if raw else None, fields).reshape(dims)
        flat = np.frombuffer(data, "<f4") if raw else np.asarray(tensor.float_data, np.float32)
        with np.errstate(invalid="ignore"):  # signalling NaN; refused by name later
            return flat.astype(np.float64).reshape(dims)

    def is_int64(self, node: NodeProto) -> bool:
        if len(node.attribute) != 1:
            return False
        only = node.attribute[0]
        if (only.name, only.type) in (("value_int", onnx.AttributeProto.INT), ("value_ints", onnx.AttributeProto.INTS)):
            return True
        return only.name == "value" and only.type == onnx.AttributeProto.TENSOR and only.t.data_type == TensorProto.INT64

    def keep_int64(self, name: str, tensor: TensorProto, what: str) -> None:
        self.whole_numbers[name] = self.int64(tensor, what)
        if not tensor.dims:
            self.single.add(name)

    def int64(self, tensor: TensorProto, what: str) -> list[int]:
        """Returns the numbers of an INT64 tensor of rank 0 or 1."""
        held = len(tensor.raw_data) // 8 if tensor.HasField("raw_data") else len(tensor.int64_data)
        if len(tensor.dims) > 1 or held != math.prod(tensor.dims) or len(tensor.raw_data) % 8 or tensor.external_data:
            raise Refused(f"{self.place}, {what}", f"its shape {tuple(tensor.dims)} does not fit its numbers", "export the model again")
        return np.frombuffer(tensor.raw_data, "<i8").tolist() if tensor.HasField("raw_data") else list(tensor.int64_data)

    def constant(self, node: NodeProto) -> np.ndarray:
        """Returns the numbers of a Constant node."""
        for attribute in node.attribute:
            if attribute.name == "value" and attribute.type == onnx.AttributeProto.TENSOR:
                return self.array(attribute.t, f"node {node.name or self.only_output(node)!r} (Constant)")
            if attribute.name == "value_float" and attribute.type == onnx.AttributeProto.FLOAT:
                return np.asarray(attribute.f, np.float64)
            if attribute.name == "value_floats" and attribute.type == onnx.AttributeProto.FLOATS:
                return np.asarray(attribute.floats, np.float64)
        raise Refused(self.where(node), "it holds no float32 tensor", "export the model in float32")

    def folded(self, node: NodeProto) -> np.ndarray:
        """Computes an operator whose operands are all constant."""
        operands = [self.constants[name] for name in node.input if name]
        fold = FOLDS.get(node.op_type)
        if fold is None:
            raise Refused(self.where(node), "it computes with constants alone", "simplify the model before converting it")
        try:
            result = fold(self, node, operands)
        except ValueError as error:
            raise Refused(self.where(node), "the shapes of its constants do not fit", "export the model again") from error
        if result.size > MAXIMUM_FOLDED:
            raise Refused(self.where(node), f"its constant result has {result.size} numbers", f"at most {MAXIMUM_FOLDED}")
        return float32(result).astype(np.float64)

    def split(self, node: NodeProto) -> tuple[str, np.ndarray, bool]:
        """Returns the value, the constant, and whether the constant came first, of an operator with one of each."""
        first, second = node.input[0], node.input[1]
        if first in self.constants:
            return second, self.constants[first], True
        if second in self.constants:
            return first, self.constants[second], False
        raise Refused(self.where(node), f"both {first!r} and {second!r} depend on the input", "use layers with constant weights")

    def vector(self, node: NodeProto, constant: np.ndarray, axes: int = 1) -> np.ndarray:
        """Returns a constant that is the same for every row of a batch as [1], or with as many axes as an event has."""
        if constant.ndim > axes + 1 or (constant.ndim == axes + 1 and constant.shape[0] != 1):
            shape = "x".join(map(str, constant.shape))
            raise Refused(self.where(node), f"its constant of shape {shape} differs from row to row", "use one bias for all rows")
        if constant.size == 1:
            return constant.reshape(1)
        event = constant.shape[1:] if constant.ndim == axes + 1 else constant.shape
        return constant.reshape((1,) * (axes - len(event)) + event)

    def axes(self, value: str) -> int:
        """Returns how many axes an event of a value has."""
        return max(self.ranks.get(value, 2) - self.batch_axis, 1)


MAXIMUM_FOLDED = 1 << 28


def float32(array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by passes.check_layers
        return np.ascontiguousarray(array, dtype=np.float32)


def refuse_mixed_batches(reader: Reader, inputs: list[Port]) -> None:
    """Inputs have the batch as their first axis, or no input has."""
    ranks = {port.name: reader.ranks[port.name] for port in inputs}
    alone = next((name for name, rank in ranks.items() if rank == 1), None)
    other = next((name for name, rank in ranks.items() if rank > 1), None)
    if alone is not None and other is not None:
        cause = f"its rank is 1, that of {other!r} is {ranks[other]}: it has no batch axis"
        raise Refused(f"{reader.place}, input {alone!r}", cause, "export all inputs as batch x features")


def type_name(number: int) -> str:
    return TensorProto.DataType.Name(number) if number in TensorProto.DataType.values() else f"type {number}"


def read_gemm(reader: Reader, node: NodeProto) -> None:
    """alpha A' B' + beta C: A the features, B the weights, C the bias."""
    value, weights, constant_first = reader.split(node)
    if constant_first or reader.integer(node, "transA", 0):
        what = "the first operand is constant" if constant_first else "transA"
        raise Refused(reader.where(node), f"{what}: rows of the batch would be mixed", "give it the features as rows")
    if weights.ndim != 2:
        raise Refused(reader.where(node), f"its weights have rank {weights.ndim}", "export the model again")
    alpha, beta = reader.real(node, "alpha", 1.0), reader.real(node, "beta", 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        tensors = {"weights": alpha * (weights.T if reader.integer(node, "transB", 0) else weights)}
        if len(node.input) == 3 and node.input[2]:
            if node.input[2] not in reader.constants:
                raise Refused(reader.where(node), f"its bias {node.input[2]!r} depends on the input", "use a constant bias")
            tensors["bias"] = beta * reader.vector(node, reader.constants[node.input[2]])
    reader.emit(node, "dense", value, **tensors)


def read_matmul(reader: Reader, node: NodeProto) -> None:
    value, weights, constant_first = reader.split(node)
    if weights.ndim != 2:
        raise Refused(reader.where(node), f"its constant operand has rank {weights.ndim}", "use a matrix of weights")
    if constant_first and reader.ranks.get(value) != 1:
        raise Refused(reader.where(node), "the first operand is constant: rows of the batch would be mixed", "give features as rows")
    reader.emit(node, "matmul", value, weights=weights.T if constant_first else weights)


def read_add(reader: Reader, node: NodeProto) -> None:
    if reader.both_values(node):
        reader.emit_merge(node, "add")
        return
    value, constant, _ = reader.split(node)
    vector = reader.vector(node, constant, reader.axes(value))
    reader.emit(node, "bias", value, bias=vector)
    onnx_ensembles.remember(reader, node, value, np.add, vector)


def read_mul(reader: Reader, node: NodeProto) -> None:
    if reader.both_values(node):
        reader.emit_merge(node, "multiply")
        return
    value, constant, _ = reader.split(node)
    vector = reader.vector(node, constant, reader.axes(value))
    if np.all(vector == 1) and vector.shape == (1,):
        reader.emit(node, "identity", value)
        return
    reader.emit_scale(node, value, vector, 0.0)
    onnx_ensembles.remember(reader, node, value, np.multiply, vector)


def read_sub(reader: Reader, node: NodeProto) -> None:
    if reader.both_values(node):
        first, second = node.input
        output = reader.only_output(node)
        negative = f"{output}/negative"
        tensors = {"scale": np.array([-1.0]), "offset": np.zeros(1)}
        reader.nodes.append(Node("scale", [second], negative, f"{node.name}/negative", tensors, origin=node.op_type))
        reader.nodes.append(Node("add", [first, negative], output, node.name, origin=node.op_type))
        return
    value, constant, constant_first = reader.split(node)
    vector = reader.vector(node, constant, reader.axes(value))
    reader.emit_scale(node, value, -1.0 if constant_first else 1.0, vector if constant_first else -vector)
    if not constant_first:
        onnx_ensembles.remember(reader, node, value, np.subtract, vector)


def read_div(reader: Reader, node: NodeProto) -> None:
    value, constant, constant_first = reader.split(node)
    if constant_first or not np.all(constant):
        what = "it divides by what depends on the input" if constant_first else "it divides by zero"
        raise Refused(reader.where(node), what, "use layers with constant weights")
    vector = reader.vector(node, constant, reader.axes(value))
    reader.emit_scale(node, value, 1.0 / vector, 0.0)
    onnx_ensembles.remember(reader, node, value, np.divide, vector)


def read_batch_normalization(reader: Reader, node: NodeProto) -> None:
    """(x - mean) / sqrt(variance + epsilon) gamma + beta, each a number for each index of the axis after the batch's."""
    if reader.integer(node, "training_mode", 0):
        raise Refused(reader.where(node), "it is in training mode", "export the model for inference")
    if any(name not in reader.constants for name in node.input[1:]):
        raise Refused(reader.where(node), "its parameters depend on the input", "export the model for inference")
    gamma, beta, mean, variance = (reader.constants[name].reshape(-1) for name in node.input[1:])
    numbers = normalization(reader.where(node), gamma, beta, mean, variance, reader.real(node, "epsilon", 1e-5))
    others = (1,) * (reader.axes(node.input[0]) - 1)
    reader.emit_scale(node, node.input[0], *(part.reshape(-1, *others) if part.size > 1 else part for part in numbers))


def read_sum(reader: Reader, node: NodeProto) -> None:
    if len(node.input) == 1:
        reader.emit(node, "identity", node.input[0])
    else:
        reader.emit_merge(node, "add")


def read_concat(reader: Reader, node: NodeProto) -> None:
    reader.last_axis(node, 1)
    if len(node.input) == 1:
        reader.emit(node, "identity", node.input[0])
    else:
        reader.emit_merge(node, "concat")


def read_split(reader: Reader, node: NodeProto) -> None:
    """Into parts of stated sizes, each a slice."""
    reader.last_axis(node, 0)
    attribute = next((a for a in node.attribute if a.name == "split"), None)
    if attribute is not None:
        sizes = [int(size) for size in attribute.ints]
    elif len(node.input) > 1 and node.input[1] in reader.whole_numbers:
        sizes = reader.whole_numbers[node.input[1]]
    else:
        sizes = equal_parts(reader, node)
    if node.input[0] in reader.constants or len(sizes) != len(node.output) or any(size < 1 for size in sizes):
        raise Refused(reader.where(node), f"{len(node.output)} parts of sizes {sizes}", "export the model again")
    first = 0
    for part, (size, output) in enumerate(zip(sizes, node.output)):
        numbers = {"first": first, "count": size}
        first += size
        if not output:  # a part that nothing reads
            continue
        reader.ranks[output] = reader.ranks.get(node.input[0], 2)
        name = f"{node.name}/{part}" if node.name else ""
        reader.nodes.append(Node("slice", [node.input[0]], output, name, numbers=numbers, origin=node.op_type))


def read_slice(reader: Reader, node: NodeProto) -> None:
    """Features one after another; bounds count from the end where they are negative, and may lie beyond it."""
    known = reader.shapes.get(node.input[0])
    lists = slice_numbers(reader, node)
    if known is None or lists is None or len(known) != 1:
        raise Refused(reader.where(node), "its bounds or the shape that it reads are not known vectors", "export the model with fixed shapes")
    starts, ends, axes, steps = lists
    axis = reader.batch_axis
    if len(starts) != 1 or len(ends) != 1 or axes not in ([axis], [-1]) or steps != [1]:
        cause = f"it takes {starts} to {ends} of axes {axes} by steps {steps}, not features one after another"
        raise Refused(reader.where(node), cause, "slice the last axis, by steps of 1")
    first, last, _ = slice(starts[0], ends[0]).indices(known[0])
    reader.emit(node, "slice", node.input[0], {"first": first, "count": last - first})


def slice_numbers(reader: Reader, node: NodeProto) -> list[list[int]] | None:
    """Returns starts, ends, axes and steps: attributes before operator set 10, inputs from then on; None where not constant."""
    attributes = {a.name: list(a.ints) for a in node.attribute}
    given = dict(zip(("starts", "ends", "axes", "steps"), node.input[1:]))
    if any(name and (name not in reader.whole_numbers or name in reader.with_batch) for name in given.values()):
        return None
    lists = {key: reader.whole_numbers[name] for key, name in given.items() if name} | attributes
    if "starts" not in lists or "ends" not in lists:
        return None
    count = len(lists["starts"])
    return [lists["starts"], lists["ends"], lists.get("axes", list(range(count))), lists.get("steps", [1] * count)]


def equal_parts(reader: Reader, node: NodeProto) -> list[int]:
    """Returns the sizes of parts that are not stated; from operator set 18 on the last one may be smaller."""
    known = reader.shapes.get(node.input[0])
    if known is None or (len(node.input) > 1 and node.input[1]):
        raise Refused(reader.where(node), "the sizes of its parts are not constants", "export the model with the sizes of the parts")
    parts = len(node.output)
    size = -(-known[-1] // parts)
    last = known[-1] - (parts - 1) * size
    if reader.opset < 18 and last != size or reader.integer(node, "num_outputs", parts) != parts:
        raise Refused(reader.where(node), f"{known[-1]} features have no {parts} equal parts", "export the model again")
    return [size] * (parts - 1) + [last]


def read_layer_normalization(reader: Reader, node: NodeProto) -> None:
    reader.last_axis(node, -1)
    if any(name not in reader.constants for name in node.input[1:] if name):
        raise Refused(reader.where(node), "its scale or bias depends on the input", "export the model again")
    tensors = {"scale": reader.vector(node, reader.constants[node.input[1]]), "offset": np.zeros(1)}
    if len(node.input) > 2 and node.input[2]:
        tensors["offset"] = reader.vector(node, reader.constants[node.input[2]])
    reader.emit(node, "layer_norm", node.input[0], {"epsilon": reader.real(node, "epsilon", 1e-5)}, **tensors)


def read_cast(reader: Reader, node: NodeProto) -> None:
    """Between float and double nothing happens: everything is computed in one of them. Integers stay what they are."""
    to = reader.integer(node, "to", 0)
    if to not in (TensorProto.FLOAT, TensorProto.DOUBLE) and not (to in (TensorProto.INT32, TensorProto.INT64) and reader.is_integer(node.input[0])):
        raise Refused(reader.where(node), f"to {type_name(reader.integer(node, 'to', 0))}, not FLOAT", "export the model in float32")
    reader.emit(node, "identity", node.input[0])
    onnx_ensembles.remember(reader, node, node.input[0], np.add, np.zeros(1))


def read_dropout(reader: Reader, node: NodeProto) -> None:
    training = next((t for t in reader.model.graph.initializer if len(node.input) > 2 and t.name == node.input[2]), None)
    if training is not None and (any(training.raw_data) or any(training.int32_data)):
        raise Refused(reader.where(node), "it is in training mode", "export the model for inference")
    reader.emit(node, "identity", node.input[0])


def read_flatten(reader: Reader, node: NodeProto) -> None:
    axis, rank = reader.integer(node, "axis", 1), reader.ranks.get(node.input[0], 2)
    if rank < 2 or axis not in (1, 1 - rank):
        raise Refused(reader.where(node), f"axis {axis} of rank {rank}: the batch would be mixed with an event", "export the model with axis 1")
    emit_reshape(reader, node, (-1,))


def emit_reshape(reader: Reader, node: NodeProto, shape: tuple[int, ...]) -> None:
    reader.emit(node, "reshape", node.input[0])
    reader.nodes[-1].shape = shape


def read_reshape(reader: Reader, node: NodeProto) -> None:
    """To [batch, ...]: the batch as 0, -1 or its number; within an event one extent may be -1, and 0 keeps the input's."""
    target = reader.whole_numbers.get(node.input[1])
    if target is None:
        raise Refused(reader.where(node), f"its shape {node.input[1]!r} is not constant", "export the model with fixed shapes")
    if reader.integer(node, "allowzero", 0) and 0 in target[1:]:
        raise Refused(reader.where(node), f"its shape {target} is empty", "export the model again")
    if target == [-1] and reader.batch_axis and gives_numbers(reader, node):
        reader.emit(node, "identity", node.input[0])
        return
    event = target[1:] if reader.batch_axis else target
    batch = target[0] if reader.batch_axis and target else 0
    if not event or batch < -1 or (batch == -1 and -1 in event):
        raise Refused(reader.where(node), f"to shape {target}: the batch would be mixed with an event", "keep the batch as the first axis")
    known = reader.shapes.get(node.input[0], ())
    if any(extent == 0 and axis >= len(known) for axis, extent in enumerate(event)):
        raise Refused(reader.where(node), f"its shape {target} keeps an extent that is not known", "export the model with fixed shapes")
    emit_reshape(reader, node, tuple(known[axis] if extent == 0 else extent for axis, extent in enumerate(event)))


def axes_of(reader: Reader, node: NodeProto, rank: int) -> list[int] | None:
    """Returns the axes of Squeeze or Unsqueeze, an attribute before operator set 13, an input from then on; None where not given."""
    attribute = next((a for a in node.attribute if a.name == "axes"), None)
    if attribute is not None:
        axes = list(attribute.ints)
    elif len(node.input) > 1 and node.input[1]:
        if node.input[1] not in reader.whole_numbers or node.input[1] in reader.with_batch:
            raise Refused(reader.where(node), f"its axes {node.input[1]!r} are not constant", "export the model with fixed axes")
        axes = reader.whole_numbers[node.input[1]]
    else:
        return None
    if any(not -rank <= axis < rank for axis in axes):
        raise Refused(reader.where(node), f"axes {axes} of rank {rank}", "export the model again")
    return sorted(axis % rank for axis in axes)


def leads_out(reader: Reader, node: NodeProto) -> bool:
    """Whether an output of the model, and nothing else, reads what an operator gives, past activations.

    Only there the axis of the features may be left out: [batch] is taken as [batch, 1], which no other operator would treat alike.
    """
    value = node.output[0]
    for _ in reader.model.graph.node:
        readers = [other for other in reader.model.graph.node if value in other.input]
        if not readers:
            return any(o.name == value for o in reader.model.graph.output)
        if len(readers) > 1 or readers[0].op_type not in ELEMENTWISE or any(o.name == value for o in reader.model.graph.output):
            return False
        value = readers[0].output[0]
    return False


def gives_numbers(reader: Reader, node: NodeProto) -> bool:
    return reader.shapes.get(node.input[0]) == (1,) and leads_out(reader, node)


def read_squeeze(reader: Reader, node: NodeProto) -> None:
    known = reader.shapes.get(node.input[0])
    if known is None:
        raise Refused(reader.where(node), "the shape that it reads is not known", "export the model with fixed shapes")
    if gives_numbers(reader, node) and reader.batch_axis and axes_of(reader, node, 2) == [1]:
        reader.emit(node, "identity", node.input[0])
        return
    first = reader.batch_axis
    axes = axes_of(reader, node, len(known) + first)
    if axes is None:
        axes = [axis + first for axis, extent in enumerate(known) if extent == 1]
    if any(axis < first or known[axis - first] != 1 for axis in axes) or len(axes) == len(known):
        raise Refused(reader.where(node), f"axes {axes} of an event of shape {known}", "keep the batch and one axis")
    emit_reshape(reader, node, tuple(extent for axis, extent in enumerate(known) if axis + first not in axes))


def read_unsqueeze(reader: Reader, node: NodeProto) -> None:
    first, rank = reader.batch_axis, reader.ranks.get(node.input[0], 2)
    given = [a for a in node.attribute if a.name == "axes"]
    count = len(given[0].ints) if given else len(reader.whole_numbers.get(node.input[1], [])) if len(node.input) > 1 else 0
    axes = axes_of(reader, node, rank + count)
    known = reader.shapes.get(node.input[0], (-1,) if rank - first == 1 else None)
    if not axes or known is None or any(axis < first for axis in axes) or len(set(axes)) != len(axes):
        raise Refused(reader.where(node), f"axes {axes} of rank {rank}", "keep the batch as the first axis")
    shape = list(known)
    for axis in axes:
        shape.insert(axis - first, 1)
    emit_reshape(reader, node, tuple(shape))


def read_gather(reader: Reader, node: NodeProto) -> None:
    """Rows of a constant table, chosen by integers: an embedding. Negative integers, which count from the end, are not taken.

    Also one feature after another, by constant indices: a slice.
    """
    if node.input[1] in reader.whole_numbers and node.input[1] not in reader.with_batch and node.input[0] not in reader.constants:
        gather_features(reader, node, reader.whole_numbers[node.input[1]])
        return
    table = reader.constants.get(node.input[0])
    if table is None or table.ndim != 2 or reader.integer(node, "axis", 0) != 0 or not reader.is_integer(node.input[1]):
        raise Refused(reader.where(node), "it is no table of rows that an integer input chooses", "use it as an embedding")
    reader.nodes.append(Node("embedding", [node.input[1]], reader.only_output(node), node.name, {"weights": float32(table)}, origin="Gather"))


def gather_features(reader: Reader, node: NodeProto, indices: list[int]) -> None:
    known = reader.shapes.get(node.input[0])
    if known is None or len(known) != 1 or reader.integer(node, "axis", 0) not in (-1, reader.batch_axis) or reader.is_integer(node.input[0]):
        raise Refused(reader.where(node), "it chooses something else than features", "gather from the last axis of vectors")
    chosen = [index + known[0] if index < 0 else index for index in indices]
    if node.input[1] in reader.single and not (reader.batch_axis and leads_out(reader, node)):
        raise Refused(reader.where(node), "it leaves out the axis of the features", "gather with a list of one index")
    if not chosen or chosen != list(range(chosen[0], chosen[0] + len(chosen))):
        raise Refused(reader.where(node), f"it chooses features {indices[:20]}, not one after another", "use slices")
    reader.emit(node, "slice", node.input[0], {"first": chosen[0], "count": len(chosen)})


def computed_sizes(reader: Reader, node: NodeProto) -> list[int] | None:
    """Returns what exporters compute of shapes: Shape, Gather of some of them, joined or reckoned with; None where it is no size.

    0 stands for the batch where the value's name is in reader.with_batch.
    """
    output = reader.only_output(node)
    if node.op_type == "Shape":
        if node.input[0] not in reader.shapes or not reader.batch_axis or node.attribute:
            raise Refused(reader.where(node), "it asks for a shape that is not known", "export the model with fixed shapes")
        reader.with_batch.add(output)
        return [0, *reader.shapes[node.input[0]]]
    names = [name for name in node.input if name]
    known = [reader.whole_numbers[name] for name in names if name in reader.whole_numbers]
    if not known or len(known) < len(names):
        return None
    batch = not reader.with_batch.isdisjoint(names)
    if node.op_type == "Gather" and len(known) == 2 and all(-len(known[0]) <= i < len(known[0]) for i in known[1]):
        sizes = [known[0][i] for i in known[1]]
    elif node.op_type in ("Cast", "Identity", "Squeeze", "Unsqueeze"):
        sizes = known[0]
    elif node.op_type == "Concat":
        sizes = [size for part in known for size in part]
    elif node.op_type in ARITHMETIC and len(known) == 2 and not batch:
        sizes = reckoned(node.op_type, *known)
    else:
        return None
    if batch and sizes is not None and 0 in sizes:
        reader.with_batch.add(output)
    return sizes


ARITHMETIC = ("Add", "Div", "Mul", "Sub")


def reckoned(operator: str, first: list[int], second: list[int]) -> list[int] | None:
    """Returns one operator of ARITHMETIC, number by number as in 64 bits; division drops what is behind the point."""
    count = max(len(first), len(second))
    if {len(first), len(second)} - {1, count} or (operator == "Div" and 0 in second):
        return None
    pairs = zip(first * (count // len(first)), second * (count // len(second)))
    results = {
        "Add": lambda a, b: a + b,
        "Div": lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1),
        "Mul": lambda a, b: a * b,
        "Sub": lambda a, b: a - b,
    }
    sizes = [results[operator](a, b) for a, b in pairs]
    return sizes if all(-(2**63) <= size < 2**63 for size in sizes) else None


def read_clip(reader: Reader, node: NodeProto) -> None:
    if reader.opset < 11:
        lowest, highest = reader.real(node, "min", -math.inf), reader.real(node, "max", math.inf)
    else:
        lowest, highest = reader.scalar(node, 1, -math.inf), reader.scalar(node, 2, math.inf)
    if not lowest <= highest:
        raise Refused(reader.where(node), f"its bounds are {lowest} and {highest}", "export the model again")
    kind, numbers = clipped(lowest, highest)
    reader.emit(node, kind, node.input[0], numbers)


def read_selu(reader: Reader, node: NodeProto) -> None:
    alpha, gamma = reader.real(node, "alpha", 1.6732632), reader.real(node, "gamma", 1.050701)
    if abs(alpha - 1.6732632) <= 1e-6 and abs(gamma - 1.050701) <= 1e-6:
        reader.emit(node, "selu", node.input[0])
        return
    inner = f"{reader.only_output(node)}/elu"
    reader.nodes.append(Node("elu", [node.input[0]], inner, f"{node.name}/elu", numbers={"alpha": alpha}, origin=node.op_type))
    reader.emit_scale(node, inner, gamma, 0.0)


def read_celu(reader: Reader, node: NodeProto) -> None:
    """alpha ELU(x / alpha)."""
    alpha = reader.real(node, "alpha", 1.0)
    if not 0 < alpha < math.inf:
        raise Refused(reader.where(node), f"its alpha is {alpha}", "export the model again")
    output = reader.only_output(node)
    inner, outer = f"{output}/inner", f"{output}/elu"
    tensors = {"scale": np.array([1 / alpha]), "offset": np.zeros(1)}
    reader.nodes.append(Node("scale", [node.input[0]], inner, f"{node.name}/inner", tensors, origin=node.op_type))
    reader.nodes.append(Node("elu", [inner], outer, f"{node.name}/elu", numbers={"alpha": 1.0}, origin=node.op_type))
    reader.emit_scale(node, outer, alpha, 0.0)


def read_gelu(reader: Reader, node: NodeProto) -> None:
    kinds = {"none": "gelu", "tanh": "gelu_tanh"}
    approximate = reader.text(node, "approximate", "none")
    if approximate not in kinds:
        raise Refused(reader.where(node), f"no approximation {approximate!r}", f"supported: {', '.join(kinds)}")
    reader.emit(node, kinds[approximate], node.input[0])


def read_prelu(reader: Reader, node: NodeProto) -> None:
    slopes = reader.constants.get(node.input[1])
    if slopes is None or slopes.size < 1:
        raise Refused(reader.where(node), "its slopes are not constant", "export the model again")
    slopes = reader.vector(node, slopes, reader.axes(node.input[0]))
    if np.all(slopes == slopes.flat[0]):
        reader.emit(node, "leaky_relu", node.input[0], {"slope": float(slopes.flat[0])})
    else:
        reader.emit(node, "prelu", node.input[0], slope=slopes)


def with_numbers(kind: str, **attributes: tuple[str, float]) -> Callable[[Reader, NodeProto], None]:
    """attributes: for each number of the kind the operator's attribute and its default."""

    def read(reader: Reader, node: NodeProto) -> None:
        reader.emit(node, kind, node.input[0], {key: reader.real(node, name, default) for key, (name, default) in attributes.items()})

    return read


def read_hard_swish(reader: Reader, node: NodeProto) -> None:
    reader.emit(node, "hard_silu", node.input[0], {"slope": 1 / 6, "offset": 0.5})


def read_softmax(reader: Reader, node: NodeProto) -> None:
    """Over the features: before operator set 13 the default axis is 1, which is the same where features are axis 1."""
    rank = reader.ranks.get(node.input[0], 2)
    axis = reader.integer(node, "axis", -1 if reader.opset >= 13 else 1)
    if axis not in (-1, rank - 1):
        raise Refused(reader.where(node), f"axis {axis} of rank {rank}: softmax must run over the last axis", "export it with axis -1")
    reader.emit(node, "softmax", node.input[0])


def read_transpose(reader: Reader, node: NodeProto) -> None:
    raise Refused(reader.where(node), "it exchanges axes of what depends on the input", "use it on constants alone")


def elementwise(kind: str) -> Callable[[Reader, NodeProto], None]:
    def read(reader: Reader, node: NodeProto) -> None:
        reader.emit(node, kind, node.input[0])

    return read


def nothing(reader: Reader, node: NodeProto) -> None:
    """Constant nodes become constants, not nodes."""


OPERATORS: dict[str, Callable[[Reader, NodeProto], None]] = {
    "Add": read_add,
    "BatchNormalization": read_batch_normalization,
    "Cast": read_cast,
    "Celu": read_celu,
    "Clip": read_clip,
    "Concat": read_concat,
    "Constant": nothing,
    "Div": read_div,
    "Dropout": read_dropout,
    "Elu": with_numbers("elu", alpha=("alpha", 1.0)),
    "Exp": elementwise("exponential"),
    "Flatten": read_flatten,
    "Gather": read_gather,
    "Gelu": read_gelu,
    "Gemm": read_gemm,
    "HardSigmoid": with_numbers("hard_sigmoid", slope=("alpha", 0.2), offset=("beta", 0.5)),
    "HardSwish": read_hard_swish,
    "Identity": elementwise("identity"),
    "LayerNormalization": read_layer_normalization,
    "LeakyRelu": with_numbers("leaky_relu", slope=("alpha", 0.01)),
    "MatMul": read_matmul,
    "Mul": read_mul,
    "PRelu": read_prelu,
    **dict.fromkeys(onnx_quant.QUANTISERS, onnx_quant.read_quant),
    "Relu": elementwise("relu"),
    "Reshape": read_reshape,
    "Selu": read_selu,
    "Shape": nothing,
    "Sigmoid": elementwise("sigmoid"),
    "Slice": read_slice,
    "Softmax": read_softmax,
    "Softplus": elementwise("softplus"),
    "Softsign": elementwise("softsign"),
    "Split": read_split,
    "Squeeze": read_squeeze,
    "Sub": read_sub,
    "Sum": read_sum,
    "Tanh": elementwise("tanh"),
    "Transpose": read_transpose,
    "Unsqueeze": read_unsqueeze,
}

ELEMENTWISE = (
    *("Cast", "Celu", "Clip", "Dropout", "Elu", "Exp", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Relu"),
    *("Selu", "Sigmoid", "Softplus", "Softsign", "Tanh"),
)
"""They compute alike whatever axes there are."""

ARITY = {
    **dict.fromkeys(("Add", "Div", "Gather", "MatMul", "Mul", "PRelu", "Reshape", "Sub"), (2, 2)),
    **dict.fromkeys(onnx_quant.QUANTISERS, (4, 4)),
    **dict.fromkeys(("Squeeze", "Unsqueeze"), (1, 2)),
    **dict.fromkeys(("Concat", "Sum"), (1, 1 << 16)),
    **{"BatchNormalization": (5, 5), "Clip": (1, 3), "Dropout": (1, 3), "Gemm": (2, 3), "LayerNormalization": (2, 3), "Slice": (1, 5), "Split": (1, 2)},
}
"""Fewest and most inputs; (1, 1) for the others."""

MOST_OUTPUTS = {"Dropout": 2, "LayerNormalization": 3}
"""What comes after the first, a mask and statistics, has no node here: a model that reads it is refused."""


def fold_gemm(reader: Reader, node: NodeProto, operands: list[np.ndarray]) -> np.ndarray:
    a, b = (o.T if reader.integer(node, t, 0) else o for o, t in zip(operands, ("transA", "transB")))
    with np.errstate(all="ignore"):
        product = reader.real(node, "alpha", 1.0) * bounded_product(a, b)
        return product + reader.real(node, "beta", 1.0) * operands[2] if len(operands) == 3 else product


def bounded_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Multiplies constants; raises ValueError where the result would be far larger than the operands."""
    if a.ndim > 2 or b.ndim > 2 or a.size * b.size > MAXIMUM_FOLDED:
        raise ValueError("operands too large")
    return a @ b


def fold_matmul(reader: Reader, node: NodeProto, operands: list[np.ndarray]) -> np.ndarray:
    with np.errstate(all="ignore"):
        return bounded_product(operands[0], operands[1])


def fold_pair(compute: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Reader, NodeProto, list[np.ndarray]], np.ndarray]:
    def fold(reader: Reader, node: NodeProto, operands: list[np.ndarray]) -> np.ndarray:
        if math.prod(np.broadcast_shapes(operands[0].shape, operands[1].shape)) > MAXIMUM_FOLDED:
            raise ValueError("operands too large")
        with np.errstate(all="ignore"):
            return compute(operands[0], operands[1])

    return fold


def fold_transpose(reader: Reader, node: NodeProto, operands: list[np.ndarray]) -> np.ndarray:
    axes = next((list(a.ints) for a in node.attribute if a.name == "perm"), None)
    return np.transpose(operands[0], axes)



FOLDS: dict[str, Callable[[Reader, NodeProto, list[np.ndarray]], np.ndarray]] = {
    "Add": fold_pair(np.add),
    "Cast": lambda reader, node, operands: operands[0],
    "Div": fold_pair(np.divide),
    "Gemm": fold_gemm,
    "Identity": lambda reader, node, operands: operands[0],
    "MatMul": fold_matmul,
    "Mul": fold_pair(np.multiply),
    **dict.fromkeys(onnx_quant.QUANTISERS, onnx_quant.fold_quant),
    "Sub": fold_pair(np.subtract),
    "Transpose": fold_transpose,
}
