"""One function a layer: the nodes that it becomes in the graph."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kaon.fields import Field
from kaon.graph import Graph, Node, Port, clipped, normalization
from kaon.importers.keras.architecture import Call, Layer, Model
from kaon.importers.keras.weights import Tensors, flag

ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "linear": ("identity", {}),
    **{kind: (kind, {}) for kind in ("gelu", "relu", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "tanh")},
    "elu": ("elu", {"alpha": 1.0}),
    "hard_sigmoid": ("hard_sigmoid", {"slope": 1 / 6, "offset": 0.5}),
    "hard_silu": ("hard_silu", {"slope": 1 / 6, "offset": 0.5}),
    "hard_tanh": ("clip", {"lowest": -1.0, "highest": 1.0}),
    "leaky_relu": ("leaky_relu", {"slope": 0.2}),
    "relu6": ("clip", {"lowest": 0.0, "highest": 6.0}),
    "swish": ("silu", {}),
}
BEFORE_KERAS_3: dict[str, tuple[str, dict[str, float]]] = {"hard_sigmoid": ("hard_sigmoid", {"slope": 0.2, "offset": 0.5})}
"""Names that meant something else until Keras 2.15."""
TRAINING_ONLY = (
    *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"),
    *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Identity"),
)
OPERATIONS = ("Add", "Divide", "Multiply", "Subtract", "TrueDivide")
"""Keras 3's `+ - * /` on values: classes of a module of operations, with the names of layers among them."""


def build(place: str, config: Field, model: Model, tensors: Tensors, metadata: Field, version: str) -> Graph:
    """Makes the graph of a model whose weights were found. version: of the Keras that wrote it; empty: one before 3."""
    for call in model.calls:
        call.layer.before_keras_3 = version.split(".")[0] in ("", "0", "1", "2")
        check(call.layer)
    inputs = {call.output: call.layer for call in model.calls if call.layer.class_name == "InputLayer"}
    ports = [Port(name, input_shape(inputs[name])) for name in model.inputs]
    if not ports:  # a Sequential model of an older writer: its first layer says what it reads
        ports = [Port("input", first_shape(model.calls[0].layer))]
    nodes: list[Node] = []
    for call in model.calls:
        if call.layer.class_name != "InputLayer":
            call.reads = call.reads or [ports[0].name]
            nodes.extend(layer_nodes(call, tensors.get(call.layer.path, [])))
    outputs = [Port(value, (None,)) for value in model.outputs]
    graph = Graph(ports, outputs, nodes, place)
    for port in ports:
        if graph.embeddings_of(port):
            port.scalar = "int32"
    declare_ranks(graph)
    if len(ports) == 1 and len(outputs) == 1:
        ports[0].labels = metadata["feature_names"].texts() if metadata.has("feature_names") else None
        outputs[0].labels = metadata["class_names"].texts() if metadata.has("class_names") else None
    return graph


def declare_ranks(graph: Graph) -> None:
    """Outputs are not declared in a configuration: they have the rank that the layers before them give."""
    ranks = {port.name: len(port.shape) for port in graph.inputs}
    for node in graph.nodes:
        before = max((ranks.get(value, 1) for value in node.inputs), default=1)
        ranks[node.output] = len(node.shape) if node.kind == "reshape" else before + 1 if node.kind == "embedding" else before
    for port in graph.outputs:
        port.shape = (None,) * ranks.get(port.name, 1)


def check(layer: Layer) -> None:
    """Refuses layers of other classes, of other packages, and of other types than float32."""
    place = Field(f"{layer.field.path} ({layer.class_name} {layer.label!r})", None)
    module = layer.field.get("module", "keras.layers").text()
    foreign = layer.field.has("registered_name") and layer.field["registered_name"].text() != layer.class_name
    if not is_operation(layer) and (layer.class_name not in LAYERS or not module.startswith("keras.") or foreign):
        raise place.refuse(f"layers of class {module}.{layer.class_name} are not supported", f"supported: {', '.join(sorted(LAYERS))}")
    policy = layer.config.get("dtype", "float32")
    name = policy["config"]["name"].text() if isinstance(policy.value, dict) else policy.text()
    if name != "float32" and layer.class_name not in ("InputLayer", "Embedding"):
        raise place.refuse(f"its data type is {name}", "train or save the model in float32")
    for key in ("quantization_config", "quantization_mode", "lora_rank"):
        if layer.config.has(key):
            raise place.refuse(f"it is stored with {key}", "save the plain float32 layer")


