"""Where the C++ headers are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from kaon.error import Failed

MARK = Path("kaon") / "kaon.hpp"


def candidates() -> Iterator[Path]:
    """Yields include folders in order: $KAON_INCLUDE, the checkout's, installed prefixes."""
    if os.environ.get("KAON_INCLUDE"):
        yield Path(os.environ["KAON_INCLUDE"])
    yield Path(__file__).resolve().parents[4] / "include"
    prefixes = [p for p in os.environ.get("CMAKE_PREFIX_PATH", "").split(os.pathsep) if p]
    for prefix in (*prefixes, sys.prefix, "/usr/local", "/usr"):
        yield Path(prefix) / "include"


def include_directory() -> Path:
    """Returns the folder that holds kaon/kaon.hpp."""
    for folder in candidates():
        if (folder / MARK).is_file():
            return folder
    raise Failed("C++ headers", f"{MARK} was not found", "set KAON_INCLUDE to the folder that holds it")
