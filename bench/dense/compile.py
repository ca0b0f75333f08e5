"""What a translation unit costs the compiler: seconds and memory against layers, width and number of weights."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from kaon.convert import convert
from kaon.error import KaonError
from kaon.native.include import include_directory
from kaon.plots import figure
from networks import Network, write
from program import command_of

OUT = Path(__file__).resolve().parents[2] / "build" / "bench"
FLAGS = ["-std=c++17", "-O2", "-march=native"]

SERIES = {
    "layers of 16": [(16,) * (layers + 1) for layers in (1, 2, 4, 8, 16, 32, 64)],
    "width, two layers": [(width, width, width) for width in (8, 16, 32, 64, 128, 256)],
    "constant weights, four layers": [(width,) * 5 for width in (64, 128, 256, 500)],
    "loaded weights, four layers": [(width,) * 5 for width in (64, 128, 256, 500)],
}
"""Widths of each network; what the axis shows is below."""

AXES = {"layers of 16": lambda widths: len(widths) - 1, "width, two layers": lambda widths: widths[0]}
"""The rest: number of weights."""

CONSTANT = """\
#include "{name}.hpp"

{name}::network::output scores(const {name}::network::input& event) {{ return {name}::model(event); }}
void scores(const float* events, float* results, std::size_t rows) {{
    {name}::model(kaon::batch_view<const float>{{events, rows, {inputs}}}, kaon::batch_view<float>{{results, rows, {outputs}}});
}}
"""

LOADED = """\
#include <kaon/kaon.hpp>

using network = kaon::network<kaon::input<float, {inputs}>, {layers}>;
network::output scores(const kaon::model<network>& loaded, const network::input& event) {{ return loaded(event); }}
void scores(const kaon::model<network>& loaded, const float* events, float* results, std::size_t rows) {{
    loaded(kaon::batch_view<const float>{{events, rows, {inputs}}}, kaon::batch_view<float>{{results, rows, {outputs}}});
}}
"""


def cost(command: list[str]) -> tuple[float, float]:
    """Processor seconds, and the peak memory in MB of the largest process; CalledProcessError where it fails."""
    measure = ("import json, resource, subprocess, sys\n"
               "subprocess.run(sys.argv[1:], check=True)\n"
               "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
               "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))")
    done = subprocess.run([sys.executable, "-c", measure, *command], stdout=subprocess.PIPE, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def source(network: Network, loaded: bool, directory: Path) -> Path:
    """Writes the translation unit, and for constant weights the header beside it."""
    values = {"name": network.name, "inputs": network.widths[0], "outputs": network.widths[-1]}
    target = directory / "unit.cpp"
    if loaded:
        layers = [f"kaon::dense<{width}>" for width in network.widths[1:]]
        target.write_text(LOADED.format(**values, layers=", kaon::relu, ".join(layers) + ", kaon::sigmoid"))
    else:
        convert(write(network, directory), directory / "kaon", network.name)
        target.write_text(CONSTANT.format(**values))
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--most", type=int, default=1_100_000, help="the largest number of weights")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for series, networks in SERIES.items():
        for widths in networks:
            network = Network("net", widths, "sigmoid")
            weights = sum(inputs * outputs for inputs, outputs in network.shapes)
            if weights > options.most:
                continue
            with tempfile.TemporaryDirectory(prefix="kaon-compile-") as scratch:
                unit = source(network, series.startswith("loaded"), Path(scratch))
                for compiler in options.compilers.split(","):
                    seconds, megabytes = cost([*command_of(compiler), *FLAGS, f"-I{include_directory()}", f"-I{scratch}/kaon", "-c", str(unit), "-o", os.devnull])
                    place = AXES.get(series, lambda _: weights)(widths)
                    rows.append({"series": series, "at": place, "weights": weights, "compiler": compiler, "seconds": seconds, "megabytes": megabytes})
                    print(f"{series:32} {place:9,} {compiler:8} {seconds:7.2f} s {megabytes:7.0f} MB", flush=True)
    (OUT / "compile.json").write_text(json.dumps({"flags": FLAGS, "rows": rows}, indent=1) + "\n")
    with figure(OUT / "compile.png", 5 * len(SERIES), 9) as drawn:
        for column, panels in enumerate(drawn.subplots(2, len(SERIES)).T):
            series = list(SERIES)[column]
            for panel, what, label in zip(panels, ("seconds", "megabytes"), ("processor seconds", "peak memory (MB)")):
                for compiler in options.compilers.split(","):
                    points = [row for row in rows if row["series"] == series and row["compiler"] == compiler]
                    panel.plot([row["at"] for row in points], [row[what] for row in points], marker="o", label=compiler)
                panel.set_xscale("log")
                panel.set_ylim(bottom=0)
                panel.set_ylabel(label, fontsize=11)
                panel.set_xlabel(series, fontsize=11)
                panel.legend(fontsize=9)
    print(f"wrote {OUT.name}/compile.json and compile.png")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"kaon: error: {error}")
