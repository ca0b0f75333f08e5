"""Instructions that one engine of a bench's counting program executes, by callgrind.

Valgrind reports no AVX-512, so libraries that choose at run time take their AVX2 code. 64 events, after 64 uncounted.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

EVENTS = 64
AVX2 = "-march=x86-64 -mavx2 -mfma"
"""In CXXFLAGS, takes the place of -march=native."""
BATCHES = (1, 64)


def instructions(program: Path, directory: Path, engine: str, batch: int) -> float | None:
    """Instructions an event; None where valgrind or the engine fails under it."""
    with tempfile.TemporaryDirectory(prefix="kaon-count-") as scratch:
        out = Path(scratch) / "callgrind.out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=void bench_counted<*", f"--callgrind-out-file={out}",
             str(program), str(directory), engine, str(batch)],
            capture_output=True, text=True, errors="replace", check=False)
        found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE) if out.is_file() else None
    if done.returncode != 0 or found is None or int(found[1]) == 0:
        return None
    return int(found[1]) / EVENTS
