"""docs/from-training-to-bitstream.md: its commands run, and print what the page says."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kaon
from kaon.lint import refuse_missing_clang

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "from-training-to-bitstream.md"
BLOCK = re.compile(r"^```sh\n(?:# needs: ([^\n]*)\n)?(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def is_there(name: str) -> bool:
    return shutil.which(name) is not None or (name == "keras" and importlib.util.find_spec("keras") is not None)


def test_page(native, tmp_path):
    if not PAGE.is_file():
        pytest.skip("docs: no checkout around this package")
    try:
        refuse_missing_clang()
    except kaon.Failed as error:
        pytest.skip(str(error))
    text = PAGE.read_text()
    configuration = re.search(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    assert (ROOT / "examples/jets/trigger/hls4ml.yml").read_text().endswith(configuration)
    (tmp_path / "build").mkdir()
    for name in ("examples", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").mkdir()
    for name, command in {"kaon": f'exec "{sys.executable}" -m kaon "$@"', "python": f'exec "{sys.executable}" "$@"'}.items():
        script = tmp_path / ".venv" / "bin" / name
        script.write_text(f"#!/bin/sh\n{command}\n")
        script.chmod(0o755)
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```sh\n") == 8
    ran = 0
    for needs, commands, printed in blocks:
        if "train.py" in commands or not all(is_there(name) for name in needs.split()):
            continue  # training would write into the checkout
        environment = os.environ | {"PYTHONPATH": str(ROOT / "tools" / "kaon")}
        done = subprocess.run(["bash", "-e"], input=commands, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        missing = [line for line in printed.splitlines() if line not in done.stdout]
        assert not missing, f"{commands}\n{done.stdout}"
        ran += 1
    assert ran >= 4
