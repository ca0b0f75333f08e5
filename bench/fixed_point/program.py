"""Writes and compiles the C++ program of one network in fixed point: all engines timed in one run, or one engine's work counted."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

import vendor
from kaon.convert import convert, write
from kaon.error import Failed
from kaon.golden import golden
from kaon.graph import Graph
from kaon.importers import Source
from kaon.native.bench_program import EVENTS, compile_program
from kaon.precision import value_types
from models import Model, expected, in_floats
from networks import Network, model as onnx_model

SLOW, FAST = 16, 2
"""One round in so many has the engines that take tens of microseconds, and hundreds of ns, so that kaon has more samples."""

BARE, KAON, PORT = (f'"fixed_point/{name}.hpp"' for name in ("bare", "kaon", "port"))


@dataclass(frozen=True)
class Engine:
    """One engine in the C++ program."""

    name: str
    includes: tuple[str, ...]
    text: str
    """Declarations that it needs, after the includes."""
    kind: str
    arguments: str = "inputs"
    folders: tuple[Path, ...] = field(default=())
    libraries: tuple[str, ...] = ()


RUN_TIME = ("verilated", "verilated_threads")
"""What of Verilator's run time a program of one model needs."""

COMMON = """\
#include "{name}.hpp"
#include "{name}_float.hpp"

#include "fixed_point/array_engine.hpp"
#include "harness/compare.hpp"
#include "harness/report.hpp"
{includes}
#include <exception>
#include <iostream>
#include <string>

{texts}
"""

TIMES = COMMON + """\
int main(int, char** arguments) try {{
    const std::string directory = arguments[1];
    constexpr std::size_t outputs = {outputs};
    const std::vector<bench::dense_shape> shapes{{{shapes}}};
    const bench::events inputs = bench::read_events(directory + "/events.f32", {features}, {events});
    const bench::expected_scores expected{{"the evaluator in integers",
                                          bench::read_events(directory + "/expected.f32", outputs, {events}).values}};
{engines}    bench::write_json(std::cout, bench::compare_with(expected, {events}, outputs, shapes, std::stod(arguments[2]), {names}));
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
    const std::vector<bench::dense_shape> shapes{{{shapes}}};
    const bench::events inputs = bench::read_events(directory + "/events.f32", {features}, {events});
{counts}    return 0;
}} catch (const std::exception& error) {{
    std::cerr << error.what() << '\\n';
    return 1;
}}
"""

WRITE_VERILOG = """\
#include "{name}.hpp"

#include <kaon/rtl/trace.hpp>
#include <kaon/rtl/verilog.hpp>

#include <fstream>

int main(int, char** arguments) {{
    std::ofstream file(arguments[1]);
    kaon::rtl::write_verilog(kaon::rtl::trace<{name}::network>({name}::parameters), "{name}", file);
}}
"""


def prepare(model: Model, out: Path) -> tuple[Graph, Path]:
    """Writes a network's folder under `out`: headers in fixed point and in floats, events, expected scores; and its graph."""
    directory = out / model.name
    directory.mkdir(parents=True, exist_ok=True)
    graph, events, reference = model.make()
    write(directory / "kaon", model.name, model.name, Source("made", b"", graph), golden(graph))
    given, result = (value_types(graph)[port.name] for port in (graph.inputs[0], graph.outputs[0]))
    values = given.to_values(events)
    values.astype(np.float32).tofile(directory / "events.f32")
    result.to_values(expected(graph, events, reference)).astype(np.float32).tofile(directory / "expected.f32")
    in_floats(graph, values).astype(np.float32).tofile(directory / "expected_float.f32")
    dense = [node for node in graph.nodes if node.kind == "dense"]
    widths = (dense[0].tensors["weights"].shape[0], *(node.tensors["weights"].shape[1] for node in dense))
    floats = onnx_model(Network(f"{model.name}_float", widths, "softmax" if graph.nodes[-1].kind == "softmax" else "identity"),
                        [(node.values("weights").astype(np.float32), node.values("bias").astype(np.float32)) for node in dense])
    source = directory / f"{model.name}_float.onnx"
    source.write_bytes(floats.SerializeToString())
    convert(source, directory / "float", f"{model.name}_float")
    return graph, directory


def kaon_engines(model: Model) -> list[Engine]:
    return [
        Engine("kaon_float", (KAON,), "", f"bench::float_engine<{model.name}_float::network, {model.name}_float::model>",
               'inputs, directory + "/expected_float.f32", outputs'),
        Engine("kaon", (KAON,), "", f"bench::fixed_engine<{model.name}::network, {model.name}::model, bench::{model.step}>",
               "inputs, shapes"),
    ]


