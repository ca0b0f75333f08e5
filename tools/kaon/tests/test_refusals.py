"""What convert, run, check and report refuse: exit code 2, one line with place, cause and remedy, nothing written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import kaon
from kaon.importers.onnx import OPERATORS
from kaon.importers.trees import onnx_ensembles
from onnx_models import f32, mlp, save

node = helper.make_node
W = np.ones((6, 4), np.float32)
BAD = W.copy()
BAD[2, 3] = np.nan
INFINITE = W.copy()
INFINITE[1, 0] = np.inf

GRAPHS = {
    "operator": ([node("Erf", ["x"], ["y"], name="odd")], {}, {}, ["'odd'", "Erf", "supported: Add"]),
    "domain": ([node("Relu", ["x"], ["y"], domain="mine")], {}, {}, ["mine::Relu"]),
    "nan": ([node("MatMul", ["x", "W"], ["y"], name="fc")], {"W": BAD}, {}, ["fc.weights", "[2, 3]", "nan"]),
    "infinity": ([node("MatMul", ["x", "W"], ["y"], name="fc")], {"W": INFINITE}, {}, ["[1, 0]", "inf"]),
    "overflow": ([node("Gemm", ["x", "W"], ["y"], alpha=3e38, name="fc")], {"W": 10 * W}, {}, ["fc.weights", "inf"]),
    "transA": ([node("Gemm", ["x", "W"], ["y"], transA=1)], {"W": W}, {}, ["transA"]),
    "constant first": ([node("MatMul", ["W", "x"], ["y"])], {"W": W}, {}, ["first operand"]),
    "two values": ([node("MatMul", ["x", "x"], ["y"])], {}, {}, ["both 'x' and 'x'"]),
    "bias by row": ([node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "b"], ["y"])], {"W": W, "b": np.ones((2, 4))}, {}, ["row to row"]),
    "bias size": ([node("Gemm", ["x", "W", "b"], ["y"])], {"W": W, "b": np.ones(3)}, {}, ["bias has shape (3,)"]),
    "features": ([node("MatMul", ["x", "W"], ["y"])], {"W": W}, {"input_shape": ["n", 7]}, ["reads 7 features"]),
    "rank": ([node("Relu", ["x"], ["y"])], {}, {"input_shape": []}, ["rank is 0"]),
    "unknown features": ([node("Relu", ["x"], ["y"])], {}, {"input_shape": ["n", "f"]}, ["not stated"]),
    "softmax axis": ([node("Softmax", ["x"], ["y"], axis=0)], {}, {}, ["last axis"]),
    "division by zero": ([node("Div", ["x", "z"], ["y"])], {"z": np.zeros(6)}, {}, ["divides by zero"]),
    "division by the input": ([node("Div", ["z", "x"], ["y"])], {"z": np.ones(6)}, {}, ["depends on the input"]),
    "bounds": ([node("Clip", ["x", "a", "b"], ["y"])], {"a": np.array(2.0), "b": np.array(1.0)}, {}, ["bounds are 2.0 and 1.0"]),
    "nan bound": ([node("Clip", ["x", "a"], ["y"])], {"a": np.array(np.nan)}, {}, ["not one finite constant"]),
    "slope": ([node("LeakyRelu", ["x"], ["y"], alpha=float("nan"))], {}, {}, ["slope is nan"]),
    "gelu": ([node("Gelu", ["x"], ["y"], approximate="fast")], {}, {"opset": 20}, ["'fast'"]),
    "variance": ([node("BatchNormalization", ["x", *"abcd"], ["y"])], dict.fromkeys("abcd", -np.ones(6)), {}, ["variance of feature 0"]),
    "loop": ([node("Add", ["x", "y"], ["h"]), node("Relu", ["h"], ["y"])], {}, {}, ["loop"]),
    "no layer": ([node("Identity", ["x"], ["y"])], {}, {}, ["no layer"]),
    "unknown value": ([node("Relu", ["z"], ["y"])], {}, {}, ["nothing writes 'z'"]),
    "sizes": ([node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "x"], ["y"], name="sum")], {"W": W}, {}, ["'sum'", "4 and 6"]),
    "slopes": ([node("PRelu", ["x", "s"], ["y"])], {"s": np.ones((2, 6))}, {}, ["row to row"]),
    "slope count": ([node("PRelu", ["x", "s"], ["y"], name="act")], {"s": np.arange(4.0)}, {}, ["'act'", "slope has shape (4,)"]),
    "concat axis": ([node("Concat", ["x", "x"], ["y"], axis=0)], {}, {}, ["axis 0"]),
    "concat constant": ([node("Concat", ["x", "b"], ["y"], axis=1)], {"b": np.ones((1, 3))}, {}, ["'b' is constant"]),
    "split unevenly": ([node("Split", ["x"], ["y", "z", "u", "v"], axis=1)], {}, {}, ["no 4 equal parts"]),
    "split sizes": ([node("Split", ["x", "x"], ["y", "z"], axis=1)], {}, {}, ["sizes of its parts"]),
    "split beyond": ([node("Split", ["x"], ["z", "y"], axis=1, split=[4, 3])], {}, {"opset": 11}, ["features 4 to 6 of 6"]),
    "cast": ([node("Cast", ["x"], ["y"], to=int(TensorProto.FLOAT16))], {}, {}, ["FLOAT16"]),
    "names": ([node("Relu", ["x"], ["y"])], {}, {"metadata": {"feature_names": '["a"]'}}, ["names 1 features"]),
    "names format": ([node("Relu", ["x"], ["y"])], {}, {"metadata": {"class_names": "a,b"}}, ["JSON list"]),
    "attribute": ([node("Gemm", ["x", "W"], ["y"], transB="yes")], {"W": W}, {}, ["'transB'", "type"]),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_graph(tmp_path, kaon_command, case):
    nodes, constants, options, words = GRAPHS[case]
    path = save(tmp_path / "m.onnx", nodes, {k: f32(v) for k, v in constants.items()}, **options)
    line = kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert all(word in line for word in words), line
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def external(tensor: TensorProto) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def change(tensor: TensorProto, **fields: object) -> None:
    for key, value in fields.items():
        if key == "dims":
            del tensor.dims[:]
            tensor.dims.extend(value)
        else:
            setattr(tensor, key, value)


TENSORS = {
    "external data": (external, "no place below the model"),
    "short": (lambda t: change(t, raw_data=t.raw_data[:-1]), "the file holds"),
    "larger shape": (lambda t: change(t, dims=[6, 1 << 40]), "the file holds"),
    "negative": (lambda t: change(t, dims=[-6, -9]), "negative"),
    "double": (lambda t: change(t, data_type=TensorProto.INT8), "INT8, not FLOAT"),
    "unknown type": (lambda t: change(t, data_type=77), "type 77"),
    "rank 3": (lambda t: change(t, dims=[6, 3, 3]), "rank 3"),
}


def test_everything_that_is_supported_is_named(tmp_path, kaon_command):
    path = save(tmp_path / "m.onnx", [node("Det", ["x"], ["y"], name="odd")], {})
    line = kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert "node 'odd' (Det): operator Det is not supported" in line
    assert line.partition("supported: ")[2].split(", ") == sorted((*OPERATORS, *onnx_ensembles.OPERATORS))
    assert not (tmp_path / "out").exists()


def test_two_constants_of_one_name(tmp_path, random, kaon_command):
    """Which of them is meant, each reader of the file would decide for itself."""
    path = mlp(tmp_path / "m.onnx", random)
    model = onnx.load(path)
    model.graph.initializer.append(model.graph.initializer[0])
    path.write_bytes(model.SerializeToString())
    assert "two of that name" in kaon_command("convert", path, "-o", tmp_path / "out").refusal()


@pytest.mark.parametrize("case", TENSORS)
def test_tensor(tmp_path, random, kaon_command, case):
    spoil, words = TENSORS[case]
    path = mlp(tmp_path / "m.onnx", random)
    model = onnx.load(path)
    spoil(next(t for t in model.graph.initializer if t.name == "W0"))
    path.write_bytes(model.SerializeToString())
    line = kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert words in line and ("W0" in line or "fc0" in line)
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x89HDF\r\n\x1a\n...", "damaged"),
        (b"\x80\x04K\x01.", "pickle"),
        (b'{"a": 1}', "JSON"),
        (b"hello, world", "no ONNX model"),
        (b"PK\x03\x04broken", "damaged"),
        (bytes(1000), "no ONNX model"),
    ],
)
def test_not_a_model(tmp_path, kaon_command, content, words):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    assert words in kaon_command("convert", path, "-o", tmp_path / "out").refusal()
    assert not (tmp_path / "out").exists()


def test_format_by_content_not_extension(tmp_path, random):
    path = mlp(tmp_path / "model.keras", random)
    assert kaon.convert(path, tmp_path / "out").source_kind == "onnx"


def test_command_line(tmp_path, random, kaon_command, monkeypatch):
    path = mlp(tmp_path / "m.onnx", random)
    assert "no-such-file" in kaon_command("convert", tmp_path / "no-such-file").refusal()
    assert "folder" in kaon_command("convert", tmp_path).refusal()
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in kaon_command("convert", tmp_path / "pipe").refusal()
    assert "no regular file" in kaon_command("convert", "/dev/zero").refusal()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "current folder" in kaon_command("convert", path, "-o", ".").refusal()
    assert not any(Path(".").iterdir())
    assert "namespace" in kaon_command("convert", path, "--name", "class").refusal()
    assert "namespace" in kaon_command("convert", path, "--name", "a b").refusal()
    assert "--wrong" in kaon_command("convert", path, "--wrong").refusal()
    assert "MODEL" in kaon_command("convert").refusal()
    assert "frobnicate" in kaon_command("frobnicate").refusal()
    for command in ("check", "report", "bench"):
        assert "no such folder" in kaon_command(command, tmp_path / "none").refusal()


@pytest.mark.parametrize("command", ["convert", "run", "check", "bench", "report"])
def test_help_has_an_example(kaon_command, command):
    outcome = kaon_command(command, "--help")
    assert outcome.code == 0 and f"kaon {command} " in outcome.out and "Example" in outcome.out


def test_run_options(tmp_path, random, kaon_command):
    directory = tmp_path / "m"
    kaon.convert(mlp(tmp_path / "m.onnx", random), directory)
    good, result = tmp_path / "x.npy", tmp_path / "y.npz"
    np.save(good, np.zeros((3, 6), np.float32))

    def refusal(*options: object, given: object = good) -> str:
        line = kaon_command("run", directory, "--input", given, "-o", result, *options).refusal()
        assert not result.exists()
        return line

    assert "float model" in refusal("--scalar", "fixed")
    assert "raw integers" in refusal("--raw")
    assert "at least one row" in refusal("--batch", "0")
    assert "weights" in refusal("--weights", "elsewhere")
    assert "no such file" in refusal(given=tmp_path / "none.npy")
    for name, array, words in [
        ("columns", np.zeros((3, 5)), "expected rows x 6"),
        ("rank", np.zeros(6), "expected rows x 6"),
        ("text", np.array([["a"] * 6]), "not a real number"),
        ("complex", np.zeros((3, 6), complex), "not a real number"),
        ("beyond", np.where(np.arange(18).reshape(3, 6) == 10, -1e39, 1.0), "row 1, column 4: -1e+39"),
    ]:
        np.save(tmp_path / f"{name}.npy", array)
        assert words in refusal(given=tmp_path / f"{name}.npy")
    np.save(tmp_path / "object.npy", np.array([[{}]]), allow_pickle=True)
    assert "cannot be read" in refusal(given=tmp_path / "object.npy")
    np.savez(tmp_path / "named.npz", wrong=np.zeros((3, 6)))
    assert "expected one array named 'x', found wrong" in refusal(given=tmp_path / "named.npz")
    os.mkfifo(tmp_path / "pipe.npy")
    assert "no regular file" in refusal(given=tmp_path / "pipe.npy")
    before = good.read_bytes()
    assert "is the input" in kaon_command("run", directory, "--input", good, "-o", good).refusal()
    assert good.read_bytes() == before
    assert "no regular file" in kaon_command("run", directory, "--input", good, "-o", directory).refusal()
    (tmp_path / "cut.npy").write_bytes(good.read_bytes()[:-7])
    assert "cannot be read" in refusal(given=tmp_path / "cut.npy")


def test_failure_is_one_line_too(tmp_path, random, kaon_command, monkeypatch):
    """A missing compiler is no refusal of the input: exit code 1."""
    pytest.importorskip("kaon.native.include")
    directory = tmp_path / "m"
    kaon.convert(mlp(tmp_path / "m.onnx", random), directory)
    fake = tmp_path / "include" / "kaon"
    fake.mkdir(parents=True)
    (fake / "kaon.hpp").write_text("#error no such library\n")
    monkeypatch.setenv("KAON_INCLUDE", str(tmp_path / "include"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CXX", str(tmp_path / "no-compiler"))
    outcome = kaon_command("check", directory)
    assert outcome.code == 1 and outcome.err.startswith("kaon: error: ") and len(outcome.err.splitlines()) == 1


def test_manifest_of_a_later_format(tmp_path, random, kaon_command):
    directory = tmp_path / "m"
    kaon.convert(mlp(tmp_path / "m.onnx", random), directory)
    path = directory / "m.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"format_version": 99}))
    assert "format version is 99" in kaon_command("report", directory).refusal()
