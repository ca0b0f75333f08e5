"""Keras 3 `.keras` files, read without Keras: a zip archive of config.json (layers) and model.weights.h5 (numbers)."""

from __future__ import annotations

import io
import math
import zipfile
import zlib

import numpy as np

from kaon.error import Refused
from kaon.fields import Field, parse
from kaon.graph import Graph, Node, Port, clipped, normalization
from kaon.importers.hdf5 import read_datasets

MAXIMUM_JSON = 1 << 26
MAXIMUM_WEIGHTS = 1 << 31

ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "linear": ("identity", {}),
    **{kind: (kind, {}) for kind in ("gelu", "relu", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "tanh")},
    "elu": ("elu", {"alpha": 1.0}),
    "hard_sigmoid": ("hard_sigmoid", {"slope": 1 / 6, "offset": 0.5}),
    "hard_silu": ("hard_silu", {"slope": 1 / 6, "offset": 0.5}),
    "leaky_relu": ("leaky_relu", {"slope": 0.2}),
    "relu6": ("clip", {"lowest": 0.0, "highest": 6.0}),
}
MERGES = {"Add": "add", "Concatenate": "concat", "Multiply": "multiply"}
TRAINING_ONLY = ("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise")
LAYER_CLASSES = (
    *("Activation", "BatchNormalization", "Dense", "ELU", "InputLayer", "LeakyReLU", "ReLU", "Softmax"),
    *MERGES,
    *TRAINING_ONLY,
)


def read_keras(place: str, data: bytes) -> Graph:
    """Reads the bytes of a .keras file. place: what messages call it. Refuses everything that is not understood."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            config = parse(f"{place}: config.json", member(place, archive, "config.json", MAXIMUM_JSON))
            metadata = parse(f"{place}: metadata.json", optional_member(place, archive, "metadata.json"))
            weights = member(place, archive, "model.weights.h5", MAXIMUM_WEIGHTS)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(place, f"the zip archive is damaged ({error})", "copy or save the file again") from error
    layers = ordered_layers(config)
    paths = weight_paths(layers)
    wanted = [path for pair in paths.values() for path in pair]
    tensors = read_datasets(f"{place}: model.weights.h5", weights, wanted)
    return build(place, config, layers, paths, tensors, metadata)


def member(place: str, archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Returns a file of the archive (zipfile checks its CRC). Refuses one that would unpack beyond `limit` bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise Refused(place, f"the zip archive has no {name}", "give a .keras file of Keras 3") from error
    if info.file_size > limit:
        raise Refused(f"{place}: {name}", f"it unpacks to {info.file_size} bytes", f"at most {limit}")
    with archive.open(info) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise Refused(f"{place}: {name}", "it unpacks beyond its stated size", f"at most {limit} bytes")
    return content


def optional_member(place: str, archive: zipfile.ZipFile, name: str) -> bytes:
    return member(place, archive, name, MAXIMUM_JSON) if name in archive.namelist() else b"{}"


class Layer:
    """One entry of the configuration, with the names of the layers that it reads (none for the first)."""

    def __init__(self, field: Field, reads: list[str]) -> None:
        self.field = field
        self.reads = reads
        self.config = field["config"]
        self.class_name = field["class_name"].text()
        self.name = self.config["name"].text()
        self.check()

    def check(self) -> None:
        place = Field(f"{self.field.path} ({self.class_name} {self.name!r})", None)
        remedy = f"supported: {', '.join(LAYER_CLASSES)}"
        module = self.field.get("module", "keras.layers").text()
        foreign = self.field.has("registered_name") and self.field["registered_name"].text() != self.class_name
        if self.class_name not in LAYER_CLASSES or not module.startswith("keras.") or foreign:
            raise place.refuse(f"layers of class {module}.{self.class_name} are not supported", remedy)
        policy = self.config.get("dtype", "float32")
        name = policy["config"]["name"].text() if isinstance(policy.value, dict) else policy.text()
        if name != "float32":
            raise place.refuse(f"its data type is {name}", "train or save the model in float32")
        for key in ("quantization_config", "quantization_mode", "lora_rank"):
            if self.config.has(key):
                raise place.refuse(f"it is stored with {key}", "save the plain float32 layer")


def ordered_layers(config: Field) -> list[Layer]:
    """Returns the layers in the file's order (which also numbers the weights) with what each reads."""
    kind = config["class_name"].text()
    inner = config["config"]
    if kind == "Sequential":
        return sequential_layers(inner["layers"])
    if kind in ("Functional", "Model"):
        return functional_layers(inner)
    raise config.refuse(f"models of class {kind!r} are not supported", "save a Sequential or Functional model")


