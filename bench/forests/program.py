"""Writes and compiles the C++ program of one forest: every engine timed in one run."""

from __future__ import annotations

from pathlib import Path

from engines import Engine
from forests import EVENTS, FEATURES, Forest
from kaon.native.bench_program import compile_program

SOURCE = """\
// 16, 64 and 4,096 events a call.
#define KAON_BENCH_BATCHES {{"batch", 16, false}}, {{"batch", 64, false}}, {{"batch", 4096, false}}
#include "forest.hpp"

#include "forests/generated.hpp"
#include "harness/compare.hpp"
#include "harness/report.hpp"
{includes}
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

{before}
int main(int, char** arguments) try {{
    const std::string directory = arguments[1];
    const bench::events inputs = bench::read_events(directory + "/events.f32", {features}, {events});
    const bench::events sums = bench::read_events(directory + "/sums.f32", 1, {events});
{engines}    const bench::expected_scores expected{{"float64", sums.values}};
    bench::write_json(std::cout, bench::compare_with(expected, {events}, 1, {{}}, std::stod(arguments[2]), {names}));
    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""


def command_of(compiler: str, forest: Forest) -> list[str]:
    """The compiler, and for large constants as many steps of constant evaluation as they take."""
    if "clang" in compiler:
        return [compiler, "-fconstexpr-steps=2147483647"]
    return [compiler, "-fconstexpr-ops-limit=1000000000"]


def build(forest: Forest, engines: list[Engine], objects: list[Path], directory: Path, compiler: str) -> Path:
    """Returns the executable. directory: the forest's, with all that the engines' files hold."""
    text = SOURCE.format(
        features=FEATURES, events=EVENTS,
        includes="".join(f'#include "{engine.include}"\n' for engine in engines),
        before="".join(engine.before for engine in engines),
        engines="".join(f"    {engine.declaration}\n" for engine in engines), names=", ".join(engine.name for engine in engines))
    executable = directory / f"times_{compiler}"
    source = executable.with_suffix(".cpp")
    source.write_text(text)
    folders = [directory, directory / "kaon", *(engine.folder for engine in engines if engine.folder)]
    return compile_program(source, executable, folders, (*map(str, objects), "-ldl"), command_of(compiler, forest))
