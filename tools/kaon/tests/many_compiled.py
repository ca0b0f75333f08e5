"""Many converted models compiled, several a translation unit, into one program that runs them all (many_models.hpp)."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import kaon
from kaon.native.include import include_directory

HERE = Path(__file__).parent
A_UNIT = 20
ROWS = 19  # as many_models.hpp says: a whole block or two, and a rest
FLAGS = ("-std=c++17", "-O1", "-mavx2", "-mfma", f"-I{HERE}")


def avx2() -> bool:
    return " avx2 " in Path("/proc/cpuinfo").read_text()


def write_events(folder: Path, package: kaon.Package, events: Mapping[str, np.ndarray]) -> None:
    """Writes the rows that the program reads for a model; events: for each of its inputs [ROWS][...], float32."""
    rows = [np.ascontiguousarray(events[port.name], np.float32) for port in package.graph.inputs]
    assert all(len(array) == ROWS for array in rows)
    (folder / f"{package.name}.in").write_bytes(b"".join(array.tobytes() for array in rows))


def compiled(folder: Path, names: list[str]) -> Path:
    """Compiles and links a program that runs every model of `names` over its rows; model NAME lies in folder / NAME."""
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    units = [names[i : i + A_UNIT] for i in range(0, len(names), A_UNIT)]

    def build(number: int) -> Path:
        source, target = folder / f"part_{number}.cpp", folder / f"part_{number}.o"
        lines = ['#include "many_models.hpp"', *(f'#include "{n}/{n}.hpp"' for n in units[number])]
        runs = " && ".join(f'many::run<{n}::network>({n}::model, folder + "/{n}")' for n in units[number])
        source.write_text("\n".join([*lines, f"bool part_{number}(const std::string& folder) {{ return {runs}; }}"]) + "\n")
        command = [*compiler, *FLAGS, f"-I{include_directory()}", "-c", str(source), "-o", str(target)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[:2000]
        return target

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(build, range(len(units))))
    declared = "\n".join(f"bool part_{i}(const std::string&);" for i in range(len(units)))
    calls = " && ".join(f"part_{i}(argv[1])" for i in range(len(units)))
    (folder / "main.cpp").write_text(f"#include <string>\n{declared}\nint main(int, char** argv) {{ return {calls} ? 0 : 1; }}\n")
    program = folder / "program"
    subprocess.run([*compiler, "-std=c++17", str(folder / "main.cpp"), *map(str, objects), "-o", str(program)], check=True)
    return program


def wrong(folder: Path, expected: Mapping[str, Mapping[str, np.ndarray]], limit: float = 1e-5) -> list[str]:
    """Compiles and runs the models of `expected`; says where a single event or a batch differs from it by more than `limit`.

    expected: for each model its outputs [ROWS][...], in the model's order; limit: relative to the largest value of an output.
    """
    subprocess.run([str(compiled(folder, list(expected))), str(folder)], check=True)
    found = []
    for name, outputs in expected.items():
        got = np.frombuffer((folder / f"{name}.out").read_bytes(), np.float32)
        size = sum(array.size for array in outputs.values())
        assert got.size == 2 * size
        for way, numbers in (("single", got[:size]), ("batch", got[size:])):
            at = 0
            for output, array in outputs.items():
                mine = numbers[at : at + array.size].reshape(array.shape)
                at += array.size
                difference = np.abs(mine - array).max() / max(1.0, np.abs(array).max())
                if not difference <= limit:
                    found.append(f"{name} {output} {way}: {difference:.1e}")
    return found
