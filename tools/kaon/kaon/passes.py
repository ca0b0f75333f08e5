"""What happens to a graph between an importer and the writers, one function a pass, in the order of `run`.

A pass changes the graph in place and keeps what it computes. To support a new operator: teach an importer to make a node
of it, and, where the C++ library has no layer of that kind, write a pass here that rewrites it into ones that it has.
"""

from __future__ import annotations

import numpy as np

from kaon.error import Refused
from kaon.graph import LAYERS, Graph, Node
from kaon.names import unique

MAXIMUM_PARAMETERS = 1 << 28


def run(graph: Graph) -> None:
    """Turns what an importer made into a chain of named layers with known shapes."""
    drop_unread(graph)
    drop_identities(graph)
    fuse_gates(graph)
    check_chain(graph)
    infer_shapes(graph)
    make_dense(graph)
    name_layers(graph)
    check_layers(graph)


def drop_unread(graph: Graph) -> None:
    """Removes nodes whose result nothing reads."""
    wanted = {p.name for p in graph.outputs}
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if node.output in wanted:
            kept.append(node)
            wanted.update(node.inputs)
    graph.nodes = kept[::-1]


def drop_identities(graph: Graph) -> None:
    """Removes identity nodes; whoever read the result reads what the identity read.

    The name of a model's output stays: the node before takes it over.
    """
    for node in [n for n in graph.nodes if n.kind == "identity"]:
        source = node.inputs[0]
        before = graph.producer(source)
        if not graph.is_output(node.output):
            graph.nodes.remove(node)
            rename_reads(graph, node.output, source)
        elif before is not None and not graph.is_output(source):
            graph.nodes.remove(node)
            before.output = node.output
            rename_reads(graph, source, node.output)
    if not graph.nodes or any(n.kind == "identity" for n in graph.nodes):
        raise Refused(graph.place, "the model passes its input on and has no layer", "convert a model that computes something")


def rename_reads(graph: Graph, old: str, new: str) -> None:
    for node in graph.nodes:
        node.inputs = [new if value == old else value for value in node.inputs]


def fuse_gates(graph: Graph) -> None:
    """Makes x sigmoid(x) one node, as exporters write silu out; likewise with hard_sigmoid."""
    gates = {"sigmoid": "silu", "hard_sigmoid": "hard_silu"}
    for node in [n for n in graph.nodes if n.kind == "product"]:
        for value, other in (node.inputs, node.inputs[::-1]):
            gate = graph.producer(other)
            if gate is None or gate.kind not in gates or gate.inputs != [value] or graph.is_output(other):
                continue
            if graph.consumers(other) == [node]:
                node.kind, node.inputs, node.numbers = gates[gate.kind], [value], gate.numbers
                node.origin = f"{gate.origin} + {node.origin}"
                graph.nodes.remove(gate)
                break


def check_chain(graph: Graph) -> None:
    """Refuses everything but one input, one chain of nodes, one output; puts the nodes into the order of the chain."""
    remedy = "convert a model that is one chain of layers from one input to one output"
    for what, ports in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        if len(ports) != 1:
            names = ", ".join(repr(p.name) for p in ports) or "none"
            raise Refused(graph.place, f"the model has {len(ports)} {what} ({names}), not one", remedy)
    chain: list[Node] = []
    value = graph.inputs[0].name
    while readers := graph.consumers(value):
        if len(readers) > 1 or graph.is_output(value):
            names = ", ".join(describe(n) for n in readers)
            also = " and is an output" if graph.is_output(value) else ""
            raise Refused(f"{graph.place}, value {value!r}", f"the model branches: read by {names}{also}", remedy)
        if len(chain) == len(graph.nodes):
            raise Refused(f"{graph.place}, value {value!r}", "the model contains a loop", remedy)
        chain.append(readers[0])
        value = readers[0].output
    if not graph.is_output(value) or len(chain) != len(graph.nodes):
        raise Refused(graph.place, f"the output {graph.outputs[0].name!r} does not follow from the input", remedy)
    graph.nodes = chain


def infer_shapes(graph: Graph) -> None:
    """Gives every node its output's shape, starting from the input, and compares with what the source declares."""
    source, result = graph.inputs[0], graph.outputs[0]
    if len(source.shape) != 1:
        raise Refused(
            f"{graph.place}, input {source.name!r}",
            f"an event has rank {len(source.shape)}, not 1",
            "convert a model whose input is batch x features",
        )
    features = source.shape[0] if source.shape[0] is not None else features_from_weights(graph)
    if features is None or features < 1:
        raise Refused(
            f"{graph.place}, input {source.name!r}",
            f"the number of features is {'not stated' if features is None else features}",
            "export the model with a fixed number of features",
        )
    source.shape = (features,)
    size = features
    for node in graph.nodes:
        size = output_size(graph, node, size)
        node.shape = (size,)
    if len(result.shape) != 1 or result.shape[0] not in (None, size):
        raise Refused(
            f"{graph.place}, output {result.name!r}",
            f"the file declares shape {result.shape}, the layers give ({size},)",
            "export the model again",
        )
    result.shape = (size,)
    for port in (source, result):
        if port.labels is not None and len(port.labels) != port.shape[0]:
            raise Refused(
                f"{graph.place}, {port.name!r}",
                f"the file names {len(port.labels)} features or classes of {port.shape[0]}",
                "write one name for each",
            )


