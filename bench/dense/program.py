"""Writes and compiles the C++ program of one network: all engines timed in one run, or one engine's work counted."""

from __future__ import annotations

from pathlib import Path

from kaon.native.bench_program import EVENTS, compile_program
from engines import Engine
from networks import Network

COMMON = """\
#include "{name}.hpp"

#include "harness/compare.hpp"
#include "harness/dense_network.hpp"
#include "harness/report.hpp"
{includes}
#include <exception>
#include <iostream>
#include <string>

{blas}
"""

TIMES = COMMON + """\
int main(int, char** arguments) try {{
    const std::string directory = arguments[1];
    constexpr std::size_t outputs = {outputs};
    {threads}
    const std::vector<bench::dense_shape> shapes{{{shapes}}};
    const bench::dense_network given = bench::read_dense_network(directory + "/weights.f32", shapes, bench::last_activation::{last});
    const bench::events inputs = bench::read_events(directory + "/events.f32", {features}, {events});
{engines}    const bench::expected_scores expected{{"double precision", bench::scores_in_double(given, inputs)}};
    bench::write_json(std::cout, bench::compare_with(expected, {events}, outputs, shapes, std::stod(arguments[2]), {names}));
    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""

COUNTS = COMMON + """\
// What callgrind collects: arguments are DIRECTORY ENGINE BATCH; 64 events.
template <class Engine>
[[gnu::noinline]] void bench_counted(Engine& engine, const bench::timing_case& how) {{
    bench::run_case(engine, how, bench::events_per_sample, nullptr);
}}

template <class Engine>
void count(Engine&& engine, std::size_t batch) {{
    const bench::timing_case how{{"counted", batch, false}};
    bench::run_case(engine, how, bench::events_per_sample, nullptr);
    bench_counted(engine, how);
}}

int main(int, char** arguments) try {{
    const std::string directory = arguments[1];
    const std::string engine = arguments[2];
    const std::size_t batch = std::stoul(arguments[3]);
    [[maybe_unused]] constexpr std::size_t outputs = {outputs};
    {threads}
    const std::vector<bench::dense_shape> shapes{{{shapes}}};
    [[maybe_unused]] const bench::dense_network given =
        bench::read_dense_network(directory + "/weights.f32", shapes, bench::last_activation::{last});
    const bench::events inputs = bench::read_events(directory + "/events.f32", {features}, {events});
{counts}    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""


def command_of(compiler: str) -> list[str]:
    """The compiler, and for clang as many steps of constant evaluation as large constant weights take."""
    return [compiler, "-fconstexpr-steps=2147483647"] if "clang" in compiler else [compiler]


def build(template: str, network: Network, engines: list[Engine], directory: Path, executable: Path, command: list[str]) -> Path:
    """Compiles a template for a network with `command`, a compiler and its flags; `directory` holds the network's files."""
    sofie = any(engine.name == "sofie" for engine in engines)
    text = template.format(
        name=network.name, last=network.last, events=EVENTS, features=network.widths[0], outputs=network.widths[-1],
        shapes=", ".join(f"{{{inputs}, {outputs}}}" for inputs, outputs in network.shapes),
        includes="".join(f'#include "{engine.include}"\n' for engine in engines),
        blas='extern "C" void openblas_set_num_threads(int);' if sofie else "",
        threads="openblas_set_num_threads(1);" if sofie else "",
        engines="".join(f"    {engine.kind} {engine.name}({engine.arguments});\n" for engine in engines),
        names=", ".join(engine.name for engine in engines),
        counts="".join(f'    if (engine == "{engine.name}") count({engine.kind}({engine.arguments}), batch);\n' for engine in engines))
    source = executable.with_suffix(".cpp")
    source.write_text(text)
    folders = [directory, directory / "kaon", *(folder for engine in engines for folder in engine.folders)]
    return compile_program(source, executable, folders, tuple(library for engine in engines for library in engine.libraries), command)
