"""What happens to a graph between an importer and the writers, one function a pass, in the order of `run`.

A pass changes the graph in place and keeps what it computes. To support a new operator: teach an importer to make a node
of it, and, where the C++ library has no layer of that kind, write a pass here that rewrites it into ones that it has.
"""

from __future__ import annotations

import math

import numpy as np

from kaon import forest as forests, precision
from kaon.error import Refused
from kaon.graph import INTEGERS, LAYERS, NUMBERS, PASSING_INTEGERS, POINTWISE, SIZES, Graph, Node
from kaon.names import unique

MAXIMUM_PARAMETERS = 1 << 28
MAXIMUM_EVENT = 1 << 18
"""Numbers of a value of one event: the evaluator holds hundreds of events at once."""


def run(graph: Graph, scalar: str = "float") -> None:
    """Turns what an importer made into named layers with known shapes, each chain of them together.

    scalar: 'float' or 'double', in which a model without fixed-point types computes.
    """
    settle_scalar(graph, scalar)
    sort(graph)
    drop_identities(graph)
    fuse_gates(graph)
    infer_shapes(graph)
    flatten_constants(graph)
    drop_idle_reshapes(graph)
    make_dense(graph)
    precision.merge_conversions(graph)
    graph.nodes = [node for chain in graph.segments() for node in chain]
    name_layers(graph)
    check_layers(graph)
    precision.complete(graph)


def settle_scalar(graph: Graph, scalar: str) -> None:
    """Makes a graph compute in float or double: thresholds, weights and ports of that type."""
    if graph.is_fixed or any(p.type for p in graph.outputs):
        if scalar == "double":
            raise Refused("--scalar double", f"{graph.place} states fixed-point types, which its numbers have", "leave the option out")
        return
    if scalar == "double":
        integers = next((p.name for p in graph.inputs if p.is_integer), None)
        if integers is not None:
            raise Refused("--scalar double", f"the input {integers!r} takes integers", "leave the option out")
        for port in (*graph.inputs, *graph.outputs):
            port.scalar = scalar
    for node in graph.nodes:
        if node.kind == "forest":
            forests.settle(node, graph.real)
        elif graph.is_double or node.kind == "dense":
            with np.errstate(over="ignore"):  # refused by name later
                node.tensors = {key: t if key in INTEGERS else t.astype(graph.real) for key, t in node.tensors.items()}


def sort(graph: Graph) -> None:
    """Keeps the nodes that lead to an output, in an order in which each reads only inputs and nodes before it."""
    for what, ports in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        names = [p.name for p in ports]
        if not names:
            raise Refused(graph.place, f"the model has no {what}", "convert a model that computes something")
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise Refused(graph.place, f"two of its {what} are named {twice!r}", "export the model again")
    known = {p.name for p in graph.inputs}
    writers = {n.output: n for n in graph.nodes}
    if len(writers) < len(graph.nodes):
        twice = next(n for n in graph.nodes if writers[n.output] is not n)
        raise Refused(f"{graph.place}, {describe(twice)}", f"its output {twice.output!r} is written twice", "export the model again")
    order: list[Node] = []
    opened: set[str] = set()
    stack = [p.name for p in reversed(graph.outputs)]
    while stack:
        value = stack[-1]
        if value in known:
            stack.pop()
        elif value not in writers:
            cause = f"the model's outputs do not follow from its inputs: nothing writes {value!r}"
            raise Refused(graph.place, cause, "export the model again")
        elif value in opened:
            known.add(value)
            order.append(writers[value])
            stack.pop()
        else:
            opened.add(value)
            before = [v for v in writers[value].inputs if v not in known]
            if any(v in opened for v in before):
                raise Refused(f"{graph.place}, {describe(writers[value])}", "the model contains a loop", "export the model again")
            stack.extend(before)
    graph.nodes = order