def vendor_engines(graph: Graph, templates: Path) -> list[Engine]:
    """Those of the headers that come with hls4ml; templates: its folder of that name."""
    ap = Engine("ap_fixed", ("<ap_fixed.h>", BARE), "", "bench::array_engine<ap::bare>", folders=(templates / "vivado" / "ap_types",))
    ac = Engine("ac_fixed", ("<ac_fixed.h>", BARE), "", "bench::array_engine<ac::bare>",
                folders=(templates / "catapult" / "ac_types" / "include",))
    emulation = Engine("hls4ml", (*ap.includes, '"fixed_point/firmware.hpp"'), "", "bench::array_engine<hls4ml::emulation>",
                       folders=(*ap.folders, templates / "vivado"))
    numbers = vendor.raw_tables(vendor.layers_of(graph)) + vendor.parameters("ap", graph)
    calls = vendor.firmware(graph, SLOW)
    if graph.nodes[-1].kind == "softmax":  # only hls4ml has it in these types
        return [replace(emulation, text=numbers + calls)]
    return [replace(ap, text=numbers + vendor.bare("ap", graph, SLOW)),
            replace(ac, text=vendor.parameters("ac", graph) + vendor.bare("ac", graph, FAST)), replace(emulation, text=calls)]


def verilator_engine(model: Model, graph: Graph, directory: Path) -> Engine:
    """kaon's own Verilog of the network, compiled by Verilator at -O3 for this processor."""
    name = model.name
    (directory / "write_verilog.cpp").write_text(WRITE_VERILOG.format(name=name))
    writer = compile_program(directory / "write_verilog.cpp", directory / "write_verilog", [directory / "kaon"])
    objects = directory / "verilated"
    shutil.rmtree(objects, ignore_errors=True)
    for command in ([str(writer), str(directory / f"{name}.v")],
                    ["verilator", "--cc", "--build", "-O3", "--noassert", "-Wno-fatal", "-Wno-WIDTH", "-CFLAGS", "-march=native", "-MAKEFLAGS", "OPT_FAST=-O3",
                     "--top-module", name, "--Mdir", str(objects), str(directory / f"{name}.v")]):
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0:
            raise Failed(command[0], (done.stderr.strip().splitlines() or ["it failed"])[-1], "leave it out with --without verilator")
    makefile = (objects / f"V{name}.mk").read_text()
    headers = next(Path(line.split("=", 1)[1].strip()) for line in makefile.splitlines() if line.startswith("VERILATOR_ROOT")) / "include"
    given, result = (value_types(graph)[port.name] for port in (graph.inputs[0], graph.outputs[0]))
    ports = [f"bench::port<{t.width}, {t.fraction}, {str(t.is_signed).lower()}>" for t in (given, result)]
    inputs, outputs = graph.inputs[0].size, graph.outputs[0].size
    sets = "".join(f"        module().x_{i} = x[{i}].bits;\n" for i in range(inputs))
    gets = "".join(f"        y[{i}].bits = module().y_{i};\n" for i in range(outputs))
    text = f"""struct verilated {{
    static constexpr const char* name = "verilator";
    static constexpr std::size_t every = {FAST}, inputs = {inputs}, outputs = {outputs};
    using input = {ports[0]};
    using output = {ports[1]};
    static V{name}& module() {{
        static VerilatedContext context;
        static V{name} made(&context);
        return made;
    }}
    static void run(input (&x)[inputs], output (&y)[outputs]) {{
{sets}        module().eval();
{gets}    }}
}};
"""
    return Engine("verilator", (PORT,), f'#include "V{name}.h"\n{text}', "bench::array_engine<verilated>",
                  folders=(objects, headers),
                  libraries=(*map(str, sorted(objects.glob("*.a"))), *(str(headers / f"{part}.cpp") for part in RUN_TIME), "-pthread"))


def build(template: str, model: Model, graph: Graph, engines: list[Engine], directory: Path, executable: Path, command: list[str]) -> Path:
    """Compiles a template with `command`, a compiler and its flags."""
    dense = [node.tensors["weights"].shape for node in graph.nodes if node.kind == "dense"]
    text = template.format(
        name=model.name, events=EVENTS, features=graph.inputs[0].size, outputs=graph.outputs[0].size,
        shapes=", ".join(f"{{{inputs}, {outputs}}}" for inputs, outputs in dense),
        includes="".join(f"#include {include}\n" for include in dict.fromkeys(include for engine in engines for include in engine.includes)),
        texts="\n".join(engine.text for engine in engines),
        engines="".join(f"    {engine.kind} {engine.name}_engine({engine.arguments});\n" for engine in engines),
        names=", ".join(f"{engine.name}_engine" for engine in engines),
        counts="".join(f'    if (engine == "{engine.name}") count({engine.kind}({engine.arguments}), batch);\n' for engine in engines))
    source = executable.with_suffix(".cpp")
    source.write_text(text)
    folders = [directory / "kaon", directory / "float"]
    system = [flag for engine in engines for folder in engine.folders for flag in ("-isystem", str(folder))]
    return compile_program(source, executable, folders, tuple(library for engine in engines for library in engine.libraries), [*command, *system])
