"""Forests of TMVA: its production files, every kind of boosting and transformation against a reader written apart, hostile files."""

from __future__ import annotations

import copy
import gzip
import os
import time
import tracemalloc
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import kaon
import tmva_oracle as tmva
from kaon import importers, passes
from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.graph import Graph
from many_compiled import ROWS, avx2, write_events, wrong

FUZZ = int(os.environ.get("KAON_FUZZ", "1"))
NAMES = ["pt", "abs(eta)", "m/E"]
HALF = np.array([[0.9, 0.2, -0.1], [0.2, 1.1, 0.3], [-0.1, 0.3, 0.8]])
TURN = np.linalg.qr(np.array([[1.0, 0.5, 0.2], [0.1, 1.0, 0.7], [0.6, 0.2, 1.0]]))[0]


def read(tmp_path, data: bytes | str) -> Graph:
    path = tmp_path / "model"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    graph = importers.read(path).graph
    passes.run(graph)
    return graph


def result(graph: Graph, x: np.ndarray) -> np.ndarray:
    return evaluate(graph, {"features": x})["result"]


def histogram(random: np.random.Generator, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    edges = np.sort(np.concatenate([[low], random.uniform(low + 0.01, high - 0.01, 30), [high]]))
    contents = np.cumsum(np.concatenate([[0.0], random.uniform(0.2, 1, 30)]))
    return edges, (contents / contents[-1]).astype(np.float32)


def models(random: np.random.Generator) -> dict[str, str]:
    """Every kind of boosting, leaf and transformation, by name."""
    trees = lambda n, depth=3, spread=1.0: [  # noqa: E731
        tmva.tree(tmva.random_tree(random, depth, 3, spread), float(random.uniform(0.1, 2))) for _ in range(n)
    ]
    wrong = [(-9.0, 9.0)] * 3
    ranges = [wrong, wrong, [(-2.0, 3.1), (-1.7, 1.3), (0.1, 2.7)]]
    scale = tmva.normalize(NAMES, ranges)
    mix = tmva.decorrelation(NAMES, [HALF * 2, HALF * 3, HALF])
    components = tmva.pca(NAMES, [(np.ones(3), TURN), (np.array([0.3, -0.2, 0.1]), TURN.T @ TURN.T)])
    shapes = [[histogram(random, -1, 1), histogram(random, -3 - i, 4.0)] for i in range(3)]
    swap = f'<Transform Name="Rearrange">{tmva.selection(NAMES, put=[NAMES[2], NAMES[0], NAMES[1]])}</Transform>'
    target = tmva.normalize(NAMES, [[*ranges[2], (-20.0, 70.0)]], target=True)
    neurons = lambda *sizes: tmva.network([random.normal(size=(a + 1, b)) for a, b in zip((3, *sizes), sizes)])  # noqa: E731
    old = (
        '<Transform Name="Normalize" NVariables="3" NTargets="0"><Class ClassIndex="0"><Variables>'
        + "".join(f'<Variable VarIndex="{i}" Min="{a}" Max="{b}"/>' for i, (a, b) in enumerate(ranges[2]))
        + "</Variables></Class></Transform>"
    )
    return {
        "adaptive": tmva.weight_file(trees(20)),
        "purity": tmva.weight_file(trees(20), options={"UseYesNoLeaf": "False"}),
        "bagged": tmva.weight_file(trees(20), "Bagging", options={"UseYesNoLeaf": "True"}),
        "cost": tmva.weight_file(trees(5), "AdaCost", options={"UseYesNoLeaf": "False"}),
        "gradient": tmva.weight_file(trees(20), "Grad"),
        "classes": tmva.weight_file(trees(3 * 6), "Grad", "Multiclass", classes=3),
        "regression": tmva.weight_file(trees(20), "Grad", "Regression", classes=1),
        "average": tmva.weight_file(trees(20), "Bagging", "Regression", classes=1),
        "deep": tmva.weight_file(trees(3, 9), "Grad"),
        "scaled": tmva.weight_file(trees(20, spread=0.6), "Grad", transforms=scale),
        "mixed": tmva.weight_file(trees(20), "Grad", transforms=mix),
        "components": tmva.weight_file(trees(20), "Grad", transforms=components),
        "chain": tmva.weight_file(trees(20, spread=0.6), "Grad", transforms=scale + mix + components + scale),
        "uniform": tmva.weight_file(trees(20, spread=0.3), "Grad", transforms=tmva.gauss(NAMES, shapes, True)),
        "gauss": tmva.weight_file(trees(20), "Grad", transforms=tmva.gauss(NAMES, shapes, False)),
        "mixed_gauss": tmva.weight_file(trees(20), "Grad", transforms=mix + swap + tmva.gauss(NAMES, shapes, False) + scale),
        "some": tmva.weight_file(trees(20), "Grad", transforms=tmva.normalize(NAMES[1:], [ranges[2][1:]]) + tmva.decorrelation(NAMES[:2], [HALF[:2, :2]])),
        "target": tmva.weight_file(trees(20, spread=0.6), "Grad", "Regression", transforms=target, classes=1),
        "network": tmva.weight_file([], options={"EstimatorType": "CE"}, transforms=scale, method="MLP::m", weights=neurons(5, 4, 1)),
        "tanh": tmva.weight_file([], options={"NeuronType": "tanh"}, transforms=mix, method="MLP::m", weights=neurons(6, 1)),
        "linear": tmva.weight_file([], analysis="Regression", options={"NeuronType": "linear"}, transforms=target, method="MLP::m", weights=neurons(4, 1)),
        "network_of_classes": tmva.weight_file([], analysis="Multiclass", classes=3, transforms=swap, method="MLP::m", weights=neurons(5, 3)),
        "old": tmva.weight_file(trees(20, spread=0.6), "Grad", transforms=old),
    }


def around(random: np.random.Generator, graph: Graph, rows: int) -> np.ndarray:
    """Returns events on the thresholds of a forest that reads the features, and on the float32 on both sides of them."""
    x = random.normal(size=(rows, 3)).astype(np.float32)
    tensors = graph.nodes[0].tensors
    for feature in range(3):
        own = tensors["values"][tensors["features"] == feature]
        drawn = random.choice(own, rows)
        side = random.integers(-1, 2, rows)
        near = np.where(side == 0, drawn, np.nextafter(drawn, np.where(side < 0, np.float32(-np.inf), np.float32(np.inf)), dtype=np.float32))
        x[:, feature] = np.where(random.random(rows) < 0.7, near, x[:, feature])
    return x


def test_every_kind(tmp_path, random):
    """Where variables are not mixed every decision is TMVA's, on each cut and next to it; one of another leaf would differ by far."""
    for name, text in models(random).items():
        graph = read(tmp_path, text)
        assert graph.inputs[0].labels == NAMES
        exact = graph.nodes[0].kind == "forest"
        assert exact == (name not in ("mixed", "components", "chain", "mixed_gauss", "some", *NETWORKS))
        x = around(random, graph, 300) if exact else random.normal(size=(300, 3)).astype(np.float32)
        oracle = tmva.Oracle(text) if name != "old" else tmva.Oracle(text.replace(text[text.index("<Transform ") : text.index("</Transformations>")], OLD_AS_NEW))
        expected = oracle.responses(x)
        assert np.abs(result(graph, x) - expected).max() < 2e-6 * max(1, np.abs(expected).max()), name
        last = graph.nodes[-1].kind
        assert last == LAST.get(name, "tanh")
        assert np.ptp(expected) > 0.05


NETWORKS = ("network", "tanh", "linear", "network_of_classes")
LAST = {
    **dict.fromkeys(("adaptive", "purity", "bagged", "cost", "regression", "average", "target"), "forest"),
    **{"classes": "softmax", "network_of_classes": "softmax", "network": "sigmoid", "tanh": "dense", "linear": "dense"},
}
"""Of each model, the layer that gives the response; of others it is tanh."""
OLD_AS_NEW = tmva.normalize(NAMES, [[(-2.0, 3.1), (-1.7, 1.3), (0.1, 2.7)]])


def test_missing_values_and_infinities(tmp_path, random):
    """A comparison with NaN is false for TMVA, whatever the cut selects. Of two classes its reader does not ask the trees then."""
    values = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 3.4e38]
    x = random.choice(np.array(values, np.float32), (200, 3))
    for name in ("classes", "regression", "adaptive", "scaled", "deep"):
        text = models(np.random.default_rng(3))[name]
        graph = read(tmp_path, text)
        missing = name in ("classes", "regression")
        assert missing == ("missing_left" in graph.nodes[0].tensors)
        rows = x if missing else x[~np.isnan(x).any(axis=1)]
        with np.errstate(invalid="ignore", over="ignore"):
            expected = tmva.Oracle(text).responses(rows)
        assert len(rows) > 100 and np.abs(result(graph, rows) - expected).max() < 2e-6


