"""Figures of merit, and what the demo does with scores that are wrong, columns that are swapped and files that are broken."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import numpy as np
import pytest

import kaon
from kaon import demo
from kaon.classification import accuracy, roc, rocs
from onnx_models import mlp

FEATURES, CLASSES = list("abcdef"), ["q", "g", "w", "t"]


@pytest.fixture
def model(tmp_path, random):
    metadata = {"feature_names": json.dumps(FEATURES), "class_names": json.dumps(CLASSES)}
    return mlp(tmp_path / "jets.onnx", random, metadata=metadata)


def write_sample(path, columns, rows):
    with gzip.open(path, "wt") as file:
        file.write("\n".join(",".join(map(str, row)) for row in [columns, *rows]) + "\n")
    return path


def test_auc_is_the_probability_of_the_right_order(random):
    """With equal scores counted half, for every pair of one event of the class and one of the others."""
    signal = random.random(200) < 0.3
    scores = np.round(random.random(200) + 0.4 * signal, 1)
    pairs = scores[signal][:, None] - scores[~signal][None, :]
    expected = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    assert roc("x", scores, signal).auc == pytest.approx(expected, abs=1e-12)


def test_roc_of_known_order():
    curve = roc("x", np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False]))
    assert curve.efficiency.tolist() == [0, 0.5, 0.5, 1, 1] and curve.mistag.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curve.auc == 0.75
    assert roc("x", np.array([3.0, 2.0, 1.0]), np.array([True, False, False])).auc == 1
    assert roc("x", np.zeros(3), np.array([True, False, False])).auc == 0.5


def test_accuracy_and_one_curve_a_class():
    scores = np.eye(3)[[0, 1, 2, 2]]
    assert accuracy(scores, np.array([0, 1, 2, 0])) == 0.75
    assert [c.name for c in rocs(scores, np.array([0, 1, 2, 0]), ["a", "b", "c"])] == ["a", "b", "c"]


def test_sample_columns_go_by_name(tmp_path, model):
    package = kaon.convert(model, tmp_path / "out")
    rows = [[5, 4, 3, 2, 1, 0, "g"], [6, 5, 4, 3, 2, 1, "t"]]
    sample = demo.read_sample(write_sample(tmp_path / "s.csv.gz", [*reversed(FEATURES), "label"], rows), package)
    assert sample.features.tolist() == [[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]] and sample.truth.tolist() == [1, 3]
    with pytest.raises(kaon.Refused, match="no column 'a'"):
        demo.read_sample(write_sample(tmp_path / "s.csv.gz", [*FEATURES[1:], "label"], rows), package)


@pytest.mark.parametrize("rows", [[["x"] * 6 + ["g"]], [[1] * 6 + ["higgs"]], [[1, 2]]])
def test_damaged_sample_is_refused(tmp_path, model, rows):
    package = kaon.convert(model, tmp_path / "out")
    with pytest.raises(kaon.Refused, match="s.csv.gz"):
        demo.read_sample(write_sample(tmp_path / "s.csv.gz", [*FEATURES, "label"], rows), package)


def test_no_gzip_is_refused_in_one_line(tmp_path, model):
    (tmp_path / "s.csv.gz").write_text("a,b\n")
    command = [sys.executable, "-m", "kaon.demo", str(model), str(tmp_path / "s.csv.gz"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("kaon: error: ") and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("change", "agreed"), [(0.0, True), (0.9e-5, True), (1.1e-5, False), (np.nan, False)])
def test_one_wrong_score_fails(capsys, random, change, agreed):
    reference = random.random((20, 4)).astype(np.float32)
    scores = reference.astype(np.float64)
    scores[7, 2] += change
    assert demo.agreement({"one event a call": reference, "64 a call": scores}, reference, CLASSES) is agreed
    assert ("jet 7, w" in capsys.readouterr().out) is (change != 0)


def test_everything(tmp_path, model, random, native, capsys, monkeypatch):
    """From the file to the plots; times are measured for a moment only."""
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(demo, "SECONDS", 0.01)
    rows = [[*random.standard_normal(6), CLASSES[i % 4]] for i in range(1100)]
    sample = write_sample(tmp_path / "s.csv.gz", [*FEATURES, "label"], rows)
    assert demo.demo(model, sample, tmp_path / "out")
    out = capsys.readouterr().out
    assert out.count("all within 1e-05") == 2 and "accuracy" in out and "onnxruntime" in out
    for plot in ("roc.png", "speed.png"):
        assert (tmp_path / "out" / plot).read_bytes().startswith(b"\x89PNG")
