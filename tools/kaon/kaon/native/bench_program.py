"""The C++ program that times a converted model with the harness of the bench."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from kaon.error import Failed
from kaon.native.compiler import cache_directory, compiler, first_error, headers_hash, key, make_folder
from kaon.native.include import include_directory
from kaon.package import Package
from kaon.progress import working

Report = dict[str, Any]
"""What the program prints; the keys are those of `kaon bench --json`."""

EVENTS = 1024
"""Distinct events that every engine sees; a multiple of the largest batch of the harness."""

DRIVER = """\
#include "{name}.hpp"

#include "harness/compare.hpp"
#include "harness/kaon.hpp"
{includes}#include "harness/report.hpp"

#include <exception>
#include <iostream>
#include <string>

int main(int, char** arguments) try {{
    using network = {name}::network;
    using engine = bench::kaon_engine<network, {name}::model>;
    const bench::events inputs = bench::read_events(arguments[1], engine::features, {events});
{engines}    engine kaon(inputs);
    const bench::comparison result = bench::compare({events}, engine::outputs, {{{layers}}},
                                                    std::stod(arguments[2]), {others}kaon);
    bench::write_json(std::cout, result);
    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""

ONNXRUNTIME_ENGINE = """\
    bench::onnxruntime_engine onnxruntime(arguments[3], arguments[4], arguments[5], arguments[6], inputs,
                                          engine::outputs);
"""


def driver(package: Package, with_onnxruntime: bool) -> str:
    """Returns the C++ program that times one converted model."""
    nodes = package.graph.nodes
    # The bound is one of products: of a forest there is none, and those beside it say nothing of it.
    dense = [node.tensors["weights"].shape for node in nodes if node.kind == "dense"] if all(n.kind != "forest" for n in nodes) else []
    return DRIVER.format(
        name=package.name,
        events=EVENTS,
        includes='#include "harness/onnxruntime.hpp"\n' if with_onnxruntime else "",
        engines=ONNXRUNTIME_ENGINE if with_onnxruntime else "",
        others="onnxruntime, " if with_onnxruntime else "",
        layers=", ".join(f"{{{inputs}, {outputs}}}" for inputs, outputs in dense),
    )


def harness_directory() -> Path:
    """Returns the folder that holds the bench's C++ headers as harness/*.hpp: they come with a checkout only."""
    folder = Path(__file__).resolve().parents[4] / "bench"
    if not (folder / "harness").is_dir():
        raise Failed("harness", "the bench's C++ headers are not above this package", "pip install -e tools/kaon in a checkout")
    return folder


def flags() -> list[str]:
    return ["-std=c++17", "-O3", "-march=native", "-DNDEBUG", *shlex.split(os.environ.get("CXXFLAGS", ""))]


def compile_program(
    program: Path, executable: Path, includes: list[Path], libraries: tuple[str, ...] = (), command: list[str] | None = None
) -> Path:
    """Compiles a program of the bench for this machine; returns the executable. command: the compiler, by default $CXX or g++."""
    command = command or compiler()
    folders = [f"-I{folder}" for folder in (include_directory(), harness_directory(), *includes)]
    whole = [*command, *flags(), *folders, str(program), "-o", str(executable), *libraries, "-ldl"]
    try:
        with working(f"compiling {program.name} with {command[0]}"):
            done = subprocess.run(whole, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise Failed(command[0], error.strerror or error, "install g++, or set CXX to a C++17 compiler") from error
    if done.returncode != 0:
        raise Failed(command[0], first_error(done.stderr), "try `kaon run`, which compiles the model alone")
    return executable


def compiled_driver(package: Package, with_onnxruntime: bool, work: Path) -> Path:
    """Returns the program that times a model, compiled now or taken from the cache."""
    text = driver(package, with_onnxruntime)
    harness = harness_directory() / "harness"
    parts = text.encode(), package.file("header").read_bytes(), headers_hash(harness)
    folder = cache_directory() / key(include_directory(), [*compiler(), *flags()], *parts)
    executable = folder / "bench"
    if not executable.is_file():
        program = work / "bench.cpp"
        program.write_text(text)
        compile_program(program, work / "bench", [package.directory.resolve()])
        make_folder(folder)
        temporary = folder / f".bench.{os.getpid()}"
        shutil.copy2(work / "bench", temporary)
        os.replace(temporary, executable)
    return executable


def run_program(command: list[str]) -> Report:
    """Runs a program of the bench and returns its report."""
    with working("timing"):
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        words = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise Failed("bench", words, "no times were taken; see the cause")
    return json.loads(done.stdout)
