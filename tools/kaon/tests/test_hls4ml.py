"""hls4ml's configuration beside a Keras model: the types it names, what is inferred, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon import fixed, importers, passes, tiles
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fixed import Fixed
from kaon.golden import inputs, raw_inputs
from kaon.graph import Graph, Node, Port
from kaon.importers.hls4ml import configure
from kaon.importers.hls4ml_config import Configuration
from kaon.importers.hls4ml_tables import centred_table
from kaon.importers.hls4ml_types import of_constant, precision
from kaon.tables import CENTRED, Table, centred, entries
from keras_models import dense, input_layer, save, sequential, weights


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fixed<16,6>", Fixed(16, 6)),
        ("ap_fixed<16, 6>", Fixed(16, 6)),
        ("ap_ufixed<8,4,AP_RND,AP_SAT>", Fixed(8, 4, False, "round", "saturate")),
        ("ufixed<18,8,RND_CONV,SAT_SYM,0>", Fixed(18, 8, False, "round_conv", "saturate_symmetric")),
        ("ac_fixed<16,6,true>", Fixed(16, 6)),
        ("ac_fixed<10,2,false,AC_TRN_ZERO,AC_SAT_ZERO>", Fixed(10, 2, False, "truncate_zero", "saturate_zero")),
        ("ap_int<8>", Fixed(8, 8)),
        ("uint<4>", Fixed(4, 4, False)),
        ("fixed<8,-2,TRN>", Fixed(8, -2)),
        ("auto", None),
    ],
)
def test_types(text, expected):
    assert precision("here", text) == expected


@pytest.mark.parametrize("text", ["float", "fixed<16>", "ap_fixed<16,6,AP_SAT>", "fixed<16,6,TRN,WRAP,2>", "ap_int<8,RND>", "fixed<0,0>", 16, None])
def test_no_types(text):
    with pytest.raises(kaon.Refused, match="^here: "):
        precision("here", text)


def network(random: np.random.Generator, bias: bool = True) -> Graph:
    """fc1 with relu, a batch normalisation between fc2 and its relu, fc3."""

    def layer(value: str, output: str, sizes: tuple[int, int]) -> Node:
        tensors = {"weights": random.standard_normal(sizes).astype(np.float32)}
        tensors |= {"bias": random.standard_normal(sizes[1]).astype(np.float32)} if bias else {}
        return Node("dense", [value], output, output, tensors, origin="Dense")

    normal = {"scale": random.uniform(0.5, 2, 6), "offset": random.standard_normal(6)}
    nodes = [
        layer("x", "fc1", (5, 7)),
        Node("relu", ["fc1"], "r1", "fc1_relu", origin="activation of fc1"),
        layer("r1", "fc2", (7, 6)),
        Node("scale", ["fc2"], "bn", "bn", normal, origin="BatchNormalization"),
        Node("relu", ["bn"], "r2", "act", origin="Activation"),
        layer("r2", "fc3", (6, 3)),
    ]
    return Graph([Port("x", (5,))], [Port("fc3", (None,))], nodes, "model")


def configured(graph: Graph, text: str) -> Configuration:
    config = Configuration("c.yml", text.encode())
    configure(graph, config)
    return config


ALL_AUTO = """
Model: {Precision: {default: 'fixed<16,6>'}, ReuseFactor: 1, Strategy: Latency}
LayerName:
  x: {Precision: {result: auto}}
  fc1: {Precision: {weight: 'fixed<8,2>', bias: auto, accum: auto, result: auto}, ReuseFactor: 4}
  fc1_relu: {Precision: {result: 'ufixed<8,4,RND,SAT>'}}
  fc2: {Precision: {weight: auto, bias: auto, accum: 'fixed<12,6>', result: auto}}
  bn: {Precision: {scale: auto, bias: auto, result: auto}}
  act: {Precision: {result: auto}}
  fc3: {Precision: {weight: auto, bias: auto, accum: auto, result: auto}}