def sequential_layers(fields: Field) -> list[Layer]:
    layers: list[Layer] = []
    for field in fields:
        layers.append(Layer(field, [layers[-1].name] if layers else []))
    return layers


def functional_layers(config: Field) -> list[Layer]:
    layers: list[Layer] = []
    for field in config["layers"]:
        calls = list(field["inbound_nodes"])
        if len(calls) > 1:
            raise field.refuse(f"the layer is called {len(calls)} times", "use one layer a place in the chain")
        layers.append(Layer(field, tensor_sources(calls[0]) if calls else []))
    return layers


def ends(config: Field, key: str) -> list[str]:
    """Returns the names of the layers that are a functional model's inputs or outputs: [name, 0, 0], or a list of such."""
    field = config[key]
    entries = list(field)
    if not entries:
        raise field.refuse("the list is empty")
    if isinstance(entries[0].value, str):
        entries = [field]
    return [first_of(entry).text() for entry in entries]


def first_of(field: Field) -> Field:
    entries = list(field)
    if not entries:
        raise field.refuse("the list is empty")
    return entries[0]


def tensor_sources(call: Field) -> list[str]:
    """Returns the names of the layers whose outputs a call reads."""
    arguments = list(call["args"])
    if len(arguments) != 1:
        raise call.refuse(f"it has {len(arguments)} arguments", "save a model whose layers read one tensor, or one list of tensors")
    tensors = list(arguments[0]) if isinstance(arguments[0].value, list) else arguments
    return [first_of(tensor["config"]["keras_history"]).text() for tensor in tensors]


GROUPS = {"BatchNormalization": "layers/batch_normalization", "Dense": "layers/dense"}


def weight_paths(layers: list[Layer]) -> dict[str, list[str]]:
    """Returns for each layer with weights where they lie.

    Keras numbers them by class, in the order of the layers, and ignores their names: layers/dense, layers/dense_1...
    """
    paths: dict[str, list[str]] = {}
    seen = dict.fromkeys(GROUPS, 0)
    for layer in layers:
        if layer.class_name in GROUPS:
            number = seen[layer.class_name]
            seen[layer.class_name] += 1
            group = GROUPS[layer.class_name] + (f"_{number}" if number else "")
            paths[layer.name] = [f"{group}/vars/{i}" for i in range(tensor_count(layer))]
    return paths


def tensor_count(layer: Layer) -> int:
    if layer.class_name == "Dense":
        return 2 if layer.config.get("use_bias", True).flag() else 1
    return 2 + sum(layer.config.get(key, True).flag() for key in ("scale", "center"))  # gamma, beta; mean, variance


def build(place: str, config: Field, layers: list[Layer], paths: dict[str, list[str]], tensors: dict[str, np.ndarray], metadata: Field) -> Graph:
    nodes: list[Node] = []
    if not layers:
        raise Refused(f"{place}: config.json", "the model has no layers", "save a trained model")
    names = [layer.name for layer in layers]
    for layer in layers:
        if names.count(layer.name) > 1:
            raise layer.field.refuse(f"the name {layer.name!r} is used twice", "save a model with distinct layer names")
    inputs = [layer for layer in layers if layer.class_name == "InputLayer"]
    ports = [Port(layer.name, input_shape(layer)) for layer in inputs]
    if not inputs:  # a Sequential model of an older writer: the first layer reads an input that has no entry
        ports = [Port("input", (None,))]
    for layer in layers:
        if layer.class_name != "InputLayer":
            read = layer.reads or [ports[0].name]
            if len(read) != 1 and layer.class_name not in MERGES:
                raise layer.field.refuse(f"{layer.name!r} reads {len(read)} tensors", "use one")
            nodes.extend(layer_nodes(layer, read, [tensors[p] for p in paths.get(layer.name, [])]))
    if config["class_name"].text() == "Sequential":
        outputs = [Port(layers[-1].name, (None,))]
    else:
        order = ends(config["config"], "input_layers")
        by_name = {port.name: port for port in ports}
        if sorted(order) != sorted(by_name):
            raise config["config"]["input_layers"].refuse("they are not the model's InputLayers", "save the model again")
        ports = [by_name[name] for name in order]
        outputs = [Port(name, (None,)) for name in ends(config["config"], "output_layers")]
    graph = Graph(ports, outputs, nodes, place)
    if len(ports) == 1 and len(outputs) == 1:
        ports[0].labels = metadata["feature_names"].texts() if metadata.has("feature_names") else None
        outputs[0].labels = metadata["class_names"].texts() if metadata.has("class_names") else None
    return graph