def test_cuts_that_nothing_reaches(tmp_path):
    """A quantile is never above 1 or below 0: what lies there is no part of the forest."""
    shape = (np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 0.5, 1.0], np.float32))
    inner = tmva.split(0, 0.5, 1, tmva.leaf(1, 0, -1), tmva.leaf(2, 0, 1))
    text = tmva.weight_file(
        [tmva.tree(tmva.split(0, cut, kind, *((inner, tmva.leaf(4, 0, 1)) if kind == (cut > 0) else (tmva.leaf(4, 0, 1), inner)))) for kind in (0, 1) for cut in (2.0, -1.0)],
        "Grad", variables=["x"], transforms=tmva.gauss(["x"], [[shape]], True),
    )  # fmt: skip
    graph = read(tmp_path, text)
    assert len(graph.nodes[0].tensors["values"]) == 4 * 3
    x = np.linspace(-1, 5, 40, dtype=np.float32)[:, None]
    np.testing.assert_allclose(result(graph, x), tmva.Oracle(text).responses(x), atol=1e-6)


def test_compiled(tmp_path, random, native):
    """One event and batches of the C++ code, all forms in one program."""
    if not avx2():
        pytest.skip("no AVX2")
    expected = {}
    for name, text in models(random).items():
        if name not in ("gradient", "classes", "regression", "deep", "chain", "network"):
            continue  # other numbers of the same form
        (tmp_path / "m.xml").write_text(text)
        package = kaon.convert(tmp_path / "m.xml", tmp_path / name, name=name)
        events = {"features": random.normal(size=(ROWS, 3)).astype(np.float32)}
        write_events(tmp_path, package, events)
        expected[name] = {"result": tmva.Oracle(text).responses(events["features"])}
    assert wrong(tmp_path, expected, 5e-6) == []


