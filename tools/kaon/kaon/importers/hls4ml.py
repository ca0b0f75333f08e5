"""hls4ml's configuration beside a Keras model: the types that hls4ml 1.3 would compute with, on every layer of the graph.

Where a precision is auto, it is inferred as hls4ml's passes infer it (infer_precision.py, bn_fuse.py, linear.py of hls4ml 1.3.0): sums and
results of a dense layer exact, sums of two exact, all else the model's default.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kaon import fixed, passes, tiles
from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.graph import SOFTMAX_VARIANTS, Graph, Node, tensor_type
from kaon.importers.hls4ml_config import Configuration
from kaon.importers.hls4ml_tables import centred_table, legacy_tables, table_below_zero, table_by_bits
from kaon.importers.hls4ml_types import of_constant
from kaon.tables import BELOW_ZERO, CENTRED, SELU_SLOPE, STANDARD, STANDARD_SOFTMAX, decay, exponential, inverse, limited, unsigned

NO_BIAS = Fixed(1, 1, False)
"""Of a layer without one: hls4ml adds zeros of this type."""

DENSE = ("weight", "bias", "accum", "result")
KINDS = {
    **{kind: "Activation" for kind in ("relu", "sigmoid", "tanh", "selu", "softplus", "softsign")},
    **{"add": "Merge", "concat": "Concatenate", "dense": "Dense", "elu": "ParametrizedActivation", "hard_sigmoid": "HardActivation"},
    **{"leaky_relu": "ParametrizedActivation", "multiply": "Merge", "prelu": "PReLU", "reshape": "Reshape"},
    **{"scale": "BatchNormalization", "softmax": "Softmax"},
}
"""hls4ml's classes of layers, by which it looks up LayerType."""

HARD_SIGMOID = {"slope": ("weights", Fixed(16, 0, False), "Slope", 0.2), "offset": ("bias", Fixed(2, 0, False), "Shift", 0.5)}
"""Of its two numbers: the type, the key of a configuration, and what stands where there is none, whatever Keras has."""

UNREAD = ("InputLayer", "LeakyReLU", "ThresholdedReLU", "ELU")
"""LayerTypes that hls4ml writes into configurations and never looks up, for its classes have other names."""


def configure(graph: Graph, config: Configuration) -> None:
    """Gives the graph of an importer its types. Refuses layers that hls4ml does not compute so, and parts of the configuration that name nothing."""
    Configured(graph, config).run()