"""


def test_model_granularity(random):
    """One precision for everything: products cast, every result rounded."""
    graph = network(random)
    graph.nodes = [n for n in graph.nodes if n.kind != "scale"]
    graph.nodes[3].inputs = ["fc2"]
    config = configured(graph, "Model: {Precision: 'fixed<16,6>', ReuseFactor: 1}")
    passes.run(graph)
    for node in graph.nodes:
        names = ("weights", "bias", "accumulator", "result") if node.kind == "dense" else ("result",)
        assert {what: node.types.get(what) for what in names} == dict.fromkeys(names, Fixed(16, 6))
    assert graph.inputs[0].scalar == graph.outputs[0].scalar == "fixed<16,6>"
    assert config.ignored == []


def test_auto_is_inferred(random):
    graph = network(random)
    scale, offset = graph.nodes[3].tensors["scale"], graph.nodes[3].tensors["offset"]
    weights, bias = (graph.nodes[2].tensors[key].astype(np.float64) for key in ("weights", "bias"))
    config = configured(graph, ALL_AUTO)
    passes.run(graph)
    assert [node.name for node in graph.nodes] == ["fc1", "fc1_relu", "fc2", "act", "fc3"]  # bn went into fc2
    fc1, _, fc2, act, fc3 = graph.nodes
    exact = fixed.accumulated(fixed.product(Fixed(16, 6), Fixed(8, 2)), 5, Fixed(16, 6))
    assert "accumulator" not in fc1.types and fc1.types["result"] == exact == Fixed(28, 12)
    assert fc2.types["accumulator"] == Fixed(12, 6) and act.types["result"] == Fixed(16, 6)
    assert fc3.types["result"] == fixed.accumulated(fixed.product(Fixed(16, 6), Fixed(16, 6)), 6, Fixed(16, 6))
    floor = np.floor(weights * scale.astype(np.float32) * 1024)
    assert np.count_nonzero(fc2.tensors["weights"] != floor) == 0
    assert np.count_nonzero(fc2.tensors["bias"] != np.floor((bias * scale.astype(np.float32) + offset.astype(np.float32)) * 1024)) <= 1
    assert config.ignored == ["Model.Strategy"]
    assert (fc1.tile, fc2.tile) == (None, None)  # neither 2, 3 nor 4 turns divide 5 x 7


def test_reuse_factor_is_a_tile(random):
    graph = network(random)
    configured(graph, "Model: {Precision: 'fixed<16,6>', ReuseFactor: 8}\nLayerName: {fc1: {ReuseFactor: 5}, fc3: {ReuseFactor: 1}, bn: {ReuseFactor: 3}}")
    assert [node.tile for node in graph.nodes if node.kind in ("dense", "scale")] == [(7, 1), (6, 1), (2, 1), None]
    for turns in ("0", "true", "1.5", "x"):
        with pytest.raises(kaon.Refused, match="Model.ReuseFactor: .* is no reuse factor; use"):
            configured(network(random), f"Model: {{Precision: 'fixed<16,6>', ReuseFactor: {turns}}}")
    assert tiles.of_turns(4, 16, 64) == (16, 16) and tiles.of_turns(128, 16, 64) == (1, 8) and tiles.of_turns(10**6, 16, 64) == (1, 1)


def test_maximum_and_missing_bias(random):
    graph = network(random, bias=False)
    configured(graph, ALL_AUTO.replace("default: 'fixed<16,6>'", "default: 'fixed<16,6>', maximum: 'fixed<20,8>'"))
    fc1 = graph.nodes[0]
    assert fc1.types["bias"] == Fixed(1, 1, False) and not fc1.tensors["bias"].any()
    assert fc1.types["accumulator"] == fc1.types["result"] == Fixed(20, 8)


def test_names_before_types_before_model(random):
    graph = network(random)
    text = """
    Model: {Precision: {default: 'fixed<16,6>', result: 'fixed<17,6>'}}
    LayerType: {Dense: {Precision: {result: 'fixed<18,6>'}}, Activation: {Precision: 'fixed<19,6>'}}
    LayerName: {FC2: {Precision: {result: 'fixed<20,6>'}}}
    """
    configured(graph, text)
    assert [node.types["result"].width for node in graph.nodes] == [18, 19, 20, 17, 19, 18]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Modell: {Precision: 'fixed<16,6>'}", "HLSConfig: no key 'Modell'; did you mean Model?"),
        ("Model: {Precison: 'fixed<16,6>'}", "Model: no key 'Precison'; did you mean Precision?"),
        ("Model: {ReuseFactor: 1}", "Model: it has no default Precision"),
        ("Model: {Precision: auto}", "the default is auto"),
        ("Model: {Precision: 'fixed<16,6>'}\nLayerName: {fc4: {Precision: 'fixed<8,2>'}}", "the model has no layer named 'fc4'; did you mean fc"),
        ("Model: {Precision: 'fixed<16,6>'}\nLayerType: {Conv1D: {Precision: 'fixed<8,2>'}}", "no layer of type 'Conv1D'"),
        ("Model: {Precision: 'fixed<16,6>'}\nLayerName: {fc1: {Precision: {weights: 'fixed<8,2>'}}}", "no key 'weights'; did you mean weight?"),
        ("Model: {Precision: 'fixed<16,6>'}\nLayerName: {act: {Precision: {weight: 'fixed<8,2>'}}}", "the layer has no 'weight'; it has result, table"),
        ("Model: {Precision: 'fixed<16,6>'}\nLayerName: {fc1: {Precision: {weight: 'fixed<8;2>'}}}", "LayerName.fc1.Precision.weight: 'fixed<8;2>'"),
        ("Model: {Precision: 'fixed<16,6>'}\nModel: {Precision: 'fixed<8,2>'}", "is there twice"),
        ("Model: [", "it is no YAML (line 1)"),
        ("- 1", "it holds no names"),
        ("Model: !!python/object/apply:os.system ['true']", "it is no YAML"),
    ],
)
def test_what_says_nothing_is_refused(random, text, cause):
    with pytest.raises(kaon.Refused, match="^c.yml") as raised:
        configured(network(random), text)
    assert cause in str(raised.value)


def test_command(tmp_path, random, kaon_command, native):
    """From a .keras file and a project's configuration to compiled integers."""
    layers = [input_layer(5), dense("fc1", 8, "relu"), dense("fc2", 3)]
    path = save(tmp_path / "m.keras", sequential(layers), weights(random, 5, 8, 3))
    (tmp_path / "c.yml").write_text(
        "Backend: Vitis\nProjectName: p\nHLSConfig:\n  Model: {Precision: 'ap_fixed<14,5,AP_RND,AP_SAT>', ReuseFactor: 2}\n"
        "  LayerType: {Dense: {Precision: {accum: 'ap_fixed<18,8>'}}}\n"
    )
    outcome = kaon_command("convert", path, "-o", tmp_path / "m", "--name", "m", "--hls4ml", tmp_path / "c.yml")
    assert outcome.code == 0, outcome.err
    assert "ignored, for it has no effect on what is computed: Backend, ProjectName" in outcome.out
    package = kaon.open_package(tmp_path / "m")
    assert package.file("configuration").read_bytes() == (tmp_path / "c.yml").read_bytes()
    assert package.graph.nodes[0].tile == (4, 5) and "kaon::tile<4>" in package.file("header").read_text()
    raw = raw_inputs(package.graph, inputs(package.graph, 300, 3))
    expected = evaluate_fixed(package.graph, raw)
    for name, values in kaon.run(tmp_path / "m", raw, raw=True).items():
        np.testing.assert_array_equal(values, expected[name])
    onnx = Path(__file__).parents[3] / "examples" / "jets" / "model" / "jet_tagger.onnx"
    if onnx.is_file():
        assert "the model is onnx" in kaon_command("convert", onnx, "-o", tmp_path / "n", "--hls4ml", tmp_path / "c.yml").refusal()


