"""The configuration of a model as a list of calls: each layer with the values that it reads, in the order of the file.

Nested models are written out where they are called; a layer that is called twice stands in the list twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kaon.fields import Field

MODELS = ("Sequential", "Functional", "Model")
MAXIMUM_DEPTH = 16
MAXIMUM_CALLS = 10_000


class Layer:
    """One entry of a model's list. path: names of the models around it and its own; groups: the same by class, as Keras 3
    stores weights: ('layers', 'functional', 'layers', 'dense_1')."""

    def __init__(self, entry: Field, outer: tuple[str, ...], groups: tuple[str, ...], fallback: str) -> None:
        self.field = entry
        self.config = entry["config"]
        self.class_name = entry["class_name"].text()
        if isinstance(self.config.value, dict):
            self.name = self.config["name"].text() if self.config.has("name") else entry.get("name", fallback).text()
        else:  # Keras 1 and the first of Keras 2: a Sequential's configuration is the list of its layers
            self.name = entry.get("name", fallback).text()
        self.path = (*outer, self.name)
        self.before_keras_3 = False
        self.groups = groups

    @property
    def label(self) -> str:
        return "/".join(self.path)


@dataclass
class Call:
    layer: Layer
    reads: list[str]
    output: str
    operands: list[Field] = field(default_factory=list)
    """Arguments that are no values: the number of x + 2."""


@dataclass
class Model:
    calls: list[Call]
    inputs: list[str]
    """Names of the InputLayers, in the model's order; empty where there is none and the first layer reads an unnamed input."""
    outputs: list[str]
    """Values."""
    names: list[str]
    """Of the outputs, as the user knows them."""


@dataclass
class Scope:
    """What reading one model of possibly several nested ones needs."""

    outer: tuple[str, ...]
    groups: tuple[str, ...]
    prefix: str
    """Of values and names, unique to this call of the model."""
    calls: list[Call]
    depth: int


def calls_of(config: Field) -> Model:
    """Reads the configuration of a model."""
    kind = config["class_name"].text()
    if kind not in MODELS:
        raise config.refuse(f"models of class {kind!r} are not supported", "save a Sequential or Functional model")
    calls: list[Call] = []
    outputs, names = read_model(config, None, Scope((), (), "", calls, 0))
    if not calls:
        raise config.refuse("the model has no layers", "save a trained model")
    if is_sequential(config):
        inputs = [call.output for call in calls if call.layer.class_name == "InputLayer"][:1]
    else:
        inputs = references(config["config"]["input_layers"], {})
        own = [call.output for call in calls if call.layer.class_name == "InputLayer" and len(call.layer.path) == 1]
        if sorted(inputs) != sorted(own):
            raise config["config"]["input_layers"].refuse("they are not the model's InputLayers", "save the model again")
    return Model(calls, inputs, outputs, names)


def is_sequential(config: Field) -> bool:
    return config["class_name"].text() == "Sequential"


def read_model(config: Field, given: list[str] | None, scope: Scope) -> tuple[list[str], list[str]]:
    """Appends a model's calls. given: the values that it is called with, None for the outermost; returns its outputs."""
    if scope.depth > MAXIMUM_DEPTH:
        raise config.refuse(f"models are nested more than {MAXIMUM_DEPTH} deep")
    if is_sequential(config):
        return read_sequential(config, given, scope)
    return read_functional(config["config"], given, scope)


def entries(config: Field) -> Field:
    inner = config["config"]
    return inner["layers"] if isinstance(inner.value, dict) else inner


def layers_of(fields: Field, scope: Scope) -> Iterator[Layer]:
    """Yields layers with the groups in which Keras 3 stores them: numbered by class, in the order of the layers."""
    seen: dict[str, int] = {}
    names: set[str] = set()
    for position, entry in enumerate(fields):
        kind = entry["class_name"].text()
        number = seen.get(kind, 0)
        seen[kind] = number + 1
        group = snake_case(kind) + (f"_{number}" if number else "")
        layer = Layer(entry, scope.outer, (*scope.groups, "layers", group), f"{snake_case(kind)}_{position}")
        if layer.name in names:
            raise entry.refuse(f"the name {layer.name!r} is used twice", "save a model with distinct layer names")
        names.add(layer.name)
        yield layer


def snake_case(name: str) -> str:
    """Returns a class's name as Keras 3 names its group: PReLU is p_re_lu, LayerNormalization layer_normalization."""
    words = ""
    for position, character in enumerate(name):
        before = name[position - 1] if position else ""
        after = name[position + 1] if position + 1 < len(name) else ""
        if character.isupper() and position and (not before.isupper() or after.islower()):
            words += "_"
        words += character.lower()
    return words


def read_sequential(config: Field, given: list[str] | None, scope: Scope) -> tuple[list[str], list[str]]:
    reads = given
    last = ""
    for layer in layers_of(entries(config), scope):
        if layer.class_name == "InputLayer" and given is not None:
            continue
        last = layer.name
        reads = append(layer, reads or [], scope, scope.prefix + layer.name, [])
    return reads or [], [last]


