"""Two hundred random graphs as C++, twenty a translation unit, in one program: single events and batches against ONNX Runtime."""

from __future__ import annotations

import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import kaon
import random_graphs
from kaon.native.include import include_directory

onnxruntime = pytest.importorskip("onnxruntime")
HERE = Path(__file__).parent
COUNT = int(os.environ.get("KAON_GRAPHS", "200"))
A_UNIT = 20
ROWS = 19  # as many_models.hpp says: a whole block or two, and a rest
FLAGS = ("-std=c++17", "-O1", "-mavx2", "-mfma", f"-I{HERE}")


def compiled(folder: Path, names: list[str]) -> Path:
    """Compiles and links a program that runs every model of `names` over its rows."""
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


@pytest.mark.skipif(" avx2 " not in Path("/proc/cpuinfo").read_text(), reason="this processor lacks avx2")
def test_many_random_graphs(tmp_path):
    expected: dict[str, dict[str, np.ndarray]] = {}
    for seed in range(1000, 1000 + COUNT):
        name = f"g{seed}"
        inputs, outputs = random_graphs.write(tmp_path / f"{name}.onnx", seed)
        package = kaon.convert(tmp_path / f"{name}.onnx", tmp_path / name, name=name)
        random = np.random.default_rng(seed)
        events = {key: random.standard_normal((ROWS, size)).astype(np.float32) for key, size in inputs.items()}
        (tmp_path / f"{name}.in").write_bytes(b"".join(events[port.name].tobytes() for port in package.graph.inputs))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(str(tmp_path / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
        read = {port.name for port in session.get_inputs()}
        results = session.run(outputs, {key: value for key, value in events.items() if key in read})
        by_name = dict(zip(outputs, results))
        expected[name] = {port.name: by_name[port.name] for port in package.graph.outputs}
    program = compiled(tmp_path, list(expected))
    subprocess.run([str(program), str(tmp_path)], check=True)
    wrong = []
    for name, outputs in expected.items():
        got = np.frombuffer((tmp_path / f"{name}.out").read_bytes(), np.float32)
        size = sum(array.size for array in outputs.values())
        assert got.size == 2 * size
        for way, numbers in (("single", got[:size]), ("batch", got[size:])):
            at = 0
            for output, array in outputs.items():
                mine = numbers[at : at + array.size].reshape(array.shape)
                at += array.size
                difference = np.abs(mine - array).max() / max(1.0, np.abs(array).max())
                if not difference <= 1e-5:
                    wrong.append(f"{name} {output} {way}: {difference:.1e}")
    assert not wrong, wrong
