"""examples/rdataframe: the scores of an RDataFrame, compiled and interpreted, with one thread and two, against ONNX Runtime."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon.reference import onnx_outputs

pytestmark = pytest.mark.usefixtures("native")

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MODEL = EXAMPLES / "jets" / "model" / "jet_tagger.onnx"
READ = """
import sys, numpy, ROOT
for path in sys.argv[2:]:
    columns = ROOT.RDataFrame(sys.argv[1], path).AsNumpy()
    numpy.savez(path + ".npz", **columns)
"""


def command(*parts: object) -> None:
    environment = os.environ | {"PYTHON": sys.executable, "EXTRA_CLING_ARGS": "-O2 -march=native"}
    done = subprocess.run([str(part) for part in parts], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def columns(tree: str, *paths: Path) -> list[dict[str, np.ndarray]]:
    """Returns the columns of each file by name, in the order of `jet`: threads write rows in any order."""
    command(sys.executable, "-c", READ, tree, *paths)
    tables = [dict(np.load(f"{path}.npz")) for path in paths]
    return [{name: values[np.argsort(table["jet"])] for name, values in table.items()} for table in tables]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A folder with the converted model and jets.root, and what ONNX Runtime gives for its jets."""
    if importlib.util.find_spec("ROOT") is None:
        pytest.skip("ROOT is not installed (examples/rdataframe/requirements.txt)")
    if not MODEL.is_file():
        pytest.skip("examples: no checkout around this package")
    folder = tmp_path_factory.mktemp("rdataframe")
    package = kaon.convert(MODEL, folder / "jet_tagger")
    command(sys.executable, EXAMPLES / "rdataframe" / "write_sample.py", folder / "jets.root")
    [jets] = columns("jets", folder / "jets.root")
    rows = np.stack([jets[name] for name in package.graph.inputs[0].labels], axis=1)
    assert len(rows) > 40_000
    [expected] = onnx_outputs(package, {"features": rows}).values()
    return folder, expected


@pytest.mark.parametrize("route", ["compiled", "interpreted"])
def test_scores(sample, tmp_path, route):
    folder, expected = sample
    if route == "compiled":
        program = [tmp_path / "program"]
        command(EXAMPLES / "rdataframe" / "build", *program, folder / "jet_tagger")
    else:
        program = [sys.executable, EXAMPLES / "rdataframe" / "jitted.py", folder / "jet_tagger"]
    outputs = [tmp_path / f"scores_{threads}.root" for threads in (1, 2)]
    for threads, output in zip((1, 2), outputs):
        command(*program, folder / "jets.root", output, threads)
    one, two = (np.stack([table[f"score_{c}"] for c in ("g", "q", "w", "z", "t")], axis=1) for table in columns("scores", *outputs))
    np.testing.assert_allclose(one, expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(one, two)
