"""Operators that exporters write out in several: found among the nodes and put together again, before anything is read.

- GELU, exact: x / sqrt(2), Erf, + 1, times x, times 1/2, in any order of the factors;
- GELU by tanh: x + 0.044715 x^3, times sqrt(2 / pi), Tanh, + 1, times x, times 1/2;
- softsign: x / (1 + |x|);
- layer normalisation: the mean subtracted, divided by the root of the mean square plus epsilon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

TOLERANCE = 5e-6
MAXIMUM_NUMBERS = 64


@dataclass
class Nodes:
    """The nodes, with what each value is and who reads it."""

    order: list[NodeProto]
    writers: dict[str, NodeProto]
    readers: dict[str, list[NodeProto]]
    numbers: dict[str, float]
    """Constants of one number."""
    given: set[str]
    """The model's outputs: they have to stay."""

    def writer(self, value: str, operator: str) -> NodeProto | None:
        node = self.writers.get(value)
        return node if node is not None and node.op_type == operator else None

    def is_number(self, value: str, number: float) -> bool:
        return value in self.numbers and abs(self.numbers[value] - number) <= TOLERANCE * abs(number)

    def only_reader(self, value: str, operator: str) -> NodeProto | None:
        readers = self.readers.get(value, [])
        alone = len(readers) == 1 and readers[0].op_type == operator and value not in self.given
        return readers[0] if alone else None

    def factors(self, value: str) -> tuple[list[str], float, list[NodeProto]]:
        """Returns the values that a tree of Mul and Div by numbers multiplies, the number, and the nodes of the tree."""
        node = self.writers.get(value)
        if node is None or len(node.input) != 2 or node.op_type not in ("Mul", "Div"):
            return [value], 1.0, []
        first, second = node.input
        if node.op_type == "Div":
            if second not in self.numbers or self.numbers[second] == 0:
                return [value], 1.0, []
            values, number, nodes = self.factors(first)
            return values, number / self.numbers[second], [node, *nodes]
        if first in self.numbers:
            first, second = second, first
        values, number, nodes = self.factors(first)
        if second in self.numbers:
            return values, number * self.numbers[second], [node, *nodes]
        others, other, more = self.factors(second)
        return [*values, *others], number * other, [node, *nodes, *more]


def fuse(order: list[NodeProto], graph: GraphProto) -> list[NodeProto]:
    """Returns the nodes with the patterns replaced. Nodes that nothing reads any more are left out."""
    writers = {output: node for node in order if is_whole(node) for output in node.output}
    readers: dict[str, list[NodeProto]] = {}
    for node in order:
        for value in node.input:
            readers.setdefault(value, []).append(node)
    nodes = Nodes(order, writers, readers, small_constants(order, graph), {o.name for o in graph.output})
    replaced: dict[int, NodeProto] = {}
    for node in filter(is_whole, order):
        if node.op_type == "Mul":
            found = gelu(nodes, node)
        elif node.op_type == "Div":
            found = softsign(nodes, node) or layer_normalization(nodes, node, graph)
        else:
            found = None
        if found is not None:
            replaced[id(node)] = found
    if not replaced:
        return order
    kept = [replaced.get(id(node), node) for node in order]
    needed = set(nodes.given)
    result = []
    for node in reversed(kept):
        if needed.intersection(node.output):
            result.append(node)
            needed.update(node.input)
    return result[::-1]


INPUTS = {
    **dict.fromkeys(("Add", "Div", "Mul", "Pow", "Sub"), 2),
    **dict.fromkeys(("Abs", "Erf", "ReduceMean", "Sqrt", "Tanh"), 1),
}


def is_whole(node: NodeProto) -> bool:
    """Whether a node has as many inputs as its operator reads: what has not is refused later, by name."""
    return len(node.input) >= INPUTS.get(node.op_type, 0)


def small_constants(order: list[NodeProto], graph: GraphProto) -> dict[str, float]:
    tensors = {t.name: t for t in graph.initializer if math.prod(t.dims) == 1}
    for node in order:
        if node.op_type == "Constant" and len(node.attribute) == 1 and node.output:
            attribute = node.attribute[0]
            if attribute.name == "value" and math.prod(attribute.t.dims) == 1:
                tensors[node.output[0]] = attribute.t
    numbers = {}
    for name, tensor in tensors.items():
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.DOUBLE) and not tensor.external_data:
            try:
                numbers[name] = float(np.reshape(numpy_helper.to_array(tensor), -1)[0])
            except (ValueError, IndexError):
                continue
    for node in order:
        if node.op_type == "Constant" and len(node.attribute) == 1 and node.attribute[0].name == "value_float":
            numbers[node.output[0]] = node.attribute[0].f
    return numbers


