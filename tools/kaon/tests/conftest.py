"""Fixtures: the command as a user runs it, seeded numbers, and what has to be there for the C++ side."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kaon.cli import status
from kaon.error import Failed
from kaon.native.compiler import WEIGHT_FILE_READER
from kaon.native.include import include_directory


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    def refusal(self) -> str:
        """Returns the one line of a refusal; fails where there is anything else."""
        assert self.code == 2, (self.code, self.err)
        lines = self.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("kaon: error: "), self.err
        place, _, rest = lines[0].removeprefix("kaon: error: ").partition(": ")
        assert place and "; " in rest, lines[0]
        return lines[0]


@pytest.fixture
def kaon_command(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = status([str(a) for a in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(31415)


@pytest.fixture
def native(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks for a compiler and the C++ headers; compiles into a folder of the test session."""
    try:
        include_directory()
    except Failed as error:
        pytest.skip(f"C++ headers: {error.cause}")
    if shutil.which((os.environ.get("CXX") or "g++").split()[0]) is None:
        pytest.skip("no C++ compiler")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def weight_files(native: None) -> None:
    """Asks for the header that reads weight files."""
    if not (include_directory() / WEIGHT_FILE_READER).is_file():
        pytest.skip(f"C++ headers: {WEIGHT_FILE_READER} was not found")


@pytest.fixture
def models() -> Path:
    folder = os.environ.get("KAON_MODELS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("reference models: KAON_MODELS names no folder")
    return Path(folder)
