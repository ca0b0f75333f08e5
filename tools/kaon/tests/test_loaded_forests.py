"""Forests whose shape is known when they are loaded: real models, bit for bit beside their compiled types; what the converter writes for them."""

from __future__ import annotations

import os
import shlex
import subprocess

import numpy as np
import safetensors

import kaon
from kaon import importers, passes
from kaon.convert import write
from kaon.forest import forest_node, leaf
from kaon.golden import golden, inputs
from kaon.graph import Graph, Node, Port
from kaon.native.include import include_directory

MODELS = {
    "photons": "cms-data/XGBoost/Photon_NTL_99_Endcap_v2.bin",
    "classes": "leaves/lgmulticlass.model",
}
ROWS = 300
PROGRAM = """\
#include <kaon/io/loaded_forest.hpp>
#include <kaon/io/safetensors.hpp>
{headers}
#include <cstdio>
#include <cstring>

template <class Network>
bool same(const std::string& stem) {{
    constexpr std::size_t in = Network::input::size, out = Network::output::size, rows = {rows};
    const auto model = kaon::load<Network>(stem + ".safetensors");
    const kaon::loaded_forest<float> forest(stem + ".safetensors");
    std::vector<float> x(rows * in), y(rows * out), z(rows * out);
    std::FILE* file = std::fopen((stem + ".x").c_str(), "rb");
    if (file == nullptr || std::fread(x.data(), sizeof(float), x.size(), file) != x.size()) return false;
    std::fclose(file);
    std::size_t wrong = forest.features() != in || forest.outputs() != out;
    for (std::size_t row = 0; row < rows; ++row) {{
        typename Network::input event;
        for (std::size_t i = 0; i < in; ++i) event[i] = x[row * in + i];
        const auto expected = (*model)(event);
        forest(x.data() + row * in, y.data());
        wrong += std::memcmp(expected.values, y.data(), out * sizeof(float)) != 0;
    }}
    (*model)({{x.data(), rows, in}}, {{y.data(), rows, out}});
    forest(x.data(), rows, z.data());
    wrong += std::memcmp(y.data(), z.data(), y.size() * sizeof(float)) != 0;
    std::printf("%s: %zu wrong\\n", stem.c_str(), wrong);
    return wrong == 0;
}}

int main() {{ return {calls} ? 0 : 1; }}
"""


def metadata(package: kaon.Package) -> dict[str, str]:
    with safetensors.safe_open(package.file("weights"), "np") as file:
        return {key: value for key, value in (file.metadata() or {}).items() if key.startswith("forest.")}


def test_real_models(tmp_path, weight_files, models):
    """A model with missing values, five classes with a softmax."""
    for name, path in MODELS.items():
        package = kaon.convert(models / path, tmp_path / name, name)
        x = inputs(package.graph, ROWS, 3)[package.graph.inputs[0].name].astype(np.float32)
        if name == "photons":
            x[::3, ::2] = np.nan
        (tmp_path / name / f"{name}.x").write_bytes(x.tobytes())
        header = package.file("header")
        header.write_text(header.read_text().split("inline constexpr network::parameters")[0] + "}\n}\n")  # its type alone compiles sooner
    source = tmp_path / "main.cpp"
    calls = " & ".join(f'same<{n}::network>("{tmp_path / n / n}")' for n in MODELS)
    source.write_text(PROGRAM.format(headers="\n".join(f'#include "{n}/{n}.hpp"' for n in MODELS), rows=ROWS, calls=calls))
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    subprocess.run([*compiler, "-std=c++17", f"-I{include_directory()}", f"-I{tmp_path}", str(source), "-o", str(tmp_path / "main")], check=True)
    done = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def package(tmp_path, kinds: list[str], or_equal: bool) -> kaon.Package:
    """Converts a forest of one leaf for each of three outputs, and layers after it."""
    forest = forest_node("m", [leaf(1.0)] * 3, np.zeros(3), 0, or_equal, ["x"], "v0", "", True)
    nodes = [forest, *(Node(kind, [f"v{i}"], f"v{i + 1}") for i, kind in enumerate(kinds))]
    nodes[-1].output = "y"
    graph = Graph([Port("x", (7,))], [Port("y", (3,))], nodes, "m")
    passes.run(graph)
    return write(tmp_path / f"{or_equal}{len(kinds)}", "m", "test", importers.Source("sklearn", b"", graph), golden(graph))


def test_metadata(tmp_path):
    """Of a forest alone and with a link; in order, so that a model converts to the same bytes; none of what a loaded forest cannot be."""
    made = package(tmp_path, [], True)
    assert metadata(made) == {"forest.features": "7", "forest.link": "none", "forest.split": "<="}
    assert metadata(package(tmp_path, ["softmax"], False)) == {"forest.features": "7", "forest.link": "softmax", "forest.split": "<"}
    assert metadata(package(tmp_path, ["sigmoid", "softmax"], False)) == {}
    again = package(tmp_path / "again", [], True)
    assert made.file("weights").read_bytes() == again.file("weights").read_bytes()