def with_tables(random: np.random.Generator) -> Graph:
    nodes = [
        Node("dense", ["x"], "fc1", "fc1", {"weights": random.standard_normal((4, 6)).astype(np.float32)}, origin="Dense"),
        Node("sigmoid", ["fc1"], "s", "fc1_sigmoid", origin="activation of fc1"),
        Node("dense", ["s"], "fc2", "fc2", {"weights": random.standard_normal((6, 3)).astype(np.float32)}, origin="Dense"),
        Node("softmax", ["fc2"], "y", "fc2_softmax", origin="activation of fc2"),
    ]
    return Graph([Port("x", (4,))], [Port("y", (None,))], nodes, "model")


def test_tables(random):
    """Sizes and types as hls4ml 1.3 takes them; entries through float32, listed where one differs from the exact one."""
    text = """
    Model: {Precision: {default: 'fixed<16,6>'}}
    LayerName:
      fc1_sigmoid: {Precision: {result: auto, table: 'fixed<9,3>'}, TableSize: 512}
      fc2: {Precision: {result: 'fixed<9,4>'}}
      fc2_softmax: {Precision: {accum: 'fixed<18,8,RND,SAT>'}, TableSize: 2048, Implementation: stable, InvTableT: 'fixed<16,7,RND,SAT>'}
    """
    graph = with_tables(random)
    config = configured(graph, text)
    assert config.ignored == ["LayerName.fc1_sigmoid.Precision.table"]
    _, sigmoid, _, softmax = graph.nodes
    assert (sigmoid.tables["table"].type, sigmoid.tables["table"].size) == (Fixed(18, 8), 512)
    assert softmax.tables["exp_table"].size == 256  # of ufixed<8,3>: differences of 9-bit numbers
    assert (softmax.tables["inv_table"].type, softmax.tables["inv_table"].size) == (Fixed(16, 7, True, "round", "saturate"), 512)
    assert softmax.types["norm_input"] == Fixed(8, 3, False) and softmax.types["accumulator"] == Fixed(18, 8, True, "round", "saturate")
    with pytest.raises(kaon.Refused, match="its implementation is 'fast'"):
        configured(with_tables(random), text.replace("stable", "fast"))
    with pytest.raises(kaon.Refused, match="500 is no size of a table"):
        configured(with_tables(random), text.replace("TableSize: 512", "TableSize: 500"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, Fixed(1, 1, False)),
        (1.0, Fixed(1, 1, False)),
        (0.3, Fixed(8, -1, False)),
        (0.75, Fixed(2, 0, False)),
        (1.4375, Fixed(5, 1, False)),
        (12.0, Fixed(2, 4, False)),
        (-1.0, Fixed(1, 1)),
        (-0.3, Fixed(9, 0)),
    ],
)
def test_types_of_constants(value, expected):
    """By _get_precision_from_constant of hls4ml 1.3.0: those that it gives for these numbers."""
    assert of_constant(float(value)) == expected