def test_photon_against_pion(tmp_path, models, native):
    """CMS's trigger primitives: TMVA's answers through the compiled code, from the compressed file."""
    path = models / "cms-data/TMVA/Photon_vs_Pion_BDTweights.xml.gz"
    table = np.loadtxt(path.with_name("Photon_vs_Pion_BDTweights.vectors.csv"), delimiter=",", skiprows=1)
    kaon.convert(path, tmp_path / "m", name="photon")
    assert kaon.open_package(tmp_path / "m").graph.inputs[0].labels == ["fabs(eta)", "coreShowerLength", "maxLayer", "hOverE", "sigmaZZ"]
    for batch in (None, 64):
        assert np.abs(kaon.run(tmp_path / "m", table[:, :5], batch=batch)["result"][:, 0] - table[:, -1]).max() < 1e-6


def test_generated_class(models):
    """850 trees, 4,000 events. The answers are those of the class that TMVA writes beside the weights, with cuts of six digits: its event 2891 has
    1.64085031 where the file cuts at 1.64085412 and the class at 1.64085. With the file's cuts that event alone differs."""
    folder = models / "roottest-tmva"
    graph = importers.read(folder / "TMVAClassification_BDT.weights.xml.gz").graph
    passes.run(graph)
    assert graph.inputs[0].labels == ["var1+var2", "var1-var2", "var3", "var4"]
    table = np.loadtxt(folder / "tmva_class_example_responses.csv", delimiter=",", skiprows=1)
    x, expected = table[:, :4], table[:, 5]
    difference = np.abs(result(graph, x.astype(np.float32))[:, 0] - expected)
    assert np.flatnonzero(difference > 1e-6).tolist() == [2891]
    tensors = graph.nodes[0].tensors
    digits = np.array([float(f"{cut:.6g}") for cut in tensors["values"].astype(np.float64)])
    tensors["values"] = np.where(tensors["features"] < 0, tensors["values"].astype(np.float64), digits)
    assert np.abs(result(graph, x)[:, 0] - expected).max() < 1e-6