def input_shape(layer: Layer) -> tuple[int | None, ...]:
    key = "batch_shape" if layer.config.has("batch_shape") else "batch_input_shape"
    sizes = list(layer.config[key])
    return tuple(None if s.value is None else s.integer() for s in sizes[1:])


def layer_nodes(layer: Layer, reads: list[str], tensors: list[np.ndarray]) -> list[Node]:
    """Returns the nodes of a layer; the last writes a value of the layer's own name."""
    read = reads[0]
    if layer.class_name in MERGES:
        if len(reads) < 2:
            raise layer.field.refuse(f"{layer.name!r} reads {len(reads)} tensors", "merge two or more")
        if layer.class_name == "Concatenate" and layer.config.get("axis", -1).value not in (-1, 1):
            raise layer.field.refuse(f"{layer.name!r}: it must run over the last axis", "use axis -1")
        return [Node(MERGES[layer.class_name], reads, layer.name, layer.name, origin=layer.class_name)]
    if layer.class_name == "Dense":
        return dense_nodes(layer, read, tensors)
    if layer.class_name == "BatchNormalization":
        return [Node("scale", [read], layer.name, layer.name, batch_normalization(layer, tensors), origin=layer.class_name)]
    numbers: dict[str, float] = {}
    if layer.class_name == "ReLU":
        kind, numbers = rectifier(layer)
    elif layer.class_name == "LeakyReLU":
        key = "negative_slope" if layer.config.has("negative_slope") else "alpha"
        kind, numbers = "leaky_relu", {"slope": number(layer.config.get(key, 0.3))}
    elif layer.class_name == "ELU":
        kind, numbers = "elu", {"alpha": number(layer.config.get("alpha", 1.0))}
    elif layer.class_name in TRAINING_ONLY:
        kind = "identity"
    elif layer.class_name == "Softmax":
        axis = layer.config.get("axis", -1).value
        if axis not in (-1, 1, [-1], [1]):
            raise layer.field.refuse(f"{layer.name!r}: axis {axis}: softmax must run over the last axis", "use axis -1")
        kind = "softmax"
    else:
        kind, numbers = activation(layer)
    return [Node(kind, [read], layer.name, layer.name, numbers=numbers, origin=layer.class_name)]


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
    gamma = rest.pop(0) if layer.config.get("scale", True).flag() else np.ones_like(rest[0])
    beta = rest.pop(0) if layer.config.get("center", True).flag() else np.zeros_like(rest[0])
    place = f"{layer.field.path} ({layer.name!r})"
    scale, offset = normalization(place, gamma, beta, *rest, number(layer.config.get("epsilon", 1e-3)))
    return {"scale": scale, "offset": offset}


def dense_nodes(layer: Layer, read: str, tensors: list[np.ndarray]) -> list[Node]:
    units = layer.config["units"].integer()
    named = dict(zip(("weights", "bias"), tensors))
    if named["weights"].ndim != 2 or named["weights"].shape[1] != units:
        raise layer.field.refuse(f"{layer.name!r} has {units} units, its stored kernel has shape {named['weights'].shape}")
    kind, numbers = activation(layer)
    if kind == "identity":
        return [Node("dense", [read], layer.name, layer.name, named, origin="Dense")]
    inner = f"{layer.name}/{kind}/input"
    return [
        Node("dense", [read], inner, layer.name, named, origin="Dense"),
        Node(kind, [inner], layer.name, f"{layer.name}_{kind}", numbers=numbers, origin=f"activation of {layer.name}"),
    ]


def activation(layer: Layer) -> tuple[str, dict[str, float]]:
    name = layer.config.get("activation", "linear")
    if not isinstance(name.value, str) or name.value not in ACTIVATIONS:
        shown = name.value if isinstance(name.value, str) else "a custom function"
        raise name.refuse(f"{layer.name!r}: activation {shown} is not supported", f"supported: {', '.join(sorted(ACTIVATIONS))}")
    kind, numbers = ACTIVATIONS[name.value]
    return kind, dict(numbers)


def number(field: Field) -> float:
    if isinstance(field.value, bool) or not isinstance(field.value, (int, float)):
        raise field.refuse("expected a number")
    return float(field.value)
