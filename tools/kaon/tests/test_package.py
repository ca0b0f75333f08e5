"""The folder that convert writes: its files, what binds them, and that it appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import kaon
import kaon.package as package_module
from kaon.evaluate import evaluate
from kaon.header import comment, literal
from kaon.names import identifier, identifiers, is_identifier, is_model_name, model_name
from onnx import helper
from onnx_models import f32, mlp, save

HERE = Path(__file__).resolve().parent


@pytest.fixture
def jets(tmp_path, random) -> kaon.Package:
    metadata = {"feature_names": json.dumps(list("abcdef")), "class_names": '["q", "g\\"luon", "W", "\u03c4"]'}
    return kaon.convert(mlp(tmp_path / "jets.onnx", random, metadata=metadata), tmp_path / "jets")


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_and_hashes(jets):
    names = {"jets.hpp", "jets.safetensors", "jets.json", "jets.golden.npz", "jets.source.onnx"}
    assert {p.name for p in jets.directory.iterdir()} == names
    content = json.loads((jets.directory / "jets.json").read_text())
    hashes = [sha(jets.directory / f) for f in ("jets.hpp", "jets.safetensors", "jets.golden.npz")]
    assert [content["files"][r]["sha256"] for r in ("header", "weights", "golden")] == hashes
    assert content["hash"] == hashlib.sha256("".join(h + "\n" for h in hashes).encode()).hexdigest()
    assert content["source"]["sha256"] == sha(jets.directory / "jets.source.onnx")


def test_manifest(jets):
    content = json.loads((jets.directory / "jets.json").read_text())
    assert content["inputs"] == [{"name": "x", "shape": [6], "scalar": "float", "feature_names": list("abcdef")}]
    assert content["outputs"][0]["class_names"] == ["q", 'g"luon', "W", "\u03c4"]
    rows = [(r["name"], r["kind"], r["inputs"], r["shape"], r["parameters"]) for r in content["layers"]]
    assert rows == [
        ("fc0", "dense", ["x"], [9], 63),
        ("relu0", "relu", ["fc0"], [9], 0),
        ("fc1", "dense", ["relu0"], [4], 40),
        ("softmax", "softmax", ["fc1"], [4], 0),
    ]


def test_weights_and_golden_vectors(jets):
    tensors = safetensors.numpy.load_file(jets.directory / "jets.safetensors")
    assert {k: (v.shape, v.dtype) for k, v in tensors.items()} == {
        "fc0.weights": ((6, 9), np.float32),
        "fc0.bias": ((9,), np.float32),
        "fc1.weights": ((9, 4), np.float32),
        "fc1.bias": ((4,), np.float32),
    }
    x = np.load(jets.directory / "jets.golden.npz")
    hidden = np.maximum(x["input/x"].astype(float) @ tensors["fc0.weights"].astype(float) + tensors["fc0.bias"], 0)
    logits = np.exp(hidden @ tensors["fc1.weights"].astype(float) + tensors["fc1.bias"])
    np.testing.assert_allclose(x["output/y"], logits / logits.sum(axis=1, keepdims=True), rtol=1e-12)


def test_header_holds_every_number(jets):
    """Every float of the aggregate reads back as the number in the weight file, in its order."""
    text = (jets.directory / "jets.hpp").read_text()
    body = text.split("parameters = {", 1)[1].split("};", 1)[0]
    body = re.sub(r"//[^\n]*", "", body)
    numbers = f32([float(n) for n in re.findall(r"([-+.\de]+)f\b", body)])
    expected = np.concatenate([t.ravel() for _, t in jets.graph.parameters()])
    np.testing.assert_array_equal(numbers, expected)
    assert max(map(len, text.splitlines())) <= 120


def test_opened_graph_is_the_converted_one(jets):
    x, y = jets.golden()
    np.testing.assert_allclose(evaluate(kaon.open_package(jets.directory).graph, x)["y"], y["y"], rtol=1e-14)


def test_same_bytes_every_time(tmp_path, random, jets):
    again = kaon.convert(tmp_path / "jets.onnx", tmp_path / "again")
    for path in jets.directory.iterdir():
        assert path.read_bytes() == (again.directory / path.name).read_bytes()


@pytest.mark.parametrize("file", ["jets.hpp", "jets.safetensors", "jets.golden.npz", "jets.source.onnx"])
def test_changed_file_is_refused(jets, kaon_command, file):
    path = jets.directory / file
    path.write_bytes(path.read_bytes() + b"\n")
    assert file in kaon_command("report", jets.directory).refusal()
    path.unlink()
    assert file in kaon_command("report", jets.directory).refusal()


def test_replaces_its_own(tmp_path, random, jets):
    kaon.report(jets.directory)
    other = kaon.convert(mlp(tmp_path / "other.onnx", random, sizes=(6, 4)), jets.directory)
    assert {p.name.split(".")[0] for p in jets.directory.iterdir()} == {"other"}
    assert len(kaon.open_package(other.directory).graph.nodes) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["jets", "jets.onnx", "other.onnx"]


def test_empty_folder_and_new_parents(tmp_path, random):
    model = mlp(tmp_path / "m.onnx", random)
    (tmp_path / "empty").mkdir()
    assert kaon.convert(model, tmp_path / "empty").name == "m"
    assert kaon.convert(model, tmp_path / "a" / "b" / "c").name == "m"


@pytest.mark.parametrize("foreign", ["notes.txt", "data.json"])
def test_refuses_anything_else(tmp_path, random, kaon_command, jets, foreign):
    model = tmp_path / "jets.onnx"
    (tmp_path / "mine").mkdir()
    for directory in (jets.directory, tmp_path / "mine"):
        (directory / foreign).write_text("{}")
        before = {p: p.read_bytes() for p in directory.iterdir()}
        assert "kaon did not write" in kaon_command("convert", model, "-o", directory).refusal()
        assert {p: p.read_bytes() for p in directory.iterdir()} == before
    assert "not a folder" in kaon_command("convert", model, "-o", model).refusal()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("fail_at", [0, 1, 3])
def test_interrupted_writing_leaves_nothing(tmp_path, random, monkeypatch, old, fail_at):
    """Whatever fails while writing, the folder is what it was, or absent, with no remains beside it."""
    model = mlp(tmp_path / "m.onnx", random)
    directory = tmp_path / "deep" / "out"
    if old:
        kaon.convert(model, directory)
    before = {p.name: p.read_bytes() for p in directory.iterdir()} if old else None
    write, calls = Path.write_bytes, []

    def failing(self: Path, data: bytes) -> int:
        calls.append(self)
        if len(calls) > fail_at:
            write(self, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises(kaon.Failed, match="No space left"):
        kaon.convert(model, directory)
    monkeypatch.undo()
    assert directory.exists() == old
    assert sorted(p.name for p in tmp_path.iterdir()) == (["deep", "m.onnx"] if old else ["m.onnx"])
    if old:
        assert {p.name: p.read_bytes() for p in directory.iterdir()} == before
        assert [p.name for p in directory.parent.iterdir()] == ["out"]


def test_replaced_without_the_exchange_call(tmp_path, random, monkeypatch, jets):
    monkeypatch.setattr(package_module, "exchanged", lambda a, b: False)
    kaon.convert(mlp(tmp_path / "other.onnx", random), jets.directory)
    assert kaon.open_package(jets.directory).name == "other"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["jets", "jets.onnx", "other.onnx"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fc1", "fc1"),
        ("/fc1/Gemm", "fc1_Gemm"),
        ("class", "class_"),
        ("3rd", "dense_3rd"),
        ("__reserved__", "reserved"),
        ("linux", "linux_"),
        ("", "dense"),
        ("\u03c4\u03b1\u03c5", "dense"),
        ('x"; }\nint main', "x_int_main"),
    ],
)
def test_identifier(name, expected):
    assert identifier(name, "dense") == expected and is_identifier(expected)


def test_identifiers_are_distinct():
    names = identifiers([("a/b", "dense"), ("a.b", "relu"), ("a_b_1", "relu"), ("a b", "tanh"), ("if", "relu"), ("if_", "relu")])
    assert len(set(names)) == 6 and all(map(is_identifier, names))


def test_model_names():
    assert not any(map(is_model_name, ["std", "tanh", "kaon", "int", "a-b", "", "_x", "a__b"]))
    for stem in ["std", "tanh", "1", "int", "jet tagger (v2)", "\u03c4"]:
        assert is_model_name(model_name(stem)), model_name(stem)


def test_duplicate_and_missing_names(tmp_path):
    nodes = [helper.make_node(o, [i], [o2], name=n) for o, i, o2, n in (("Relu", "x", "a", "r"), ("Relu", "a", "b", "r"), ("Tanh", "b", "y", ""))]
    package = kaon.convert(save(tmp_path / "m.onnx", nodes), tmp_path / "out")
    assert [n.name for n in package.graph.nodes] == ["r", "r_1", "tanh_2"]


def test_names_cannot_break_out_of_the_header():
    for name in ['"; int x; //', "a\nint x;", "back\\", "??/", "\u2028\u202e", "\x00", "*/"]:
        assert re.fullmatch(r'"([ !#-\[\]-~]|\\[0-7]{3})*"', literal(name)), literal(name)
        assert re.fullmatch(r"[ -\[\]-~]*", comment(name))


def test_report(jets, kaon_command):
    outcome = kaon_command("report", jets.directory)
    assert outcome.code == 0 and "103" in outcome.out and "90" in outcome.out
    result = kaon.report(jets.directory)
    assert (result.parameters, result.multiplications, result.bytes) == (103, 90, 412)
    assert result.plot.read_bytes().startswith(b"\x89PNG") and result.plot.stat().st_size > 10_000


def test_one_version_and_one_list_of_packages():
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    pinned = project["dependencies"] + project["optional-dependencies"]["test"]
    lines = (HERE.parent / "requirements.txt").read_text().splitlines()
    assert sorted(line for line in lines if line and not line.startswith("#")) == sorted(pinned)
    assert all(re.fullmatch(r"[a-z0-9]+==[\d.]+", p) for p in pinned)


def test_version_is_the_library_s():
    header = HERE.parents[2] / "include" / "kaon" / "version.hpp"
    if not header.is_file():
        pytest.skip("C++ headers: no checkout around this package")
    assert f'"{kaon.__version__}"' in header.read_text()


def test_installed_command(tmp_path):
    import sys

    result = subprocess.run([sys.executable, "-m", "kaon", "--version"], capture_output=True, text=True, cwd=tmp_path, env=dict(os.environ))
    assert (result.returncode, result.stdout) == (0, f"kaon {kaon.__version__}\n")