def gelu(nodes: Nodes, last: NodeProto) -> NodeProto | None:
    """The last multiplication of one of the two forms."""
    readers = nodes.readers.get(last.output[0], [])
    if any(reader.op_type == "Mul" and any(i in nodes.numbers for i in reader.input) for reader in readers) and len(readers) == 1:
        return None  # a factor is still to come
    values, number, tree = nodes.factors(last.output[0])
    if len(values) != 2 or abs(number - 0.5) > TOLERANCE or any(len(nodes.readers.get(n.output[0], [])) > 1 for n in tree if n is not last):
        return None
    for value, gate in (values, values[::-1]):
        added = nodes.writer(gate, "Add")
        if added is None:
            continue
        inner = [i for i in added.input if not nodes.is_number(i, 1.0)]
        if len(inner) != 1:
            continue
        name = last.name or last.output[0]
        erf = nodes.writer(inner[0], "Erf")
        if erf is not None:
            read, factor, _ = nodes.factors(erf.input[0])
            if read == [value] and abs(factor - math.sqrt(0.5)) <= TOLERANCE:
                return helper.make_node("Gelu", [value], [last.output[0]], name=name)
        tanh = nodes.writer(inner[0], "Tanh")
        if tanh is not None and is_cubic(nodes, tanh.input[0], value):
            return helper.make_node("Gelu", [value], [last.output[0]], name=name, approximate="tanh")
    return None


def is_cubic(nodes: Nodes, argument: str, value: str) -> bool:
    """Whether argument is sqrt(2 / pi) (x + 0.044715 x^3), or sqrt(2 / pi) x (1 + 0.044715 x^2)."""
    values, number, _ = nodes.factors(argument)
    if abs(number - math.sqrt(2 / math.pi)) > TOLERANCE:
        return False
    rest = [v for v in values if v != value]
    if len(rest) != 1:
        return False
    added = nodes.writer(rest[0], "Add")
    if added is None:
        return False
    power = 3 if len(values) == 1 else 2
    for first, second in (added.input, list(added.input)[::-1]):
        if first == value if power == 3 else nodes.is_number(first, 1.0):
            factors, factor, _ = nodes.factors(second)
            return abs(factor - 0.044715) <= TOLERANCE * 0.044715 * 10 and power_of(nodes, factors, value) == power
    return False


def power_of(nodes: Nodes, factors: list[str], value: str) -> float:
    total = 0.0
    for factor in factors:
        raised = nodes.writer(factor, "Pow")
        if factor == value:
            total += 1
        elif raised is not None and raised.input[0] == value and raised.input[1] in nodes.numbers:
            total += nodes.numbers[raised.input[1]]
        else:
            return math.nan
    return total


def softsign(nodes: Nodes, divided: NodeProto) -> NodeProto | None:
    added = nodes.writer(divided.input[1], "Add")
    if added is None:
        return None
    for size, one in (added.input, list(added.input)[::-1]):
        absolute = nodes.writer(size, "Abs")
        if absolute is not None and absolute.input[0] == divided.input[0] and nodes.numbers.get(one) == 1.0:
            return helper.make_node("Softsign", [divided.input[0]], [divided.output[0]], name=divided.name or divided.output[0])
    return None


def layer_normalization(nodes: Nodes, divided: NodeProto, graph: GraphProto) -> NodeProto | None:
    """(x - mean) / sqrt(mean square + epsilon); scale and offset after it are folded by the passes that fold any."""
    centred = nodes.writer(divided.input[0], "Sub")
    root = nodes.writer(divided.input[1], "Sqrt")
    if centred is None or root is None:
        return None
    value = centred.input[0]
    if not is_mean(nodes, centred.input[1], value, graph):
        return None
    summed = nodes.writer(root.input[0], "Add")
    if summed is None:
        return None
    for spread, epsilon in (summed.input, list(summed.input)[::-1]):
        variance = nodes.writer(spread, "ReduceMean")
        if epsilon not in nodes.numbers or variance is None or not is_mean(nodes, spread, variance.input[0], graph):
            continue
        if squares(nodes, variance.input[0], divided.input[0]):
            ones = f"{divided.output[0]}/ones"
            graph.initializer.append(numpy_helper.from_array(np.ones(1, np.float32), ones))
            name = divided.name or divided.output[0]
            return helper.make_node(
                "LayerNormalization", [value, ones], [divided.output[0]], name=name, axis=-1, epsilon=nodes.numbers[epsilon]
            )
    return None


def squares(nodes: Nodes, value: str, of: str) -> bool:
    node = nodes.writers.get(value)
    if node is None or len(node.input) != 2:
        return False
    if node.op_type == "Pow":
        return node.input[0] == of and nodes.is_number(node.input[1], 2.0)
    return node.op_type == "Mul" and list(node.input) == [of, of]


def is_mean(nodes: Nodes, value: str, of: str, graph: GraphProto) -> bool:
    """Whether a value is the mean over the last axis, which is kept."""
    node = nodes.writer(value, "ReduceMean")
    if node is None or node.input[0] != of or any(a.name == "keepdims" and a.i == 0 for a in node.attribute):
        return False
    axes = next((list(a.ints) for a in node.attribute if a.name == "axes"), None)
    if axes is None and len(node.input) > 1:
        tensor = next((t for t in graph.initializer if t.name == node.input[1]), None)
        constant = nodes.writers.get(node.input[1])
        if tensor is None and constant is not None and constant.op_type == "Constant" and len(constant.attribute) == 1:
            tensor = constant.attribute[0].t
        if tensor is None or tensor.data_type != TensorProto.INT64 or math.prod(tensor.dims) > MAXIMUM_NUMBERS:
            return False
        try:
            axes = np.reshape(numpy_helper.to_array(tensor), -1).tolist()
        except ValueError:
            return False
    return axes == [-1] or axes == [1]