FIRMWARE = {
    "elu": lambda x, table: x if x >= 0 else ELU_ALPHA * table[min(int(x * 256 / -8), 255)],
    "selu": lambda x, table: x * GAMMA if x >= 0 else table[min(int(x * 256 / -8), 255)],
    "hard_sigmoid": lambda x, table: min(max(13107 / 65536 * x + 0.5, 0), 1),
}
"""The loops of nnet_activation.h, in floats that are exact here; the numbers as their types have them."""
ELU_ALPHA, GAMMA = 166 / 128, 34429 / 32768
ENTRIES = {"elu": lambda x: math.exp(x) - 1, "selu": lambda x: 1.0507009873554805 * 1.6732632423543772 * (math.exp(x) - 1)}


@pytest.mark.parametrize("kind", sorted(FIRMWARE))
def test_units(random, kind):
    """One layer of each alone, for every value of a type."""
    numbers = {"elu": {"alpha": 1.3}, "hard_sigmoid": {"slope": 1 / 6, "offset": 0.5}}.get(kind, {})
    graph = Graph([Port("x", (1,))], [Port("y", (None,))], [Node(kind, ["x"], "y", "act", numbers=numbers, origin="Activation")], "model")
    config = """
    Model: {Precision: {default: 'fixed<10,5>'}}
    LayerName: {act: {Precision: {result: 'fixed<14,6>'%s}, TableSize: 256}}
    """
    configured(graph, config % {"elu": ", param: auto", "hard_sigmoid": ", slope: auto, shift: auto"}.get(kind, ""))
    passes.run(graph)
    x = np.arange(-512, 512)[:, None]
    table = [math.floor(ENTRIES[kind](-8 * i / 256) * 1024) / 1024 for i in range(256)] if kind in ENTRIES else []
    expected = [math.floor(FIRMWARE[kind](float(value) / 32, table) * 256) for value in x[:, 0]]
    np.testing.assert_array_equal(evaluate_fixed(graph, {"x": x})["y"][:, 0], np.array(expected))


