"""Hardware of the reference trigger networks, made by PandA Bambu and run in Verilator: minutes each, where both are on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import kaon
from axol1tl import axol1tl
from kaon.synthesis.tool import Figures
from test_hls import EXAMPLES, package_of


@pytest.fixture
def bambu(native: None) -> None:
    for program in ("bambu", "verilator"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")


def synthesized(directory: Path, project: Path, ports: str = "scalar") -> Figures:
    """Returns what Bambu reports, where the test bench in the simulation says that every bit of every event is right."""
    run = kaon.hls(directory, "bambu", project, ports=ports, run=True).run
    assert run is not None and run.passed, run
    assert any("cosim: PASS: 128 of 128 events equal" in line for line in run.lines), run.lines
    return run.figures


def test_integer_network(bambu, tmp_path, models):
    """jet-int `jet`: a new event each cycle of 5 ns, at most 15 cycles."""
    source = models / "jet-int" / "jet.onnx"
    if not source.is_file():
        pytest.skip("reference models: no jet-int")
    kaon.convert(source, tmp_path / "m", name="jet")
    figures = synthesized(tmp_path / "m", tmp_path / "p")
    assert figures.interval == 1 and figures.latency is not None and figures.latency <= 15
    assert figures.megahertz is not None and figures.megahertz >= 200


def test_anomaly_trigger(bambu, tmp_path, models):
    """AXOL1TL's network in the types of CMS's firmware."""
    folder = models / "cms-hls4ml" / "AXOL1TL_v1"
    if not folder.is_dir():
        pytest.skip("reference models: no cms-hls4ml/AXOL1TL_v1")
    directory = package_of(axol1tl(folder), tmp_path / "m", "axol1tl").directory
    assert synthesized(directory, tmp_path / "p").interval == 1


def test_forest(bambu, tmp_path):
    """100 trees of depth 4 over 16 features of 16 bits: a new event each cycle of 5 ns, in 3 cycles, at most 6,500 look-up tables."""
    kaon.convert(EXAMPLES / "jets/trigger/forest.json", tmp_path / "m", name="top_forest")
    figures = synthesized(tmp_path / "m", tmp_path / "p")
    assert figures.interval == 1 and figures.latency is not None and figures.latency <= 3
    assert figures.megahertz is not None and figures.megahertz >= 200
    if shutil.which("yosys"):
        assert figures.lut is not None and figures.lut <= 6500


def test_array_ports(bambu, tmp_path, models):
    """Inputs and outputs in memories: an event after the other."""
    folder = models / "cms-hls4ml" / "AXOL1TL_v1"
    if not folder.is_dir():
        pytest.skip("reference models: no cms-hls4ml/AXOL1TL_v1")
    directory = package_of(axol1tl(folder), tmp_path / "m", "axol1tl").directory
    assert synthesized(directory, tmp_path / "p", "array").latency
