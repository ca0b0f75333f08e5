"""From a model file to numbers out of compiled C++, against ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

import kaon
from keras_models import dense, input_layer, sequential, weights
from keras_models import save as save_keras
from onnx_models import f32, mlp, outputs_of, save

pytestmark = pytest.mark.usefixtures("native")


@pytest.fixture
def tagger(tmp_path, random):
    pytest.importorskip("onnxruntime")
    path = mlp(tmp_path / "tagger.onnx", random, sizes=(16, 33, 7, 5), metadata={"class_names": '["q", "g", "W", "Z", "t\\""]'})
    kaon.convert(path, tmp_path / "tagger")
    rows = f32(random.standard_normal((203, 16)))
    return tmp_path / "tagger", rows, outputs_of(path, rows)


@pytest.mark.parametrize("weights", ["constant", "file"])
def test_run(tagger, tmp_path, kaon_command, request, weights):
    if weights == "file":
        request.getfixturevalue("weight_files")
    directory, rows, expected = tagger
    np.savez(tmp_path / "x.npz", x=rows)
    for batch in (None, 1, 7, 64, 500, 1 << 64):
        options = ["--weights", weights, *(["--batch", batch] if batch else [])]
        outcome = kaon_command("run", directory, "--input", tmp_path / "x.npz", "-o", tmp_path / "y.npz", *options)
        assert outcome.code == 0, outcome.err
        with np.load(tmp_path / "y.npz") as result:
            assert result.files == ["y"] and result["y"].dtype == np.float32
            np.testing.assert_allclose(result["y"], expected, rtol=0, atol=1e-5)


def test_check(tagger, kaon_command):
    directory, _, _ = tagger
    result = kaon.check(directory, rows=1024)
    assert result.passed and not result.notes
    assert {(d.data, d.reference) for d in result.differences} == {
        (data, reference) for data in ("golden", "random") for reference in ("evaluator", "ONNX Runtime")
    }
    assert kaon_command("check", directory).code == 0


def test_check_finds_a_wrong_model(tagger, kaon_command, monkeypatch):
    """A model whose first output is off by 1e-4 in one row fails, and the row is named."""
    from kaon.native.library import CompiledModel

    call = CompiledModel.__call__

    def wrong(self, events, batch=None):
        result = call(self, events, batch)
        next(iter(result.values()))[17, 2] += 1e-4
        return result

    monkeypatch.setattr(CompiledModel, "__call__", wrong)
    result = kaon.check(tagger[0])
    assert not result.passed and {(d.row, d.output) for d in result.differences} == {(17, 2)}
    assert kaon_command("check", tagger[0]).code == 1


def test_every_activation(tmp_path, random):
    """One network of all of them, compiled, against ONNX Runtime and the evaluator."""
    pytest.importorskip("onnxruntime")
    operators = [
        *(("LeakyRelu", {"alpha": 0.3}), ("Elu", {"alpha": 0.7}), ("Selu", {}), ("HardSigmoid", {}), ("HardSwish", {}), ("Softplus", {})),
        *(("Softsign", {}), ("Gelu", {}), ("Gelu", {"approximate": "tanh"}), ("Clip", {}), ("Relu", {}), ("Tanh", {}), ("Sigmoid", {})),
    ]
    nodes, constants, value = [], {"lowest": f32(-0.5)}, "x"
    for i, (operator, attributes) in enumerate(operators):
        constants |= {f"W{i}": f32(random.standard_normal((6, 6))), f"b{i}": f32(random.standard_normal(6))}
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"b{i}"], [f"h{i}"], name=f"fc{i}"))
        value = "y" if i == len(operators) - 1 else f"a{i}"
        nodes.append(helper.make_node(operator, [f"h{i}", *(["lowest"] if operator == "Clip" else [])], [value], name=f"act{i}", **attributes))
    kaon.convert(save(tmp_path / "all.onnx", nodes, constants, opset=20), tmp_path / "all")
    result = kaon.check(tmp_path / "all")
    assert result.passed and not result.notes


@pytest.mark.parametrize("weights_from", ["constant", "file"])
def test_every_layer_and_odd_names(tmp_path, random, request, weights_from):
    if weights_from == "file":
        request.getfixturevalue("weight_files")
    pytest.importorskip("onnxruntime")
    nodes, constants, value = [], {}, "x"
    for i, (name, operator) in enumerate([("class", "Relu"), ('a"b\\', "Sigmoid"), ("1st", "Tanh"), ("int main() {}", "Softmax")]):
        constants |= {f"W{i}": f32(random.standard_normal((6, 6))), f"b{i}": f32(random.standard_normal(6))}
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"b{i}"], [f"h{i}"], name=name))
        value = "y" if operator == "Softmax" else f"a{i}"
        nodes.append(helper.make_node(operator, [f"h{i}"], [value], name=f"{name}_"))
    path = save(tmp_path / "int.onnx", nodes, constants)
    package = kaon.convert(path, tmp_path / "out")
    rows = f32(random.standard_normal((40, 6)))
    got = kaon.run(package.directory, rows, batch=9, weights=weights_from)["y"]
    np.testing.assert_allclose(got, outputs_of(path, rows), rtol=0, atol=1e-5)


def test_keras(tmp_path, random):
    layers = [input_layer(5), dense("fc1", 8, "relu"), dense("fc2", 3, "softmax")]
    kaon.convert(save_keras(tmp_path / "m.keras", sequential(layers), weights(random, 5, 8, 3)), tmp_path / "m")
    result = kaon.check(tmp_path / "m")
    assert result.passed and len(result.notes) == 1 and "keras" in result.notes[0]


def test_two_versions_in_one_process(tmp_path, random):
    """The same name twice, with other numbers: neither sees the other's."""
    rows = f32(random.standard_normal((20, 6)))
    for version in (1, 2):
        path = mlp(tmp_path / f"{version}.onnx", random)
        kaon.convert(path, tmp_path / "m", name="m")
        np.testing.assert_allclose(kaon.run(tmp_path / "m", rows)["y"], outputs_of(path, rows), rtol=0, atol=1e-5)


def test_compile_error_is_one_line(tagger, kaon_command, monkeypatch):
    monkeypatch.setenv("CXXFLAGS", "-DKAON_MODEL=nothing -Werror")
    outcome = kaon_command("check", tagger[0])
    assert outcome.code == 1 and len(outcome.err.splitlines()) == 1 and "error" in outcome.err


def test_reference_model(tmp_path, models):
    folder = models / "fastml"
    package = kaon.convert(folder / "three_layer_keras.onnx", tmp_path / "out")
    assert kaon.check(package.directory).passed


def test_rounding_of_large_logits_is_no_difference(tmp_path, random):
    """Large weights amplify float32's own rounding: the limit against float64 follows it, and stays below 1e-4."""
    layers = [input_layer(16), dense("fc1", 64, "relu"), dense("fc2", 64, "relu"), dense("fc3", 5, "softmax")]
    kaon.convert(save_keras(tmp_path / "m.keras", sequential(layers), weights(random, 16, 64, 64, 5)), tmp_path / "m")
    limits = {d.limit for d in kaon.check(tmp_path / "m").differences if d.data == "random"}
    assert all(1e-5 < limit <= 1e-4 for limit in limits)