def drop_identities(graph: Graph) -> None:
    """Removes identity nodes; whoever read the result reads what the identity read.

    The name of a model's output stays: the node before takes it over, unless it is an output itself.
    """
    for node in [n for n in graph.nodes if n.kind == "identity" and not n.types]:
        source = node.inputs[0]
        before = graph.producer(source)
        if not graph.is_output(node.output):
            graph.nodes.remove(node)
            rename_reads(graph, node.output, source)
        elif before is not None and not graph.is_output(source):
            graph.nodes.remove(node)
            before.output = node.output
            rename_reads(graph, source, node.output)
    if all(n.kind == "identity" and not n.types for n in graph.nodes):
        raise Refused(graph.place, "the model passes its input on and has no layer", "convert a model that computes something")


def rename_reads(graph: Graph, old: str, new: str) -> None:
    for node in graph.nodes:
        node.inputs = [new if value == old else value for value in node.inputs]


def fuse_gates(graph: Graph) -> None:
    """Makes x sigmoid(x) one node, as exporters write silu out; likewise with hard_sigmoid."""
    gates = {"sigmoid": "silu", "hard_sigmoid": "hard_silu"}
    for node in [n for n in graph.nodes if n.kind == "multiply" and len(n.inputs) == 2]:
        for value, other in (node.inputs, node.inputs[::-1]):
            gate = graph.producer(other)
            if gate is None or gate.kind not in gates or gate.inputs != [value] or graph.is_output(other):
                continue
            if graph.consumers(other) == [node]:
                node.kind, node.inputs, node.numbers = gates[gate.kind], [value], gate.numbers
                node.origin = f"{gate.origin} + {node.origin}"
                graph.nodes.remove(gate)
                break


def infer_shapes(graph: Graph) -> None:
    """Gives every node its output's shape, starting from the inputs, and compares with what the source declares."""
    shapes: dict[str, tuple[int, ...]] = {}
    for port in graph.inputs:
        place = f"{graph.place}, input {port.name!r}"
        if not port.shape:
            raise Refused(place, "an event has rank 0", "convert a model whose inputs are batch x features")
        stated = tuple(extent for extent in port.shape if extent is not None)
        if port.shape == (None,):
            features = features_from_readers(graph, port.name)
            stated = () if features is None else (features,)
        if len(stated) != len(port.shape) or any(extent < 1 for extent in stated):
            wrong = "not stated" if len(stated) != len(port.shape) else " x ".join(map(str, stated))
            raise Refused(place, f"the number of features is {wrong}", "export the model with a fixed number of features")
        refuse_large(place, stated)
        port.shape = shapes[port.name] = stated
    for node in graph.nodes:
        node.shape = shapes[node.output] = output_shape(graph, node, [shapes[value] for value in node.inputs])
        refuse_large(f"{graph.place}, {describe(node)}", node.shape)
    refuse_stray_integers(graph)
    for port in graph.outputs:
        shape = shapes[port.name]
        if len(port.shape) != len(shape) or any(declared not in (None, extent) for declared, extent in zip(port.shape, shape)):
            raise Refused(
                f"{graph.place}, output {port.name!r}",
                f"the file declares shape {port.shape}, the layers give {shape}",
                "export the model again",
            )
        port.shape = shape
    for port in (*graph.inputs, *graph.outputs):
        if port.labels is not None and len(port.labels) != port.size:
            raise Refused(
                f"{graph.place}, {port.name!r}",
                f"the file names {len(port.labels)} features or classes of {port.size}",
                "write one name for each",
            )


def refuse_large(place: str, shape: tuple[int, ...]) -> None:
    """Refuses values that only a broken or hostile file asks for, before anything of that size is made."""
    if math.prod(shape) > MAXIMUM_EVENT:
        raise Refused(place, f"an event of {math.prod(shape)} numbers", f"convert a model of at most {MAXIMUM_EVENT} an event")


def features_from_readers(graph: Graph, value: str) -> int | None:
    """Returns the number of features that a layer's tensors ask for, past layers that keep it."""
    same = {value}
    for node in graph.nodes:
        if same.isdisjoint(node.inputs):
            continue
        if node.kind in ("embedding", "reshape"):
            return None
        if "weights" in node.tensors:
            return node.tensors["weights"].shape[0]
        sizes = [t.shape[0] for t in node.tensors.values() if t.shape != (1,)]
        if sizes:
            return sizes[0]
        if node.kind not in ("concat", "slice"):
            same.add(node.output)
    return None


