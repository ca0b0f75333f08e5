"""Instructions an event of AVX2 builds, counted by callgrind, against pinned counts: a slowdown that no noise hides."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = Path(__file__).resolve().parents[3] / "bench" / "dense" / "count.py"

PINNED = {
    ("12-16-1 sigmoid", 1): 150,
    ("12-16-1 sigmoid", 64): 143,
    ("16-64-32-32-5 softmax", 1): 1033,
    ("16-64-32-32-5 softmax", 64): 1412,
}
"""g++ 12, from `bench/networks count --engines kaon --compilers g++`."""


def major_version(compiler: str) -> str:
    return subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True, check=True).stdout.split(".")[0].strip()


def test_no_more_instructions_than_pinned(native: None, tmp_path: Path) -> None:
    if not COUNT.is_file():
        pytest.skip("bench: no checkout around this package")
    for tool in ("valgrind", "g++"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    subprocess.run([sys.executable, str(COUNT), "--engines", "kaon", "--compilers", "g++", "--networks", "small,jets", "--out", str(tmp_path)],
                   check=True, timeout=300)
    counts = {(row["network"], row["batch"]): row["instructions"]
              for row in json.loads((tmp_path / "counts.json").read_text())["counts"]}
    margin = 1.05 if major_version("g++") == "12" else 1.3
    assert counts.keys() == PINNED.keys()
    for case, pinned in PINNED.items():
        assert counts[case] is not None, case
        assert 0.5 * pinned < counts[case] <= margin * pinned, (case, counts[case], pinned)
