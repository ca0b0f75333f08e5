"""conifer's own C++ (conifer.h) on ap_fixed, compiled: where both wheels are installed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PROGRAM = """#include "ap_fixed.h"
#include "conifer.h"
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

template <class Input, class Weight, class Score>
struct configuration : conifer::ConiferConfiguration {
    using threshold_t = Input;
    using input_t = Input;
    using weight_t = Weight;
    using score_t = Score;
    static constexpr bool useAddTree = false;
};

template <class Config>
void run(const std::string& stem) {
    conifer::BDT<Config> model(stem + ".json");
    std::ifstream rows(stem + ".rows");
    std::ofstream scores(stem + ".scores");
    std::size_t count, features;
    rows >> count >> features;
    std::vector<double> x(features);
    char text[40];
    for (std::size_t row = 0; row < count; ++row) {
        for (auto& value : x) rows >> value;
        for (double y : model._decision_function_double(x)) {
            std::snprintf(text, sizeof text, "%.17g ", y);
            scores << text;
        }
    }
}

int main() {
"""


@dataclass
class Case:
    """A model in JSON and its types as conifer writes them: of inputs and thresholds, weights, scores."""

    model: dict
    input: str
    weight: str
    score: str
    x: np.ndarray


def headers() -> list[Path] | None:
    """Returns the folders of conifer.h and ap_fixed.h, or None where one is not installed."""
    found = []
    for package, inside in (("conifer", "backends/cpp/include"), ("hls4ml", "templates/vivado/ap_types")):
        spec = find_spec(package)
        if spec is None or spec.origin is None or not (Path(spec.origin).parent / inside).is_dir():
            return None
        found.append(Path(spec.origin).parent / inside)
    return found


def emulated(folder: Path, cases: dict[str, Case]) -> dict[str, np.ndarray]:
    """Returns what conifer computes for each case, [rows][outputs]."""
    calls = []
    for name, case in cases.items():
        (folder / f"{name}.json").write_text(json.dumps(case.model))
        lines = [f"{len(case.x)} {case.x.shape[1]}", *(" ".join(repr(float(v)) for v in row) for row in case.x)]
        (folder / f"{name}.rows").write_text("\n".join(lines))
        calls.append(f'    run<configuration<{case.input}, {case.weight}, {case.score}>>("{folder / name}");\n')
    source = folder / "emulation.cpp"
    source.write_text(PROGRAM + "".join(calls) + "}\n")
    include = [f"-I{path}" for path in headers() or ()]
    command = [*shlex.split(os.environ.get("CXX", "g++")), "-std=c++17", "-O0", "-w", *include, str(source), "-o", str(folder / "emulation")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[:2000]
    subprocess.run([str(folder / "emulation")], check=True)
    return {name: np.array((folder / f"{name}.scores").read_text().split(), np.float64).reshape(len(case.x), -1) for name, case in cases.items()}