def output_shape(graph: Graph, node: Node, shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Returns the shape of what a node gives for the shapes that it reads; refuses where they do not fit."""
    place = f"{graph.place}, {describe(node)}"
    if node.kind == "reshape":
        return reshaped(place, shapes[0], node.shape)
    if node.kind in CONSTANTS and len(shapes[0]) != 1:
        for what, tensor in node.tensors.items():
            if not spreads(tensor.shape, shapes[0]):
                raise Refused(place, f"its {what} has shape {tensor.shape}, an event {shapes[0]}", "flatten it before")
        return shapes[0]
    if node.kind in POINTWISE and len(shapes[0]) != 1:
        if any(shape != shapes[0] for shape in shapes):
            raise Refused(place, f"it reads values of shapes {' and '.join(map(str, shapes))}", "use values of one shape")
        return shapes[0]
    wide = next((shape for shape in shapes if len(shape) != 1), None)
    if wide is not None:
        raise Refused(place, f"it reads a value of shape {wide} an event, not a vector", "flatten it before")
    if node.kind == "embedding":
        table = node.tensors["weights"]
        if table.ndim != 2 or 0 in table.shape:
            raise Refused(place, f"its table has shape {table.shape}, not rows x width", "export the model again")
        return (shapes[0][0], table.shape[1])
    return (output_size(graph, node, [shape[0] for shape in shapes]),)


CONSTANTS = ("bias", "scale", "prelu")
"""Element by element, with constants."""


def spreads(constant: tuple[int, ...], event: tuple[int, ...]) -> bool:
    """Whether a constant is one number, or has an event's axes, each as long as the event's or 1."""
    return constant == (1,) or (len(constant) == len(event) and all(c in (1, e) for c, e in zip(constant, event)))


def flatten_constants(graph: Graph) -> None:
    """Lets what computes with constants read vectors: between two reshapes, with a number for each element of an event."""
    nodes: list[Node] = []
    taken = {port.name for port in graph.inputs} | {node.output for node in graph.nodes}
    for node in graph.nodes:
        if node.kind not in CONSTANTS or len(node.shape) == 1:
            nodes.append(node)
            continue
        event, flat, result = node.shape, unique(f"{node.output}/flat", taken), unique(f"{node.output}/result", taken)
        taken |= {flat, result}
        node.tensors = {key: np.broadcast_to(tensor, event).reshape(-1) for key, tensor in node.tensors.items()}
        nodes.append(Node("reshape", node.inputs, flat, shape=(math.prod(event),), origin=node.origin))
        nodes.append(node)
        nodes.append(Node("reshape", [result], node.output, shape=event, origin=node.origin))
        node.inputs, node.output, node.shape = [flat], result, (math.prod(event),)
    graph.nodes = nodes


def reshaped(place: str, old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """Returns `new` with the extent that is -1 worked out."""
    size, known = math.prod(old), math.prod(extent for extent in new if extent != -1)
    if new.count(-1) == 1 and known > 0 and size % known == 0:
        new = tuple(size // known if extent == -1 else extent for extent in new)
    if not new or any(extent < 1 for extent in new) or math.prod(new) != size:
        raise Refused(place, f"values of shape {old} have no shape {new}", "export the model with fixed shapes")
    return new


def refuse_stray_integers(graph: Graph) -> None:
    """Integers may be reshaped, cut, joined and looked up; everything else computes with floats."""
    integers = {port.name for port in graph.inputs if port.is_integer}
    for node in graph.nodes:
        place = f"{graph.place}, {describe(node)}"
        whole = [value in integers for value in node.inputs]
        if node.kind == "embedding" and not all(whole):
            raise Refused(place, "it looks up numbers that are no integers", "give the model an integer input for them")
        if node.kind in PASSING_INTEGERS and all(whole):
            integers.add(node.output)
        elif node.kind != "embedding" and any(whole):
            raise Refused(place, "it computes with integers", "give the model a float input for them; integers are for embeddings")
    given = next((port.name for port in graph.outputs if port.name in integers), None)
    if given is not None:
        raise Refused(f"{graph.place}, output {given!r}", "it gives integers", "convert a model that gives floats")


def output_size(graph: Graph, node: Node, sizes: list[int]) -> int:
    """Returns how many numbers a node gives for as many as it reads of each value; refuses where they or its tensors do not fit."""
    weights = node.tensors.get("weights")
    place = f"{graph.place}, {describe(node)}"
    size = sizes[0]
    if node.kind == "forest":
        size = len(node.tensors["base"])
    elif weights is not None and node.kind != "embedding":
        if weights.ndim != 2 or weights.shape[0] != size:
            expected = "x".join(map(str, weights.shape))
            raise Refused(place, f"its weights are {expected} (in x out) but it reads {size} features", "export the model again")
        size = weights.shape[1]
    elif node.kind == "concat":
        size = sum(sizes)
    elif node.kind == "slice":
        first, count = (int(node.numbers[key]) for key in SIZES["slice"])
        if first < 0 or count < 1 or first + count > size:
            raise Refused(place, f"it takes features {first} to {first + count - 1} of {size}", "export the model again")
        size = count
    elif any(other != size for other in sizes):
        raise Refused(place, f"it reads values of {' and '.join(map(str, sizes))} features", "use values of one size")
    for what in ("bias", "scale", "offset", "slope"):
        tensor = node.tensors.get(what)
        if tensor is not None and tensor.shape not in ((size,), (1,)):
            raise Refused(place, f"its {what} has shape {tensor.shape}, the result ({size},)", "export the model again")
    if size < 1:
        raise Refused(place, "it gives no outputs", "export the model again")
    return size


def drop_idle_reshapes(graph: Graph) -> None:
    """Removes reshapes that keep the shape, and of two in a row the first."""
    shapes = {port.name: port.shape for port in graph.inputs} | {node.output: node.shape for node in graph.nodes}
    for node in [n for n in graph.nodes if n.kind == "reshape"]:
        before = graph.producer(node.inputs[0])
        if before is not None and before.kind == "reshape" and len(graph.consumers(before.output)) == 1 and not graph.is_output(before.output):
            node.inputs = before.inputs
            node.origin = f"{before.origin} + {node.origin}"
            graph.nodes.remove(before)
        if node.shape == shapes[node.inputs[0]]:
            node.kind = "identity"
    if any(n.kind != "identity" for n in graph.nodes):
        drop_identities(graph)


def make_dense(graph: Graph) -> None:
    """Fuses matmul and the biases and scales beside it into dense; what scales stand alone become scalers.

    One number is repeated for every feature.
    """
    kept: list[Node] = []
    for node in graph.nodes:
        before = foldable(graph, kept, node)
        if node.kind in ("matmul", "dense"):
            node.kind = "dense"
            node.tensors["bias"] = repeated(node.tensors.get("bias", np.zeros(1, np.float32)), node.shape[0], number_type(graph, node))
            if before is not None and before.kind == "scale" and not node.types:
                fold_into_next(before, node, graph.real)
                kept.remove(before)
        elif node.kind in ("bias", "scale"):
            if node.kind == "bias" and before is not None and takes_bias(before, node):
                before.tensors["bias"] = repeated(node.tensors["bias"], before.shape[0], number_type(graph, node))
                before.types |= node.types
                before.output = node.output
                before.origin = f"{before.origin} + {node.origin}"
                continue
            if node.kind == "bias":
                node.kind, node.tensors = "scale", {"scale": np.ones(1), "offset": node.tensors["bias"].astype(np.float64)}
            if before is not None and before.kind in ("dense", "scale") and not before.types and not node.types:
                fold_into_previous(before, node, graph.real)
                continue
        kept.append(node)
    graph.nodes = kept
    for node in kept:
        if node.kind == "scale":
            node.kind = "scaler"
        if node.kind in ("scaler", "prelu", "layer_norm"):
            node.tensors = {key: repeated(tensor, node.shape[0], number_type(graph, node)) for key, tensor in node.tensors.items()}


def takes_bias(dense: Node, bias: Node) -> bool:
    """Whether a layer in fixed point can take a bias as it is: a dense one whose own is zero."""
    named = bool(dense.types or bias.types) and "result" not in dense.types
    return dense.kind == "dense" and named and not dense.tensors["bias"].any()


def foldable(graph: Graph, before: list[Node], node: Node) -> Node | None:
    """Returns the node whose result `node` alone reads, if there is one."""
    value = node.inputs[0]
    if len(node.inputs) != 1 or graph.is_output(value) or len(graph.consumers(value)) != 1:
        return None
    return next((n for n in reversed(before) if n.output == value), None)


def fold_into_previous(before: Node, scale: Node, real: type) -> None:
    """(x W + b) s + t = x (W s) + (b s + t); also of two scales in a row."""
    s, t = scale.tensors["scale"], scale.tensors["offset"]
    with np.errstate(over="ignore", invalid="ignore"):  # refused by name later
        if before.kind == "dense":
            before.tensors["weights"] = (before.tensors["weights"] * s).astype(real)
            before.tensors["bias"] = repeated(before.tensors["bias"] * s + t, before.shape[0], real)
        else:
            before.tensors = {"scale": before.tensors["scale"] * s, "offset": before.tensors["offset"] * s + t}
    before.output = scale.output
    before.origin = f"{before.origin} + {scale.origin}"


def fold_into_next(scale: Node, dense: Node, real: type) -> None:
    """(x s + t) W + b = x (s W) + (t W + b)."""
    weights = dense.tensors["weights"].astype(np.float64)
    s, t = (np.broadcast_to(scale.tensors[key], weights.shape[:1]) for key in ("scale", "offset"))
    with np.errstate(over="ignore", invalid="ignore"):
        dense.tensors["weights"] = (s[:, None] * weights).astype(real)
        dense.tensors["bias"] = repeated(dense.tensors["bias"] + t @ weights, dense.shape[0], real)
    dense.inputs = scale.inputs
    dense.origin = f"{scale.origin} + {dense.origin}"


def repeated(bias: np.ndarray, size: int, dtype: type) -> np.ndarray:
    return np.ascontiguousarray(np.broadcast_to(bias, (size,)), dtype=dtype)


def number_type(graph: Graph, node: Node) -> type:
    """Returns in which type numbers go on: those of fixed point may have more bits than a float."""
    return np.float64 if node.types else graph.real


def name_layers(graph: Graph) -> None:
    """Makes every layer's name unique and not empty: dense_0, relu_1... (kind and position) where the source has none."""
    taken = {p.name for p in graph.inputs}
    for position, node in enumerate(graph.nodes):
        node.name = unique(node.name or f"{node.kind}_{position}", taken)
        taken.add(node.name)


def check_layers(graph: Graph) -> None:
    """Refuses numbers that are not finite, kinds that no layer carries, and models beyond a stated size."""
    for node in graph.nodes:
        for key in NUMBERS.get(node.kind, ()):
            value = node.numbers[key]
            number = rounded_number(f"{graph.place}, {describe(node)}", key, value, node.kind == "clip")
            node.numbers[key] = value if graph.is_fixed and math.isfinite(number) else number
        if node.kind not in LAYERS:
            raise Refused(f"{graph.place}, {describe(node)}", f"no layer of kind {node.kind!r}", f"kinds: {', '.join(LAYERS)}")
    total = sum(n.parameter_count for n in graph.nodes)
    if total > MAXIMUM_PARAMETERS:
        raise Refused(graph.place, f"{total} parameters", f"convert a model of at most {MAXIMUM_PARAMETERS}")
    for name, tensor in graph.parameters():
        refuse_not_finite(graph.place, name, tensor)


def rounded_number(place: str, key: str, value: float, infinite: bool) -> float:
    """Returns a number of a layer's type as a float32; only a bound of clip may be infinite."""
    with np.errstate(over="ignore"):
        number = float(np.float32(value))
    if np.isnan(number) or (np.isinf(number) and not infinite):
        raise Refused(place, f"its {key} is {value}", "train or export the model again")
    return number


def refuse_not_finite(place: str, name: str, tensor: np.ndarray) -> None:
    """Refuses NaN and infinity, naming the tensor and the first index."""
    bad = ~np.isfinite(tensor)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        where = ", ".join(map(str, index))
        raise Refused(f"{place}, tensor {name!r}", f"element [{where}] is {tensor[index]}", "train or export the model again")


def describe(node: Node) -> str:
    return f"{node.origin or node.kind} {node.name!r}"