def test_numbers_of_a_hard_sigmoid(random):
    """Those of hls4ml, whatever Keras has, unless the configuration names others."""
    for text, slope in (("", 13107), (", LayerName: {act: {Slope: 0.25}}", 16384)):
        node = Node("hard_sigmoid", ["x"], "y", "act", numbers={"slope": 1 / 6, "offset": 0.5}, origin="Activation")
        configured(Graph([Port("x", (1,))], [Port("y", (None,))], [node], "model"), f"{{Model: {{Precision: 'fixed<16,6>'}}{text}}}")
        assert node.numbers == {"slope": slope / 65536, "offset": 0.5}
        assert node.types == {"weights": Fixed(16, 0, False), "bias": Fixed(2, 0, False), "result": Fixed(16, 6)}
    text = "{Model: {Precision: 'fixed<16,6>'}, LayerName: {act: {Slope: steep}}}"
    with pytest.raises(kaon.Refused, match="act.Slope: 'steep' is no number"):
        configured(Graph([Port("x", (1,))], [Port("y", (None,))], [node], "model"), text)


def test_other_softmaxes(random):
    """legacy: in one type, by the firmware's loop; argmax: the first of the largest."""
    x = random.integers(-300, 300, (200, 4))
    x[:50] = x[:50, :1]
    results = {}
    for implementation in ("legacy", "argmax"):
        graph = Graph([Port("x", (4,))], [Port("y", (None,))], [Node("softmax", ["x"], "y", "out", origin="Softmax")], "model")
        keys = f"Implementation: {implementation}, ExpTableT: 'fixed<9,3>', TableSize: 2048"
        configured(graph, f"{{Model: {{Precision: 'fixed<12,6>'}}, LayerName: {{out: {{{keys}}}}}}}")
        passes.run(graph)
        results[implementation] = evaluate_fixed(graph, {"x": x})["y"]
    exps = [math.floor(math.exp(16 * (i - 1024) / 2048) * 1024) for i in range(2048)]
    for row, got in zip(x / 64, results["legacy"]):
        for i, own in enumerate(row):
            total = sum(1024 if i == j else exps[min(max(int((other - own) * 128) + 1024, 0), 2047)] for j, other in enumerate(row))
            index = min(max(int(((total + (1 << 17)) % (1 << 18) - (1 << 17)) / 1024 * 32), 0), 2047)
            assert got[i] == (math.floor(1024 / (index / 32)) >> 4 if index else 0)
    np.testing.assert_array_equal(results["argmax"], 64 * np.eye(4, dtype=int)[x.argmax(axis=1)])


def test_entries_through_floats():
    """A table of 24 fraction bits shows float32's rounding; one of 4 does not, and needs no list."""
    fine, coarse = centred_table("sigmoid", Fixed(26, 2), 256), centred_table("sigmoid", Fixed(8, 4), 256)
    assert coarse.values is None and fine.values is not None
    exact = entries(Table(fine.type, 256), CENTRED["sigmoid"][0], centred(256, 4), -1)
    apart = np.abs(np.array(fine.values) - exact)
    assert 0 < apart.max() <= 3