def is_operation(layer: Layer) -> bool:
    """Whether it is one of Keras 3's operations; an .h5 does not say the module: there the two operands tell, for layers read one list."""
    if layer.class_name not in OPERATIONS:
        return False
    if layer.field.has("module"):
        return layer.field["module"].text().startswith("keras.src.ops")
    calls = list(layer.field.get("inbound_nodes", []))
    return bool(calls) and isinstance(calls[0].value, dict) and len(list(calls[0]["args"])) == 2


def input_shape(layer: Layer) -> tuple[int | None, ...]:
    key = "batch_shape" if layer.config.has("batch_shape") else "batch_input_shape"
    sizes = list(layer.config[key])
    return tuple(None if s.value is None else s.integer() for s in sizes[1:])


def first_shape(layer: Layer) -> tuple[int | None, ...]:
    if layer.config.has("batch_input_shape"):
        return input_shape(layer)
    return (layer.config["input_dim"].integer(),) if layer.config.has("input_dim") and layer.class_name != "Embedding" else (None,)


def layer_nodes(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    """Returns the nodes of a call; the last writes its output."""
    if is_operation(call.layer):
        return operation(call)
    many = call.layer.class_name in MERGES
    if len(call.reads) < 2 if many else len(call.reads) != 1:
        wanted = "merge two or more" if many else "use one"
        raise call.layer.field.refuse(f"{call.layer.name!r} reads {len(call.reads)} tensors", wanted)
    return LAYERS[call.layer.class_name](call, tensors)


def node(call: Call, kind: str, tensors: dict[str, np.ndarray] | None = None, numbers: dict[str, float] | None = None) -> Node:
    label = call.output if call.output != call.layer.name else call.layer.name
    return Node(kind, list(call.reads), call.output, label, tensors or {}, numbers or {}, origin=call.layer.class_name)


def scaled(call: Call, value: str, output: str, factor: float) -> Node:
    return Node("scale", [value], output, output, {"scale": np.array([factor]), "offset": np.zeros(1)}, origin=call.layer.class_name)


def merge(call: Call, _: list[np.ndarray]) -> list[Node]:
    kind = call.layer.class_name
    if kind == "Concatenate" and call.layer.config.get("axis", -1).value not in (-1, 1):
        raise call.layer.field.refuse(f"{call.layer.name!r}: it must run over the last axis", "use axis -1")
    if kind == "Subtract":
        if len(call.reads) != 2:
            raise call.layer.field.refuse(f"{call.layer.name!r} reads {len(call.reads)} tensors", "subtract one from one")
        return difference(call)
    if kind == "Average":
        total = f"{call.output}/sum"
        count = len(call.reads)
        return [Node("add", call.reads, total, total, origin=kind), scaled(call, total, call.output, 1 / count)]
    return [node(call, MERGES[kind])]


def difference(call: Call) -> list[Node]:
    negative = f"{call.output}/negative"
    first, second = call.reads
    return [scaled(call, second, negative, -1.0), Node("add", [first, negative], call.output, call.output, origin=call.layer.class_name)]


def operation(call: Call) -> list[Node]:
    """x + y, x - y, x * y, and x with a number: x + 2, 2 - x, x / 2."""
    kind = call.layer.class_name
    if len(call.reads) == 2 and not call.operands and kind in ("Add", "Multiply"):
        return [node(call, kind.lower())]
    if len(call.reads) == 2 and not call.operands and kind == "Subtract":
        return difference(call)
    if len(call.reads) != 1 or len(call.operands) != 1:
        raise call.layer.field.refuse(f"{kind} of {len(call.reads)} tensors and {len(call.operands)} numbers", "use a layer of Keras's")
    value = number(call.operands[0])
    first = is_first_operand(call)
    if kind in ("Divide", "TrueDivide"):
        if first or value == 0:
            raise call.layer.field.refuse("a number divided by a tensor, or division by 0", "multiply by the inverse")
        scale, offset = 1 / value, 0.0
    elif kind == "Multiply":
        scale, offset = value, 0.0
    elif kind == "Add":
        scale, offset = 1.0, value
    else:
        scale, offset = (-1.0, value) if first else (1.0, -value)
    return [node(call, "scale", {"scale": np.array([scale]), "offset": np.array([offset])})]


def is_first_operand(call: Call) -> bool:
    """Whether the number stands before the tensor."""
    arguments = list(list(call.layer.field["inbound_nodes"])[0]["args"])
    return not isinstance(arguments[0].value, dict)


def embedding(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    if call.layer.config.get("mask_zero", False).value:
        raise call.layer.field.refuse(f"{call.layer.name!r} masks zeros", "use mask_zero=False")
    return [node(call, "embedding", {"weights": tensors[0]})]


def flatten(call: Call, _: list[np.ndarray]) -> list[Node]:
    flat = node(call, "reshape")
    flat.shape = (-1,)
    return [flat]


def reshape(call: Call, _: list[np.ndarray]) -> list[Node]:
    shaped = node(call, "reshape")
    shaped.shape = tuple(item.integer() for item in call.layer.config["target_shape"])
    return [shaped]


def permute(call: Call, _: list[np.ndarray]) -> list[Node]:
    axes = [item.integer() for item in call.layer.config["dims"]]
    if axes != list(range(1, len(axes) + 1)):
        raise call.layer.field.refuse(f"{call.layer.name!r}: it exchanges axes {axes}", "use a model without it")
    return [node(call, "identity")]


def normalize(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    """Keras's Normalization: mean and variance of the training data."""
    config = call.layer.config
    if config.get("invert", False).value or config.get("axis", -1).value not in (-1, 1, [-1], [1]):
        raise call.layer.field.refuse(f"{call.layer.name!r}: an inverted one, or one over another axis", "use axis=-1, invert=False")
    if config.has("mean"):
        mean, variance = (np.asarray(numbers_of(config[key]), np.float64) for key in ("mean", "variance"))
    else:
        mean, variance = (tensor.astype(np.float64).reshape(-1) for tensor in tensors)
    scale = 1 / np.maximum(np.sqrt(np.maximum(variance, 0)), 1e-7)
    return [node(call, "scale", {"scale": scale, "offset": -mean * scale})]


def rescale(call: Call, _: list[np.ndarray]) -> list[Node]:
    scale = np.asarray(numbers_of(call.layer.config["scale"]), np.float64)
    offset = np.asarray(numbers_of(call.layer.config.get("offset", 0.0)), np.float64)
    size = max(scale.size, offset.size)
    if {scale.size, offset.size} - {1, size}:
        raise call.layer.field.refuse(f"{call.layer.name!r}: {scale.size} scales and {offset.size} offsets")
    return [node(call, "scale", {"scale": np.resize(scale, size), "offset": np.resize(offset, size)})]


def numbers_of(field: Field) -> list[float]:
    """Returns a number, or a list of them, in one list."""
    if isinstance(field.value, list):
        return [value for item in field for value in numbers_of(item)]
    return [number(field)]


def prelu(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    if tensors[0].ndim != 1:
        raise call.layer.field.refuse(f"{call.layer.name!r}: its slopes have shape {tensors[0].shape}", "use it on vectors")
    return [node(call, "prelu", {"slope": tensors[0]})]


def layer_normalization(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    config = call.layer.config
    if config.get("axis", -1).value not in (-1, 1, [-1], [1]) or config.get("rms_scaling", False).value:
        raise call.layer.field.refuse(f"{call.layer.name!r}: another axis than the last, or rms_scaling", "use axis=-1")
    rest = list(tensors)
    scale = rest.pop(0) if flag(config, "scale") else np.ones(1, np.float32)
    offset = rest.pop(0) if flag(config, "center") else np.zeros(1, np.float32)
    return [node(call, "layer_norm", {"scale": scale, "offset": offset}, {"epsilon": number(config.get("epsilon", 1e-3))})]


def batch_normalize(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    return [node(call, "scale", batch_normalization(call.layer, tensors))]


def softmax(call: Call, _: list[np.ndarray]) -> list[Node]:
    axis = call.layer.config.get("axis", -1).value
    if axis not in (-1, 1, [-1], [1]):
        raise call.layer.field.refuse(f"{call.layer.name!r}: axis {axis}: softmax must run over the last axis", "use axis -1")
    return [node(call, "softmax")]


def relu(call: Call, _: list[np.ndarray]) -> list[Node]:
    kind, numbers = rectifier(call.layer)
    return [node(call, kind, numbers=numbers)]


def leaky_relu(call: Call, _: list[np.ndarray]) -> list[Node]:
    config = call.layer.config
    key = "negative_slope" if config.has("negative_slope") else "alpha"
    return [node(call, "leaky_relu", numbers={"slope": number(config.get(key, 0.3))})]


def elu(call: Call, _: list[np.ndarray]) -> list[Node]:
    return [node(call, "elu", numbers={"alpha": number(call.layer.config.get("alpha", 1.0))})]


def activate(call: Call, _: list[np.ndarray]) -> list[Node]:
    kind, numbers = activation(call.layer)
    return [node(call, kind, numbers=numbers)]


def pass_on(call: Call, _: list[np.ndarray]) -> list[Node]:
    return [node(call, "identity")]


def rectifier(layer: Layer) -> tuple[str, dict[str, float]]:
    """max_value and negative_slope of a ReLU layer; both at once, or a threshold, are refused."""
    slope, threshold = (number(layer.config.get(key, 0)) for key in ("negative_slope", "threshold"))
    if threshold or (slope and layer.config.has("max_value")):
        raise layer.field.refuse(f"{layer.name!r}: a ReLU with a threshold, or with a slope and a bound", "use one of slope and bound")
    if slope:
        return "leaky_relu", {"slope": slope}
    return clipped(0.0, number(layer.config["max_value"]) if layer.config.has("max_value") else math.inf)


def batch_normalization(layer: Layer, tensors: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Scale and offset; stored are gamma and beta where the layer has them, then mean and variance."""
    axis = layer.config.get("axis", -1).value
    if axis not in (-1, 1, [-1], [1]):
        raise layer.field.refuse(f"{layer.name!r}: axis {axis}: it must run over the last axis", "use axis -1")
    sizes = {t.shape for t in tensors}
    if len(sizes) != 1 or tensors[0].ndim != 1:
        raise layer.field.refuse(f"{layer.name!r}: its stored tensors have shapes {sorted(sizes)}")
    rest = [t.astype(np.float64) for t in tensors]
    gamma = rest.pop(0) if flag(layer.config, "scale") else np.ones_like(rest[0])
    beta = rest.pop(0) if flag(layer.config, "center") else np.zeros_like(rest[0])
    place = f"{layer.field.path} ({layer.name!r})"
    scale, offset = normalization(place, gamma, beta, *rest, number(layer.config.get("epsilon", 1e-3)))
    return {"scale": scale, "offset": offset}


def dense(call: Call, tensors: list[np.ndarray]) -> list[Node]:
    layer = call.layer
    units = layer.config["units" if layer.config.has("units") else "output_dim"].integer()
    named = dict(zip(("weights", "bias"), tensors))
    if named["weights"].ndim != 2 or named["weights"].shape[1] != units:
        raise layer.field.refuse(f"{layer.name!r} has {units} units, its stored kernel has shape {named['weights'].shape}")
    kind, numbers = activation(layer)
    product = node(call, "dense", named)
    if kind == "identity":
        return [product]
    product.output = f"{call.output}/{kind}/input"
    return [
        product,
        Node(kind, [product.output], call.output, f"{call.output}_{kind}", numbers=numbers, origin=f"activation of {call.output}"),
    ]


def activation(layer: Layer) -> tuple[str, dict[str, float]]:
    name = layer.config.get("activation", "linear")
    if not isinstance(name.value, str) or name.value not in ACTIVATIONS:
        shown = name.value if isinstance(name.value, str) else "a custom function"
        raise name.refuse(f"{layer.name!r}: activation {shown} is not supported", f"supported: {', '.join(sorted(ACTIVATIONS))}")
    kind, numbers = (layer.before_keras_3 and BEFORE_KERAS_3.get(name.value)) or ACTIVATIONS[name.value]
    return kind, dict(numbers)


def number(field: Field) -> float:
    if isinstance(field.value, bool) or not isinstance(field.value, (int, float)):
        raise field.refuse("expected a number")
    return float(field.value)


MERGES = {"Add": "add", "Average": "add", "Concatenate": "concat", "Multiply": "multiply", "Subtract": "add"}

LAYERS: dict[str, Callable[[Call, list[np.ndarray]], list[Node]]] = {
    "Activation": activate,
    "BatchNormalization": batch_normalize,
    "Dense": dense,
    "ELU": elu,
    "Embedding": embedding,
    "Flatten": flatten,
    "InputLayer": pass_on,
    "LayerNormalization": layer_normalization,
    "LeakyReLU": leaky_relu,
    "Normalization": normalize,
    "PReLU": prelu,
    "Permute": permute,
    "ReLU": relu,
    "Rescaling": rescale,
    "Reshape": reshape,
    "Softmax": softmax,
    **dict.fromkeys(MERGES, merge),
    **dict.fromkeys(TRAINING_ONLY, pass_on),
}