TEXT = tmva.weight_file(
    [tmva.tree(tmva.split(1, 0.5, 1, tmva.leaf(-1.25, 0.25, -1), tmva.split(2, -1.5, 0, tmva.leaf(2, 0.75, 1), tmva.leaf(3, 0.5, -1))), 0.5)] * 2,
    transforms=tmva.normalize(NAMES, [[(-2.0, 3.0)] * 3] * 3) + tmva.decorrelation(NAMES, [HALF] * 3),
)
NODE = 'IVar="1" Cut="0.5"'
MLP = tmva.network([np.ones((4, 2)), np.ones((3, 1))])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('Method="BDT::BDT"', 'Method="Category::c"', "MethodSetup, Method: the method Category is not supported"),
        ('Method="BDT::BDT"', 'Method="Fisher::f"', "the method Fisher is not supported"),
        ("MethodSetup", "Setup", "root is Setup, not the MethodSetup"),
        ('<?xml version="1.0"?>', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', "declares a document type"),
        ('<?xml version="1.0"?>', '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd">', "declares a document type"),
        ('Label="pt"', 'Label="&a;"', "line 2, column .*: it is no valid XML"),
        ("</MethodSetup>", "", "it is no valid XML"),
        ('"AnalysisType" value="Classification"', '"AnalysisType" value="Clustering"', r"GeneralInfo/Info\[1\], value: 'Clustering' is not known"),
        (">AdaBoost<", ">AdaBoostR9<", "Options, BoostType: 'AdaBoostR9' is not supported"),
        ("</Options>", '<Option name="DoPreselection">True</Option></Options>', "Options, DoPreselection: cuts before the trees"),
        ("<Weights ", '<Weights PreselectionLowBkgVar0="1" ', "cuts before the trees"),
        ("</Options>", '<Option name="UseYesNoLeaf">maybe</Option></Options>', "UseYesNoLeaf: 'maybe' is neither True nor False"),
        ("</Options>", '<Option name="BoostType">Grad</Option></Options>', "the option BoostType is there twice"),
        ('NVar="3"', 'NVar="4"', "Variables: 3 variables, not 4"),
        ('NVar="3"', 'NVar="1e9"', "NVar: '1e9' is no whole number"),
        ('VarIndex="1"', 'VarIndex="0"', r"Variables/Variable\[1\], VarIndex: variable 0 is there twice"),
        ('NTrees="2"', 'NTrees="3"', "Weights: 2 trees, not 3"),
        ('boostWeight="0.5"', 'boostWeight="inf"', r"Weights/BinaryTree\[0\], boostWeight: 'inf' is no finite number"),
        ("BinaryTree", "Tree", r"Weights/Tree\[0\]: Tree is not known here"),
        (NODE, 'IVar="3" Cut="0.5"', r"BinaryTree\[0\], node root, IVar: '3' is no whole number from 0 to 2"),
        (NODE, 'IVar="1" Cut="nan"', r"node root, Cut: 'nan' is no finite number"),
        (NODE, 'IVar="1" Cut="1e39"', r"node root, Cut: 1e\+39 is beyond float32"),
        (NODE, 'IVar="1"', r"node root, Cut: the attribute Cut is missing"),
        ('NCoef="0" IVar="1"', 'NCoef="4" IVar="1"', r"node root, NCoef: it cuts on a linear combination"),
        ('pos="l" depth="0" NCoef="0" IVar="-1"', 'pos="r" depth="0" NCoef="0" IVar="-1"', r"node root: a Node in it at 'r'"),
        ('purity="0.75" nType="1"', 'purity="0.75" nType="0"', r"node rl, IVar: '-1' is no whole number"),
        ('nType="-1"', 'nType=""', "node l, nType: '' is no whole number"),
        ('nType="1"', 'nType="0.5"', "node rl, nType: '0.5' is no whole number"),
        ('Name="Normalize"', 'Name="Fourier"', r"Transformations/Transform\[0\]: the transformation 'Fourier' is not supported"),
        ('NTransformations="2"', 'NTransformations="1"', "2 transformations, not 1"),
        ('NInputs="3"', 'NInputs="2"', r"Transform\[0\]/Selection/Input: 3 entries, not 2"),
        ('Type="Variable"', 'Type="Target"', "Selection: 3 targets"),
        ('<Input Type="Variable" Label="pt"', '<Input Type="Target" Label="pt"', "a target becomes something else"),
        ('Type="Variable" Label="pt" Expression="pt"', 'Type="Variable" Label="x" Expression="x"', r"Input/Input\[0\], Expression: 'x' is no variable"),
        ('Index="0" Min="-2.0"', 'Index="3" Min="-2.0"', "Index: '3' is no whole number from 0 to 2"),
        ('ClassIndex="2"', 'ClassIndex="5"', r"its classes are \[0, 1, 5\]"),
        ('Rows="3"', 'Rows="4"', r"Transform\[1\]/Matrix\[2\], Rows: '4' is no whole number from 3 to 3"),
        (f">{tmva.texts(HALF)}<", ">1 2 3<", r"Matrix\[2\]: 3 numbers, not 9"),
        (f">{tmva.texts(HALF)}<", f">{tmva.texts(HALF)[:-3]}x<", r"Matrix\[2\], number 8: .* is no finite number"),
    ],
)  # fmt: skip
def test_hostile(tmp_path, old, new, words):
    assert old in TEXT
    with pytest.raises(Refused, match=words):
        read(tmp_path, TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], "AdaBoostR2", "Regression"), "BoostType: AdaBoostR2 answers with a weighted median"),
        (tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], "Grad", "Multiclass", classes=3), "Weights: 1 trees for 3 classes"),
        (tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1), 0.0)]), "Weights: the weights of its trees sum to 0"),
        (tmva.weight_file([]), "Weights, NTrees: '0' is no whole number|Weights: 0 trees"),
        (tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], transforms=tmva.normalize(NAMES, [[(1.0, 1.0)] * 3])), "the range from 1.0 to 1.0 cannot be scaled"),
        (tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], transforms=tmva.normalize(NAMES, [[(0.0, 1.0)] * 2])), "the range of its input 2 is missing"),
        (tmva.weight_file([], options={"NeuronType": "radial"}, method="MLP::m", weights=MLP), "NeuronType: 'radial' is not supported"),
        (tmva.weight_file([], options={"NeuronInputType": "abssum"}, method="MLP::m", weights=MLP), "NeuronInputType: 'abssum' is not supported"),
        (tmva.weight_file([], method="MLP::m", weights=MLP.replace('NNeurons="4"', 'NNeurons="5"')), r"Weights/Layout/Layer\[0\]: 4 neurons, not 5"),
        (tmva.weight_file([], method="MLP::m", weights=MLP.replace('NSynapses="2"', 'NSynapses="3"')), r"Layer\[0\]/Neuron\[0\], NSynapses: '3'"),
        (tmva.weight_file([], method="MLP::m", weights=MLP.replace("1.0 1.0<", "1.0<")), r"Layer\[0\]/Neuron\[0\]: 1 numbers, not 2"),
        (tmva.weight_file([], method="MLP::m", weights=MLP.replace('NLayers="3"', 'NLayers="2"')), "3 layers, not 2"),
        (tmva.weight_file([], method="MLP::m", variables=["x"], weights=MLP), "Weights: 3 neurons read 1 variables"),
        (tmva.weight_file([], analysis="Multiclass", classes=3, method="MLP::m", weights=MLP), "Weights: 1 output neurons for 3 outputs"),
        (
            tmva.weight_file([], method="MLP::m", weights=MLP, transforms=tmva.gauss(NAMES, [[(np.arange(4.0), np.array([0, 0.5, 1]))]] * 3, True)),
            "Transformations: Gauss and Uniform before an MLP",
        ),
        (
            tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], transforms=tmva.gauss(NAMES, [[(np.arange(4.0), np.array([0, 0.5, 1]))]] * 3, True) + tmva.decorrelation(NAMES, [HALF])),
            "Decorrelation after Gauss or Uniform is not supported",
        ),
        (
            tmva.weight_file([tmva.tree(tmva.leaf(1, 1, 1))], transforms=tmva.gauss(NAMES, [[(np.arange(4.0), np.array([0, 0.5, 0.4]))]] * 3, True)),
            "its cumulative distribution falls somewhere",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path, text, words):
    with pytest.raises(Refused, match=words):
        read(tmp_path, text)


