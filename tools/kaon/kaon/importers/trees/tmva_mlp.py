"""The networks of TMVA's method MLP: layers of neurons, each but the last with a bias neuron at its end, whose value is 1."""

from __future__ import annotations

import numpy as np

from kaon.error import one_line
from kaon.graph import Graph, Node, Port
from kaon.importers.trees.tmva_setup import Setup
from kaon.importers.trees.tmva_xml import Element, Reader

ACTIVATIONS = {"linear": None, "sigmoid": "sigmoid", "tanh": "tanh"}
OUTPUTS = {"MSE": None, "CE": "sigmoid"}
"""What the last neurons compute, by the estimator of the training."""
MAXIMUM_LAYERS = 1 << 8
MAXIMUM_NEURONS = 1 << 14


def read_mlp(setup: Setup) -> Graph:
    """Makes the graph: "features" [variables] -> dense, activation, ... -> "result"; what is done to variables is folded into the first layer."""
    reader = setup.reader
    hidden = setup.option("NeuronType", "sigmoid")
    if hidden not in ACTIVATIONS:
        raise setup.refuse("NeuronType", f"{one_line(hidden, 40)!r} is not supported", f"supported: {', '.join(ACTIVATIONS)}")
    if (combined := setup.option("NeuronInputType", "sum")) != "sum":
        raise setup.refuse("NeuronInputType", f"{one_line(combined, 40)!r} is not supported", "train with NeuronInputType=sum")
    estimator = setup.option("EstimatorType", "MSE")
    if estimator not in OUTPUTS:
        raise setup.refuse("EstimatorType", f"{one_line(estimator, 40)!r} is not known", f"supported: {', '.join(OUTPUTS)}")
    matrices = read_layers(reader)
    weights, biases = [m[:-1] for m in matrices], [m[-1] for m in matrices]
    variables = setup.transformations.variables
    if len(weights[0]) != variables.size:
        raise reader.refuse(reader.child(reader.root, "Weights"), f"{len(weights[0])} neurons read {variables.size} variables")
    curved = reader.refuse(reader.optional(reader.root, "Transformations") or reader.root, "Gauss and Uniform before an MLP are not supported", "train without them")
    matrix, offset = variables.straight(list(range(variables.size)), curved)
    weights[0], biases[0] = matrix @ weights[0], offset @ weights[0] + biases[0]
    outputs = weights[-1].shape[1]
    ends = [OUTPUTS[estimator], "softmax" if setup.analysis == "Multiclass" else None]
    expected = len(setup.classes) if setup.analysis == "Multiclass" else 1 if setup.analysis == "Classification" else outputs
    if outputs != expected:
        raise reader.refuse(reader.child(reader.root, "Weights"), f"{outputs} output neurons for {expected} outputs")
    target = setup.transformations.target
    if target is not None and setup.analysis == "Regression":
        if ends[0] is not None or outputs != 1:
            raise setup.refuse("EstimatorType", "a transformed target after neurons that are not one and linear", "train with EstimatorType=MSE")
        slope = 1 / (2 * float(target.scale))
        weights[-1], biases[-1] = weights[-1] * slope, (biases[-1] + 1) * slope + float(target.least)
    kinds = [[ACTIVATIONS[hidden]]] * (len(weights) - 1) + [ends]
    nodes: list[Node] = []
    value = "features"
    for layer, (w, b, after) in enumerate(zip(weights, biases, kinds)):
        with np.errstate(over="ignore"):
            tensors = {"weights": w.astype(np.float32), "bias": b.astype(np.float32)}
        nodes.append(Node("dense", [value], f"layer_{layer}", tensors=tensors, origin="MLP"))
        for kind in after:
            if kind is not None:
                nodes.append(Node(kind, [nodes[-1].output], f"layer_{layer}/{kind}", origin="MLP"))
        value = nodes[-1].output
    nodes[-1].output = "result"
    labels = setup.classes if setup.analysis == "Multiclass" else None
    return Graph([Port("features", (variables.size,), setup.expressions)], [Port("result", (outputs,), labels)], nodes, reader.place)


def read_layers(reader: Reader) -> list[np.ndarray]:
    """Returns for each layer but the last its weights, float32 in float64, [neurons, the last of which is the bias][neurons of the next]."""
    weights = reader.child(reader.root, "Weights")
    layout = reader.optional(weights, "Layout") or weights
    layers = [child for child in layout.children if child.name == "Layer"]
    if reader.integer(layout, "NLayers", 2, MAXIMUM_LAYERS) != len(layers):
        raise reader.refuse(layout, f"{len(layers)} layers, not {one_line(layout.attributes['NLayers'], 20)}")
    for number, layer in enumerate(layers):
        reader.integer(layer, "Index", number, number)
        reader.only(layer, "Neuron")
    last = len(layers) - 1
    sizes = [reader.integer(layer, "NNeurons", 1 if number == last else 2, MAXIMUM_NEURONS) for number, layer in enumerate(layers)]
    return [read_matrix(reader, layers[i], sizes[i], sizes[i + 1] - (i + 1 != last)) for i in range(last)]


def read_matrix(reader: Reader, layer: Element, neurons: int, following: int) -> np.ndarray:
    if len(layer.children) != neurons:
        raise reader.refuse(layer, f"{len(layer.children)} neurons, not {neurons}")
    rows = []
    for neuron in layer.children:
        reader.integer(neuron, "NSynapses", following, following)
        rows.append(reader.numbers(neuron, following))
    with np.errstate(over="ignore"):
        return np.array(rows).astype(np.float32).astype(np.float64)