def features_from_weights(graph: Graph) -> int | None:
    """Returns what the first weights expect: every node before them keeps the number of features."""
    weights = next((n.tensors["weights"] for n in graph.nodes if "weights" in n.tensors), None)
    return None if weights is None else weights.shape[0]


def output_size(graph: Graph, node: Node, size: int) -> int:
    """Returns how many numbers a node gives for `size` that it reads; refuses where its tensors do not fit."""
    weights = node.tensors.get("weights")
    place = f"{graph.place}, {describe(node)}"
    if weights is not None:
        if weights.ndim != 2 or weights.shape[0] != size:
            expected = "x".join(map(str, weights.shape))
            raise Refused(place, f"its weights are {expected} (in x out) but it reads {size} features", "export the model again")
        size = weights.shape[1]
    for what in ("bias", "scale", "offset"):
        tensor = node.tensors.get(what)
        if tensor is not None and tensor.shape not in ((size,), (1,)):
            raise Refused(place, f"its {what} has shape {tensor.shape}, the result ({size},)", "export the model again")
    if size < 1:
        raise Refused(place, "it gives no outputs", "export the model again")
    return size


def make_dense(graph: Graph) -> None:
    """Fuses matmul and the biases and scales beside it into dense; one number is repeated for every output."""
    fused: list[Node] = []
    for node in graph.nodes:
        before = fused[-1] if fused else None
        if node.kind in ("matmul", "dense"):
            node.kind = "dense"
            out = node.tensors["weights"].shape[1]
            node.tensors["bias"] = repeated(node.tensors.get("bias", np.zeros(1, np.float32)), out)
            if before is not None and before.kind == "scale":
                fold_into_next(fused.pop(), node)
            fused.append(node)
        elif node.kind in ("bias", "scale"):
            if node.kind == "bias":
                node.kind, node.tensors = "scale", {"scale": np.ones(1), "offset": node.tensors["bias"].astype(np.float64)}
            if before is not None and before.kind in ("dense", "scale"):
                fold_into_previous(before, node)
            else:
                fused.append(node)
        else:
            fused.append(node)
    graph.nodes = fused
    for node in fused:
        if node.kind == "scale":
            raise Refused(
                f"{graph.place}, {describe(node)}",
                "it scales or shifts by constants something that is not a matrix product, nor goes into one",
                "fold it into the weights of the layer before or after",
            )


def fold_into_previous(before: Node, scale: Node) -> None:
    """(x W + b) s + t = x (W s) + (b s + t); also of two scales in a row."""
    s, t = scale.tensors["scale"], scale.tensors["offset"]
    with np.errstate(over="ignore", invalid="ignore"):  # refused by name later
        if before.kind == "dense":
            before.tensors["weights"] = (before.tensors["weights"] * s).astype(np.float32)
            before.tensors["bias"] = repeated(before.tensors["bias"] * s + t, before.shape[0])
        else:
            before.tensors = {"scale": before.tensors["scale"] * s, "offset": before.tensors["offset"] * s + t}
    before.output = scale.output
    before.origin = f"{before.origin} + {scale.origin}"


def fold_into_next(scale: Node, dense: Node) -> None:
    """(x s + t) W + b = x (s W) + (t W + b)."""
    weights = dense.tensors["weights"].astype(np.float64)
    s, t = (np.broadcast_to(scale.tensors[key], weights.shape[:1]) for key in ("scale", "offset"))
    with np.errstate(over="ignore", invalid="ignore"):
        dense.tensors["weights"] = (s[:, None] * weights).astype(np.float32)
        dense.tensors["bias"] = repeated(dense.tensors["bias"] + t @ weights, dense.shape[0])
    dense.inputs = scale.inputs
    dense.origin = f"{scale.origin} + {dense.origin}"


def repeated(bias: np.ndarray, size: int) -> np.ndarray:
    return np.ascontiguousarray(np.broadcast_to(bias, (size,)), dtype=np.float32)


def name_layers(graph: Graph) -> None:
    """Makes every layer's name unique and not empty: dense_0, relu_1... (kind and position) where the source has none."""
    taken: set[str] = set()
    for position, node in enumerate(graph.nodes):
        node.name = unique(node.name or f"{node.kind}_{position}", taken)
        taken.add(node.name)


def check_layers(graph: Graph) -> None:
    """Refuses numbers that are not finite, kinds that no layer carries, and models beyond a stated size."""
    for node in graph.nodes:
        for key, value in node.numbers.items():
            node.numbers[key] = rounded_number(f"{graph.place}, {describe(node)}", key, value, node.kind == "clip")
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