def read_functional(config: Field, given: list[str] | None, scope: Scope) -> tuple[list[str], list[str]]:
    layers = {layer.name: layer for layer in layers_of(config["layers"], scope)}
    values: dict[tuple[str, int], list[str]] = {}
    if given is not None:
        for name, value in zip(input_names(config, given), given):
            values[name, 0] = [value]
    # Calls in an order in which each reads what is there; the file's order where that is one.
    waiting = [(layer, number, call) for layer in layers.values() for number, call in enumerate(inbound(layer.field))]
    waiting += [(layer, 0, None) for layer in layers.values() if not inbound(layer.field) and (layer.name, 0) not in values]
    waiting.sort(key=lambda item: item[2] is not None)
    while waiting:
        ready = [item for item in waiting if item[2] is None or all(source[:2] in values for source in item[2].sources)]
        if not ready:
            names = ", ".join(sorted({layer.name for layer, _, _ in waiting}))
            raise config["layers"].refuse(f"layers read in a circle, or what no layer gives: {names[:200]}", "save the model again")
        for layer, number, call in ready:
            reads = [] if call is None else [pick(layer, values[source[:2]], source[2]) for source in call.sources]
            output = scope.prefix + layer.name + (f":{number}" if number else "")
            values[layer.name, number] = append(layer, reads, scope, output, [] if call is None else call.operands)
        done = {(layer.name, number) for layer, number, _ in ready}
        waiting = [item for item in waiting if (item[0].name, item[1]) not in done]
    results = []
    sources = output_sources(config["output_layers"])
    for name, number, position in sources:
        # Keras 3 counts one call more than there is of a nested model that ends another.
        number = min(number, sum(known == name for known, _ in values) - 1)
        if (name, number) not in values:
            raise config["output_layers"].refuse(f"no layer gives {name!r}", "save the model again")
        results.append(pick(layers[name], values[name, number], position) if name in layers else values[name, number][0])
    return results, [name for name, _, _ in sources]


def pick(layer: Layer, values: list[str], position: int) -> str:
    if position >= len(values):
        raise layer.field.refuse(f"output {position} of {layer.name!r} is read, it has {len(values)}", "save the model again")
    return values[position]


def append(layer: Layer, reads: list[str], scope: Scope, output: str, operands: list[Field]) -> list[str]:
    """Appends one call, or those of a nested model; returns the values that it gives."""
    if len(scope.calls) >= MAXIMUM_CALLS:
        raise layer.field.refuse(f"the model has more than {MAXIMUM_CALLS} layers")
    if layer.class_name in MODELS:
        inner = Scope(layer.path, layer.groups, f"{output}/", scope.calls, scope.depth + 1)
        first = not reads and layer.class_name == "Sequential"
        return read_model(layer.field, None if first else reads, inner)[0]
    scope.calls.append(Call(layer, reads, output, operands))
    return [output]


@dataclass
class Inbound:
    sources: list[tuple[str, int, int]]
    operands: list[Field]


def inbound(entry: Field) -> list[Inbound]:
    """Returns the calls of a layer, in either form: lists of [name, call, output, ...], or Keras 3's args and kwargs."""
    if not entry.has("inbound_nodes"):
        return []
    calls = []
    for call in entry["inbound_nodes"]:
        if isinstance(call.value, dict):
            calls.append(keyword_call(call))
        else:
            items = list(call)
            nested = bool(items) and isinstance(items[0].value, list)
            calls.append(Inbound([source(item) for item in (items if nested else [call])] if items else [], []))
    return calls


def keyword_call(call: Field) -> Inbound:
    found = Inbound([], [])
    for argument in call["args"]:
        collect(argument, found)
    if call.has("kwargs"):
        for key in call["kwargs"].of(dict, "an object"):
            value = call["kwargs"][key]
            if has_tensor(value.value):
                raise value.refuse("it reads a tensor by name", "save a model whose layers read one tensor, or one list of tensors")
    return found


def collect(argument: Field, found: Inbound) -> None:
    if isinstance(argument.value, dict) and argument.value.get("class_name") == "__keras_tensor__":
        found.sources.append(source(argument["config"]["keras_history"]))
    elif isinstance(argument.value, list):
        for item in argument:
            collect(item, found)
    else:
        found.operands.append(argument)


def has_tensor(value: object) -> bool:
    return "__keras_tensor__" in repr(value)


def source(reference: Field) -> tuple[str, int, int]:
    """Reads [name, call, output]."""
    parts = list(reference)
    if not parts:
        raise reference.refuse("the list is empty")
    numbers = [part.integer() if part.value is not None else 0 for part in parts[1:3]]
    call, position = (numbers + [0, 0])[:2]
    if call < 0 or position < 0:
        raise reference.refuse("a number in it is negative")
    return parts[0].text(), call, position


def output_sources(field: Field) -> list[tuple[str, int, int]]:
    """Reads a model's inputs or outputs: one [name, 0, 0], or a list of such."""
    items = list(field)
    if not items:
        raise field.refuse("the list is empty")
    return [source(field)] if isinstance(items[0].value, str) else [source(item) for item in items]


def references(field: Field, _: dict[str, str]) -> list[str]:
    return [name for name, _, _ in output_sources(field)]


def input_names(config: Field, given: list[str]) -> list[str]:
    names = references(config["input_layers"], {})
    if len(names) != len(given):
        raise config["input_layers"].refuse(f"the nested model has {len(names)} inputs and is called with {len(given)}")
    return names
