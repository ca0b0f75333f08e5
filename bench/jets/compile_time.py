"""How long a compiler takes for a translation unit with the converted jet network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TRIES = 3


def compile_seconds(compiler: str, flags: list[str], include: list[Path], source: Path) -> float:
    """Processor seconds, user and system, the least of TRIES; CalledProcessError where it does not compile."""
    command = [compiler, "-std=c++17", *flags, *(f"-I{folder}" for folder in include), "-c", str(source), "-o", os.devnull]
    taken: list[float] = []
    for _ in range(TRIES):
        before = os.times()
        subprocess.run(command, check=True)
        after = os.times()
        taken.append(after.children_user - before.children_user + after.children_system - before.children_system)
    return min(taken)
