"""What the pages say of the code, compared with it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_layer_has_a_row():
    kinds = {kind for path in (ROOT / "include/kaon/layers").glob("*.hpp") for kind in re.findall(r'kind\[\] = "(\w+)"', path.read_text())}
    assert len(kinds) > 25
    rows = [line for line in (ROOT / "docs/layers.md").read_text().splitlines() if line.startswith("| `")]
    listed = {name.removeprefix("basic_") for row in rows for name in re.findall(r"`(\w+)[`<]", row.split("|")[1])}
    assert kinds - listed == set()