class Configured:
    """What is known while types are given: those of all values before a layer."""

    def __init__(self, graph: Graph, config: Configuration) -> None:
        self.graph = graph
        self.config = config
        self.types: dict[str, Fixed] = {}
        self.layers: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.inferred: set[str] = set()
        """Values whose type is auto."""

    def run(self) -> None:
        passes.sort(self.graph)
        default = self.config.default
        assert default is not None
        self.default = default
        for port in self.graph.inputs:
            if port.scalar != "float":
                raise Refused(f"{self.graph.place}, input {port.name!r}", "it takes integers", "hls4ml's embeddings are not read")
            self.types[port.name] = self.named(port.name, "Input", "result") or default
            self.layers[port.name] = ("Input", ("result",))
            port.scalar = str(self.types[port.name])
        for node in list(self.graph.nodes):
            if node in self.graph.nodes:  # else it went into the layer before
                self.give(node)
        for name in [name for name in self.config.names["LayerType"] if name in UNREAD]:
            self.config.names["LayerType"].remove(name)
            self.config.ignored.append(f"LayerType.{name}")
        self.config.finish(self.layers)

    def named(self, name: str, kind: str, variable: str) -> Fixed | None:
        return self.config.precision(name, kind, variable)

    def give(self, node: Node) -> None:
        handler = HANDLERS.get(node.kind)
        place = f"{self.graph.place}, {passes.describe(node)}"
        if handler is None or (node.kind == "scale" and node.origin != "BatchNormalization") or node.origin in ("Average", "Subtract"):
            raise Refused(place, "hls4ml's types of such a layer are not known", f"known: {', '.join(sorted(set(KINDS.values())))}")
        handler(self, node)

    def has(self, node: Node, *variables: str) -> str:
        """Notes what a layer has, for what the configuration may name; returns its class."""
        kind = class_of(node)
        self.layers[node.name] = (kind, variables)
        return kind

    def capped(self, t: Fixed) -> Fixed:
        """Returns an inferred type, no wider than the configuration's maximum."""
        most = self.config.maximum
        return t if most is None else Fixed(min(t.width, most.width), min(t.integer, most.integer), t.is_signed)

    def result(self, node: Node, inferred: Fixed) -> None:
        """Gives a layer the result type that is named, or the inferred one."""
        named = self.named(node.name, class_of(node), "result")
        node.types["result"] = self.types[node.output] = named or inferred
        if named is None:
            self.inferred.add(node.output)

    def dense(self, node: Node) -> None:
        kind = self.has(node, *DENSE)
        weight = self.named(node.name, kind, "weight") or self.default
        bias = self.named(node.name, kind, "bias") or self.default
        if "bias" not in node.tensors:
            node.tensors["bias"], bias = np.zeros(node.tensors["weights"].shape[1], np.float32), NO_BIAS
        node.types |= {"weights": weight, "bias": bias}
        follower = self.follower(node)
        if self.named(node.name, kind, "result") is None and follower is not None and follower.kind == "scale" and follower.origin == "BatchNormalization":
            self.fold(node, follower)
            follower = self.follower(node)
        x = self.types[node.inputs[0]]
        product = fixed.product(x, weight)
        exact = fixed.accumulated(product, node.tensors["weights"].shape[0], bias)
        accumulator = self.named(node.name, kind, "accum") or self.capped(exact)
        if not accumulator.holds(exact):
            node.types["accumulator"] = accumulator
        self.result(node, self.capped(exact))
        self.tile(node, kind, *node.tensors["weights"].shape)
        self.write_numbers(node)

    def tile(self, node: Node, kind: str, inputs: int, outputs: int) -> None:
        """A reuse factor becomes the tile of as many turns, or of the next fewer that divide the layer's sizes."""
        turns = self.config.reuse(node.name, kind)
        if turns > 1:
            node.tile = tiles.of_turns(turns, inputs, outputs)

    def follower(self, node: Node) -> Node | None:
        """Returns the one node that reads what a node gives, if nothing else does."""
        readers = self.graph.consumers(node.output)
        return readers[0] if len(readers) == 1 and not self.graph.is_output(node.output) else None

    def fold(self, node: Node, scale: Node) -> None:
        """A batch normalisation after a dense layer whose result is auto goes into its numbers."""
        kind = KINDS["scale"]
        for variable in ("scale", "bias", "result"):  # asked for, so that they count as used
            self.named(scale.name, kind, variable)
        self.has(scale, "scale", "bias", "result")
        factors, offsets = (scale.tensors[key].astype(np.float32) for key in ("scale", "offset"))
        node.tensors["weights"] = factors * node.tensors["weights"].astype(np.float32)
        node.tensors["bias"] = factors * node.tensors["bias"].astype(np.float32) + offsets
        node.types["bias"] = self.named(node.name, KINDS["dense"], "bias") or self.default
        node.origin = f"{node.origin} + {scale.origin}"
        self.graph.nodes.remove(scale)
        if self.graph.is_output(scale.output):
            node.output = scale.output
        else:
            passes.rename_reads(self.graph, scale.output, node.output)

    def scale(self, node: Node) -> None:
        """x scale + bias, exact, then rounded."""
        kind = self.has(node, "scale", "bias", "result")
        node.types["weights"] = self.named(node.name, kind, "scale") or self.default
        node.types["bias"] = self.named(node.name, kind, "bias") or self.default
        exact = fixed.total(fixed.product(self.types[node.inputs[0]], node.types["weights"]), node.types["bias"])
        self.result(node, self.capped(exact))
        self.tile(node, kind, 1, len(node.tensors["scale"]))
        self.write_numbers(node)

    def activation(self, node: Node) -> None:
        self.has(node, "result", "table", "param") if class_of(node) == "ParametrizedActivation" else self.has(node, "result", "table")
        self.result(node, self.default)

    def function(self, node: Node) -> None:
        """A function that is one table, above or below zero."""
        kind = self.has(node, *(("result", "table", "param") if node.kind == "elu" else ("result", "table")))
        t = self.config.table_type(node.name, kind, "TableT", STANDARD)
        table = table_below_zero if node.kind in BELOW_ZERO else centred_table
        node.tables["table"] = table(node.kind, t, self.config.table_size(node.name, kind))
        if node.kind == "elu":
            self.parameter(node, "alpha")
        if node.kind == "selu":
            node.types["weights"] = SELU_SLOPE
        self.result(node, self.default)

    def hard_sigmoid(self, node: Node) -> None:
        kind = self.has(node, "result", "table", "slope", "shift")
        for key, (what, t, name, value) in HARD_SIGMOID.items():
            node.types[what] = t
            node.numbers[key] = self.rounded(t, self.config.number(node.name, kind, name, value))
        self.result(node, self.default)

    def parameter(self, node: Node, key: str) -> None:
        """Gives a layer's one number its type and, in that, its value."""
        named = self.named(node.name, class_of(node), "param")
        if not math.isfinite(node.numbers[key]):
            return  # refused by name later
        t = node.types["weights"] = named or of_constant(node.numbers[key])
        node.numbers[key] = self.rounded(t, node.numbers[key])

    def rounded(self, t: Fixed, value: float) -> float:
        return float(t.to_values(t.of_values(np.array(value))))

    def softmax(self, node: Node) -> None:
        kind = self.has(node, "result", "table", "exp_table", "inv_table", "inv_inp", "accum")
        place = f"{self.graph.place}, {passes.describe(node)}"
        node.variant = self.config.table_key(node.name, kind, "Implementation", "stable")
        if node.variant not in SOFTMAX_VARIANTS or self.config.table_key(node.name, kind, "Skip", False):
            raise Refused(place, f"its implementation is {node.variant!r}, or it is skipped", f"use one of {', '.join(SOFTMAX_VARIANTS)}")
        types = (self.config.table_type(node.name, kind, key, STANDARD_SOFTMAX) for key in ("ExpTableT", "InvTableT", "InvInpT"))
        exp_type, inv_type, asked = types
        x = self.types[node.inputs[0]]
        norm = unsigned(x) if node.variant == "stable" else x
        size = limited(limited(self.config.table_size(node.name, kind), x.width), inv_type.width)
        if node.variant == "argmax":
            self.result(node, self.default)
            return
        if node.variant == "legacy":  # its tables have one type, whatever is named
            node.tables |= legacy_tables(STANDARD, size)
            self.result(node, self.default)
            return
        node.types |= {"accumulator": self.named(node.name, kind, "accum") or self.default, "inv_input": asked}
        node.types |= {"norm_input": norm} if node.variant == "stable" else {}
        raised = decay if node.variant == "stable" else exponential
        node.tables["exp_table"] = table_by_bits(raised, norm, exp_type, limited(size, norm.width))
        node.tables["inv_table"] = table_by_bits(inverse, asked, inv_type, limited(size, asked.width))
        self.result(node, self.default)

    def leaky_relu(self, node: Node) -> None:
        self.has(node, "result", "param", "table")
        self.parameter(node, "slope")
        self.result(node, self.default)

    def prelu(self, node: Node) -> None:
        kind = self.has(node, "result", "param", "table")
        node.types["weights"] = self.named(node.name, kind, "param") or self.types[node.inputs[0]]
        self.result(node, self.default)
        self.write_numbers(node)

    def merge(self, node: Node) -> None:
        self.has(node, "result")
        place = f"{self.graph.place}, {passes.describe(node)}"
        if len(node.inputs) != 2:
            raise Refused(place, f"it reads {len(node.inputs)} values, hls4ml's merges two", "merge two at a time")
        first, second = (self.types[value] for value in node.inputs)
        self.result(node, self.capped((fixed.total if node.kind == "add" else fixed.product)(first, second)))

    def concat(self, node: Node) -> None:
        self.has(node, "result")
        read = [self.types[value] for value in node.inputs]
        wide = read[0]
        if len(set(read)) > 1:
            bare = self.capped(fixed.joined(read))
            rounding = next((t.rounding for t in read if t.rounding != "truncate"), "truncate")
            overflow = next((t.overflow for t in read if t.overflow != "wrap"), "wrap")
            wide = Fixed(bare.width, bare.integer, bare.is_signed, rounding, overflow)
        self.result(node, wide)
        self.convert_after(node)

    def convert_after(self, node: Node) -> None:
        """Puts the conversion to a layer's result behind it, where the layer itself rounds nothing."""
        joined = f"{node.output}/joined"
        made = Node("identity", [joined], node.output, f"{node.name}_result", origin=node.origin, types={"result": node.types.pop("result")})
        node.output = joined
        self.types[joined] = self.types[made.output]
        self.graph.nodes.insert(self.graph.nodes.index(node) + 1, made)

    def reshape(self, node: Node) -> None:
        """The same wires: no result type has an effect."""
        self.named(node.name, self.has(node, "result"), "result")
        self.types[node.output] = self.types[node.inputs[0]]

    def identity(self, node: Node) -> None:
        """A linear activation is a conversion, unless the layer before it has an auto type; what is of training alone is nothing."""
        before = self.types[node.inputs[0]]
        self.types[node.output] = before
        if node.origin != "Activation":
            return
        self.layers[node.name] = ("Activation", ("result", "table"))
        named = self.named(node.name, "Activation", "result") or self.default
        if node.inputs[0] not in self.inferred and named != before:
            node.types["result"] = self.types[node.output] = named

    def write_numbers(self, node: Node) -> None:
        """Rounds numbers as they reach hls4ml's C++: written with as many decimals as the type has fraction bits, then converted."""
        for key, tensor in node.tensors.items():
            t = node.types[tensor_type(key)]
            decimals = max(0, t.fraction)
            read = np.array([float(f"{value:.{decimals}f}") for value in tensor.ravel()]).reshape(tensor.shape)
            if not np.isfinite(read).all():
                return  # refused by name later
            node.tensors[key] = t.to_values(t.of_values(read))


def class_of(node: Node) -> str:
    """Returns hls4ml's class of a layer; a ReLU layer is one with a threshold there, of 0."""
    return "ParametrizedActivation" if node.origin == "ReLU" else KINDS[node.kind]


HANDLERS: dict[str, Callable[[Configured, Node], None]] = {
    **{kind: Configured.function for kind in (*BELOW_ZERO, *CENTRED) if kind in KINDS},
    "hard_sigmoid": Configured.hard_sigmoid,
    "relu": Configured.activation,
    "softmax": Configured.softmax,
    "add": Configured.merge,
    "concat": Configured.concat,
    "dense": Configured.dense,
    "identity": Configured.identity,
    "leaky_relu": Configured.leaky_relu,
    "multiply": Configured.merge,
    "prelu": Configured.prelu,
    "reshape": Configured.reshape,
    "scale": Configured.scale,
}
