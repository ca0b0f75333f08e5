"""Networks that run in hardware: every integer of their reference, in numpy and compiled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kaon
from axol1tl import axol1tl, vectors
from kaon import importers, passes
from kaon.convert import write
from kaon.evaluate_fixed import evaluate_fixed
from kaon.golden import golden


@pytest.fixture
def axol1tl_folder(models: Path) -> Path:
    folder = models / "cms-hls4ml" / "AXOL1TL_v1"
    if not folder.is_dir():
        pytest.skip("reference models: no cms-hls4ml/AXOL1TL_v1")
    return folder


def test_anomaly_trigger(tmp_path, axol1tl_folder, native):
    """500 rows of AXOL1TL: the 13 outputs and the score."""
    graph = axol1tl(axol1tl_folder)
    passes.run(graph)
    given, mu, scores = vectors(axol1tl_folder)
    assert len(given) == 500 and len(np.unique(scores)) > 100
    evaluated = evaluate_fixed(graph, {"candidates": given})
    np.testing.assert_array_equal(evaluated["mu"], mu)
    np.testing.assert_array_equal(evaluated["score"], scores)
    write(tmp_path / "axol1tl", "axol1tl", "SPEC.json", importers.Source("made", b"", graph), golden(graph))
    for batch in (None, 64):
        got = kaon.run(tmp_path / "axol1tl", given, batch=batch, raw=True)
        np.testing.assert_array_equal(got["mu"], mu)
        np.testing.assert_array_equal(got["score"], scores)
    values = kaon.run(tmp_path / "axol1tl", given / 4)
    np.testing.assert_array_equal(values["mu"], mu / 8)
    np.testing.assert_array_equal(values["score"], scores / 16)


@pytest.mark.parametrize("name", ["jet", "rand"])
def test_integer_networks(tmp_path, models, native, kaon_command, name):
    """2,000 rows of each network, through the command, from QONNX."""
    folder = models / "jet-int"
    if not folder.is_dir():
        pytest.skip("reference models: no jet-int")
    reference = np.load(folder / f"{name}.npz")
    np.save(tmp_path / "x.npy", reference["x"])
    assert kaon_command("convert", folder / f"{name}.onnx", "-o", tmp_path / "m", "--name", "integers").code == 0
    for batch in ((), ("--batch", 64)):
        done = kaon_command("run", tmp_path / "m", "--input", tmp_path / "x.npy", "-o", tmp_path / "y.npz", "--raw", *batch)
        assert done.code == 0, done.err
        np.testing.assert_array_equal(np.load(tmp_path / "y.npz")["y"], reference["y_raw"])
    evaluated = evaluate_fixed(kaon.open_package(tmp_path / "m").graph, {"x": reference["x"]})
    np.testing.assert_array_equal(evaluated["y"], reference["y_raw"])
    values = kaon.run(tmp_path / "m", reference["x"])["y"]
    np.testing.assert_array_equal(values, reference["y_raw"] * reference["scale"])