def test_bombs(tmp_path):
    """What grows when it is opened ends in a refusal, soon, and in little memory."""
    deep = tmva.leaf(1, 1, 1)
    for _ in range(1300):
        deep = f'<Node pos="l" NCoef="0" IVar="0" Cut="0" cType="1" nType="0">{deep.replace("{pos}", "l")}</Node>'
    cases = [
        (tmva.weight_file([tmva.tree(deep)]).encode(), "elements in each other, over 1100 deep"),
        (gzip.compress(b'<?xml version="1.0"?><a>' + b" " * (1 << 26) + b"<b/>"), "no valid XML"),
        (gzip.compress(TEXT.encode())[:-20], "compression was cut"),
        (gzip.compress(TEXT.encode()) + b"more", "bytes follow its gzip compression"),
        (gzip.compress(b"#!/bin/sh"), "compressed by gzip, with no XML of TMVA in it"),
    ]
    tracemalloc.start()
    for data, words in cases:
        with pytest.raises(Refused, match=words):
            read(tmp_path, data)
    assert tracemalloc.get_traced_memory()[1] < 1 << 28
    tracemalloc.stop()


def test_limits(tmp_path, monkeypatch):
    from kaon.importers.trees import tmva_xml

    monkeypatch.setattr(tmva_xml, "MAXIMUM_BYTES", 1 << 12)
    with pytest.raises(Refused, match="over 4096 bytes when uncompressed"):
        read(tmp_path, gzip.compress(TEXT.encode() + b" " * 5000))
    monkeypatch.setattr(tmva_xml, "MAXIMUM_BYTES", 1 << 20)
    monkeypatch.setattr(tmva_xml, "MAXIMUM_ELEMENTS", 20)
    with pytest.raises(Refused, match="over 20 elements"):
        read(tmp_path, TEXT)


