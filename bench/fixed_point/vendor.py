"""A network of dense layers, ReLU and softmax written in a vendor's types, as one writes it without a library, and as hls4ml does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaon import fixed
from kaon.fixed import Fixed
from kaon.graph import Graph, Node
from kaon.precision import value_types

MODES = {
    "truncate": "TRN", "truncate_zero": "TRN_ZERO", "round": "RND", "round_zero": "RND_ZERO", "round_inf": "RND_INF",
    "round_min_inf": "RND_MIN_INF", "round_conv": "RND_CONV",
    "wrap": "WRAP", "saturate": "SAT", "saturate_zero": "SAT_ZERO", "saturate_symmetric": "SAT_SYM",
}


@dataclass(frozen=True)
class Layer:
    """A dense layer, and the ReLU after it, if any. sum: the named accumulator, or the type that holds every sum."""

    weights: np.ndarray
    bias: np.ndarray
    weight: Fixed
    bias_type: Fixed
    sum: Fixed
    result: Fixed
    relu: Fixed | None


def layers_of(graph: Graph) -> list[Layer]:
    types = value_types(graph)
    layers: list[Layer] = []
    nodes: list[Node] = list(graph.nodes)
    for index, node in enumerate(nodes):
        if node.kind != "dense":
            continue
        after = nodes[index + 1] if index + 1 < len(nodes) else None
        product = fixed.product(types[node.inputs[0]], node.types["weights"])
        exact = fixed.accumulated(product, len(node.tensors["weights"]), node.types["bias"])
        layers.append(Layer(
            node.tensors["weights"], node.tensors["bias"], node.types["weights"], node.types["bias"], node.types.get("accumulator", exact),
            types[node.output], types[after.output] if after is not None and after.kind == "relu" else None))
    return layers


def vendor_type(vendor: str, t: Fixed) -> str:
    """vendor: ap or ac."""
    if vendor == "ap":
        return f"ap_{'fixed' if t.is_signed else 'ufixed'}<{t.width}, {t.integer}, AP_{MODES[t.rounding]}, AP_{MODES[t.overflow]}>"
    return f"ac_fixed<{t.width}, {t.integer}, {'true' if t.is_signed else 'false'}, AC_{MODES[t.rounding]}, AC_{MODES[t.overflow]}>"


def table(name: str, raw: np.ndarray) -> str:
    extents = "".join(f"[{extent}]" for extent in raw.shape)
    rows = raw.tolist() if raw.ndim == 1 else ["{" + ", ".join(map(str, row)) + "}" for row in raw.tolist()]
    return f"inline constexpr std::int32_t {name}{extents} = {{{', '.join(map(str, rows))}}};\n"


def raw_tables(layers: list[Layer]) -> str:
    """Returns the parameters as raw integers, for the vendors' programs to take their numbers from."""
    text = "".join(table(f"weights_{i}", layer.weights) + table(f"bias_{i}", layer.bias) for i, layer in enumerate(layers))
    return f"namespace raw {{\n{text}}}\n"


def parameters(vendor: str, graph: Graph) -> str:
    """Returns the parameters in a vendor's types."""
    text = "".join(
        f"inline bench::vendor_weights<{vendor_type(vendor, layer.weight)}, {layer.weights.shape[0]}, {layer.weights.shape[1]}> "
        f"weights_{i}(raw::weights_{i}, {layer.weight.fraction});\n"
        f"inline bench::vendor_bias<{vendor_type(vendor, layer.bias_type)}, {layer.bias.shape[0]}> "
        f"bias_{i}(raw::bias_{i}, {layer.bias_type.fraction});\n"
        for i, layer in enumerate(layers_of(graph)))
    return f"namespace {vendor} {{\n{text}}}\n"


def arrays(vendor: str, layers: list[Layer], output: Fixed) -> list[Fixed]:
    """Returns the type of each layer's values."""
    return [output if layer is layers[-1] else layer.relu or layer.result for layer in layers]


def program(name: str, title: str, every: int, vendor: str, graph: Graph, body: str) -> str:
    """Returns a Program of fixed_point/array_engine.hpp. body: statements from x to y."""
    given, result = value_types(graph)[graph.inputs[0].name], value_types(graph)[graph.outputs[0].name]
    return f"""struct {name} {{
    static constexpr const char* name = "{title}";
    static constexpr std::size_t every = {every}, inputs = {graph.inputs[0].size}, outputs = {graph.outputs[0].size};
    using input = {vendor_type(vendor, given)};
    using output = {vendor_type(vendor, result)};
    static void run(input (&x)[inputs], output (&y)[outputs]) {{
{body}    }}
}};
"""


def bare(vendor: str, graph: Graph, every: int) -> str:
    """The loops of fixed_point/bare.hpp, in ap_fixed or ac_fixed."""
    layers = layers_of(graph)
    output = value_types(graph)[graph.outputs[0].name]
    body = ""
    read = "x"
    for i, (layer, values) in enumerate(zip(layers, arrays(vendor, layers, output))):
        to = "y" if layer is layers[-1] else f"values_{i}"
        if to != "y":
            body += f"        {vendor_type(vendor, values)} {to}[{layer.weights.shape[1]}];\n"
        body += (f"        bench::bare_dense<{vendor_type(vendor, layer.sum)}, {vendor_type(vendor, layer.result)}, "
                 f"{str(layer.relu is not None).lower()}>({read}, weights_{i}.values, bias_{i}.values, {to});\n")
        read = to
    return f"namespace {vendor} {{\n{program('bare', f'{vendor}_fixed', every, vendor, graph, body)}}}\n"


def firmware(graph: Graph, every: int) -> str:
    """hls4ml's functions, layer after layer, each with an array of its own."""
    layers, types, last = layers_of(graph), value_types(graph), graph.nodes[-1]
    text, body, read, x = "", "", "x", vendor_type("ap", types[graph.inputs[0].name])

    def call(function: str, result: Fixed, config: str, size: int, more: str = "", to: str = "") -> None:
        nonlocal body, read, x
        y = vendor_type("ap", result)
        name = to or f"values_{body.count('nnet::')}"
        body += "" if to else f"        {y} {name}[{size}];\n"
        body += f"        nnet::{function}<{x}, {y}, {config}>({read}, {name}{more});\n"
        read, x = name, y

    for i, layer in enumerate(layers):
        inputs, outputs = layer.weights.shape
        text += (f"using dense_{i} = bench::firmware_dense<{inputs}, {outputs}, {vendor_type('ap', layer.weight)}, "
                 f"{vendor_type('ap', layer.bias_type)}, {vendor_type('ap', layer.sum)}>;\n")
        call("dense", layer.result, f"dense_{i}", outputs, f", &ap::weights_{i}.values[0][0], ap::bias_{i}.values",
             "y" if last.kind == "dense" and layer is layers[-1] else "")
        if layer.relu is not None:
            call("relu", layer.relu, f"bench::firmware_activation<{outputs}>", outputs)
    size = graph.outputs[0].size
    if last.kind == "softmax":
        tables = ", ".join(f"{vendor_type('ap', table.type)}, {table.size}" for table in (last.tables["exp_table"], last.tables["inv_table"]))
        names = ", ".join(vendor_type("ap", last.types[key]) for key in ("accumulator", "inv_input", "norm_input"))
        call("softmax", types[last.output], f"bench::firmware_softmax<{size}, {tables}, {names}>", size, to="y")
    elif last.kind != "dense":
        call("linear", types[last.output], f"bench::firmware_activation<{size}>", size, to="y")
    return f"namespace hls4ml {{\n{text}{program('emulation', 'hls4ml', every, 'ap', graph, body)}}}\n"