def test_absurd_sizes_take_no_time(tmp_path):
    """What has more elements or attributes than any model is refused before it is parsed."""
    attributes = " ".join(f"b{i}=''" for i in range(500_000))
    for many, words in (("<a/>" * (1 << 22), "over 1048576 elements"), (f"<a {attributes}/>", "over 32 attributes an element")):
        data, begin = TEXT.replace("</MethodSetup>", many + "</MethodSetup>"), time.process_time()
        with pytest.raises(Refused, match=words):
            read(tmp_path, data)
        assert time.process_time() - begin < 1


def test_changed_structure(tmp_path, random):
    """Elements and attributes exchanged, dropped, doubled and replaced: a refusal, or TMVA's answer."""
    sources = [text for name, text in models(random).items() if name not in ("gauss", "uniform", "mixed_gauss", "old", "deep")]
    values = ["", "0", "1", "-1", "2", "3", "0.5", "1e30", "nan", "inf", "x", "l", "r", "Grad", "Bagging", "Variable", "Target", "pt", "True", "Regression", "1" * 500]
    agreed = refused = 0
    for number in range(160 * FUZZ):
        root = ET.fromstring(sources[number % len(sources)])
        for _ in range(int(random.integers(1, 3))):
            places = [(parent, child) for parent in root.iter() for child in parent]
            parent, child = places[int(random.integers(len(places)))]
            way = random.integers(0, 6)
            if way == 0:
                parent.remove(child)
            elif way == 1:
                parent.append(copy.deepcopy(child))
            elif way == 2:
                parent.insert(0, copy.deepcopy(places[int(random.integers(len(places)))][1]))
            elif way == 3 and child.text and child.text.split():
                child.text = str(random.choice(values))
            elif child.attrib:
                child.set(str(random.choice(list(child.attrib))), str(random.choice(values)))
        data = ET.tostring(root)
        try:
            graph = read(tmp_path, data)
        except Refused as error:
            assert error.place and error.cause and error.remedy and "\n" not in str(error)
            refused += 1
            continue
        x = random.normal(size=(4, graph.inputs[0].shape[0])).astype(np.float32)
        got = result(graph, x)
        try:
            with np.errstate(all="ignore"):
                expected = tmva.Oracle(data.decode()).responses(x)
        except (OverflowError, ZeroDivisionError):
            continue
        agreed += 1
        assert np.abs(got - expected).max() < 1e-4 * max(1, np.abs(expected).max()), data
    assert agreed > 20 * FUZZ and refused > 40 * FUZZ
