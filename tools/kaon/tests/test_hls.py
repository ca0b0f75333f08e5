"""kaon hls: projects compile and pass as plain C++ with the tools' open headers, stand alone, and are believed by their logs alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError
from importlib.metadata import files as files_of
from pathlib import Path

import numpy as np
import pytest

import kaon
from axol1tl import axol1tl
from kaon import importers, passes
from kaon.convert import write
from kaon.fixed import Fixed
from kaon.golden import golden
from kaon.graph import Graph, Node, Port
from kaon.synthesis.bambu import PARTS, Bambu, plain
from kaon.synthesis.catapult import Catapult
from keras_models import dense as keras_dense
from keras_models import input_layer, save, sequential, weights

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
TOOLS = ("vitis", "catapult", "bambu")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wno-unknown-pragmas", "-Wno-uninitialized", "-Wno-unknown-warning-option", "-Werror")
"""Of the vendor's members g++ says, where it inlines them, that they may be uninitialized."""
UNITY = '#include "src/{top}.cpp"\n#include "tb/testbench.cpp"\n'


def open_headers(tool: str, ports: str) -> list[str]:
    """Returns what a compiler needs to find a tool's types, from the hls4ml wheel; skips without it."""
    if tool == "bambu" and ports != "stream":
        return []
    name = "vivado/ap_types/ap_fixed.h" if tool == "vitis" else "catapult/ac_types/include/ac_fixed.h"
    try:
        found = next(f for f in files_of("hls4ml") or [] if str(f).endswith(f"templates/{name}"))
    except (PackageNotFoundError, StopIteration):
        pytest.skip("hls4ml, which holds the open headers, is not installed")
    return ["-isystem", str(Path(str(found.locate())).parent)]


def dense(random: np.random.Generator, read: str, name: str, shape: tuple[int, int], result: Fixed) -> Node:
    tensors = {"weights": random.standard_normal(shape).astype(np.float32), "bias": random.standard_normal(shape[1]).astype(np.float32)}
    types = {"weights": Fixed(6, 2), "bias": Fixed(8, 3), "result": result}
    return Node("dense", [read], name, name, tensors, types=types)


def network(random: np.random.Generator, classes: int = 3) -> Graph:
    """Two inputs of different formats, two outputs; names of features that collide with words of C++ and of each other."""
    nodes = [
        Node("concat", ["tracks", "event"], "both", "both"),
        dense(random, "both", "hidden", (5, 6), Fixed(12, 5)),
        Node("relu", ["hidden"], "active", "active", types={"result": Fixed(7, 3, False, "round", "saturate")}),
        dense(random, "active", "scores", (6, classes), Fixed(13, 5, True, "round", "saturate")),
        dense(random, "active", "word", (6, 2), Fixed(9, 6, False, "truncate", "saturate")),
    ]
    inputs = [Port("tracks", (3,), ["p T", "class", "p_T"], scalar="fixed<10,4>"), Port("event", (2,), scalar="ufixed<7,2>")]
    return Graph(inputs, [Port("scores", (None,)), Port("word", (None,))], nodes, "network")


def package_of(graph: Graph, folder: Path, name: str) -> kaon.Package:
    passes.run(graph)
    return write(folder, name, "made", importers.Source("made", b"", graph), golden(graph))


@pytest.fixture
def model(tmp_path, random) -> Path:
    return package_of(network(random), tmp_path / "m", "tagger").directory


def built_and_run(project: Path, tool: str, ports: str) -> str:
    """Compiles the top and its test bench in one unit from the project's own folder alone; returns what the program prints."""
    top = next((project / "src").glob("*_top.cpp")).stem
    (project / "work").mkdir(exist_ok=True)
    (project / "work" / "unity.cpp").write_text(UNITY.format(top=top))
    folders = ["-I.", "-Iinclude", "-Isrc", "-Itb", *open_headers(tool, ports)]
    command = [os.environ.get("CXX", "g++"), "-std=c++17", "-O1", *WARNINGS, "-Wno-maybe-uninitialized", *folders, "work/unity.cpp", "-o", "work/unity"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]
    ran = subprocess.run([project / "work" / "unity"], capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) == ran.stdout.splitlines()[-1].startswith("PASS: ")
    return ran.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("tool", "ports"),
    [("vitis", "scalar"), ("vitis", "stream"), ("catapult", "array"), ("catapult", "stream"), ("bambu", "scalar"), ("bambu", "array"), ("bambu", "stream")],
)
def test_plain_cpp(native, tmp_path, model, tool, ports):
    project = kaon.hls(model, tool, tmp_path / "p", ports=ports)
    assert built_and_run(project.directory, tool, ports) == "PASS: 128 of 128 events equal"


def test_a_wrong_bit_is_seen(native, tmp_path, model):
    project = kaon.hls(model, "bambu", tmp_path / "p")
    vectors = project.directory / "tb" / "golden.inc"
    text = vectors.read_text().rstrip()
    last = re.findall(r"-?\d+", text)[-1]
    vectors.write_text(f"{text[: -len(last) - 3]}{int(last) ^ 1}}}}},\n")
    assert built_and_run(project.directory, "bambu", "scalar") == "FAIL: 127 of 128 events equal"


def test_reference_model(native, tmp_path, models):
    """AXOL1TL: outputs of 234 bits, which a function cannot return: each is a wire of its own."""
    folder = models / "cms-hls4ml" / "AXOL1TL_v1"
    if not folder.is_dir():
        pytest.skip("reference models: no cms-hls4ml/AXOL1TL_v1")
    directory = package_of(axol1tl(folder), tmp_path / "m", "axol1tl").directory
    project = kaon.hls(directory, "bambu", tmp_path / "p")
    top = (project.directory / "src" / "axol1tl_top.cpp").read_text()
    assert "std::int16_t& mu_12" in top and "#pragma HLS interface port=mu_12 mode=ap_none\n" in top
    assert built_and_run(project.directory, "bambu", "scalar") == "PASS: 128 of 128 events equal"


def test_forest(native, tmp_path):
    """100 trees of depth 4 as conifer wrote them: selections of every tree, on a CPU here."""
    kaon.convert(EXAMPLES / "jets/trigger/forest.json", tmp_path / "m", name="top_forest")
    project = kaon.hls(tmp_path / "m", "bambu", tmp_path / "p")
    assert built_and_run(project.directory, "bambu", "scalar") == "PASS: 128 of 128 events equal"


def test_integer_network(native, tmp_path, models):
    """jet-int, from QONNX: 4,256 multiplications, five scores."""
    source = models / "jet-int" / "jet.onnx"
    if not source.is_file():
        pytest.skip("reference models: no jet-int")
    kaon.convert(source, tmp_path / "m", name="jets")
    for tool in TOOLS:
        project = kaon.hls(tmp_path / "m", tool, tmp_path / tool)
        top = (project.directory / "src" / "jets_top.cpp").read_text()
        assert top.count("x_15") == 2 and top.count("jets::model(") == 1
        assert len((project.directory / "tb" / "golden.inc").read_text().splitlines()) == 129


def test_names_and_pragmas(native, tmp_path, model):
    """One port a number, named after its feature; each tool's own types and directives."""
    tops = {}
    for tool in TOOLS:
        for ports in ("scalar", "array", "stream"):
            project = kaon.hls(model, tool, tmp_path / f"{tool}-{ports}", ports=ports)
            tops[tool, ports] = (project.directory / "src" / "tagger_top.cpp").read_text()
    vitis, catapult, bambu = (tops[tool, "scalar"] for tool in TOOLS)
    assert "ap_fixed<10, 4> p_T, ap_fixed<10, 4> class_, ap_fixed<10, 4> p_T_1, ap_ufixed<7, 2> event_1_0" in " ".join(vitis.split())
    assert "{\n#pragma HLS pipeline II=1\n" in vitis and "ap_fixed<13, 5>& scores_0" in vitis
    assert "#pragma hls_design top\n#pragma hls_pipeline_init_interval 1\nvoid CCS_BLOCK(tagger_top)(" in catapult
    assert "ac_fixed<9, 6, false>& word_1_0" in catapult
    assert '#pragma HLS pipeline II=1\nextern "C" std::uint64_t tagger_top(\n    std::int16_t p_T' in bambu
    assert "write_word<39>(kaon::get<1>(result), word);" in bambu
    assert "port=tracks\n" in tops["vitis", "array"] and "II=3" in tops["vitis", "array"]
    assert "mode=axis port=scores\n" in tops["vitis", "stream"] and "hls::stream<ap_uint<32>>& tracks" in tops["vitis", "stream"]
    assert "ac_channel<ac_int<40, false>>& scores" in tops["catapult", "stream"]
    assert 'mode=axis\nextern "C" void tagger_top(\n    ac_channel<ac_int<32, false>>& tracks' in tops["bambu", "stream"]


def test_stands_alone(native, tmp_path, model, kaon_command):
    """The command; the headers that are reached and no others; the same bytes again; nothing of this machine."""
    outcome = kaon_command("hls", model, "--tool", "vitis", "-o", tmp_path / "p", "--part", "xcku115-flvf1924-2-i", "--clock-ns", 2.5)
    assert outcome.code == 0 and "xcku115-flvf1924-2-i, 2.5 ns" in outcome.out, outcome.err
    project = tmp_path / "p"
    config = (project / "hls_config.cfg").read_text()
    named = re.findall(r"^(?:syn|tb)\.file=(.*)$", config, re.MULTILINE)
    assert len(named) == 4 and all((project / name).is_file() for name in named)
    assert "part=xcku115-flvf1924-2-i\n" in config and "clock=2.5ns\n" in config and "syn.top=tagger_top\n" in config
    script = (project / "run_hls.tcl").read_text()
    assert "set_part {xcku115-flvf1924-2-i}" in script and "create_clock -period 2.5 " in script
    headers = {str(path.relative_to(project / "include")) for path in (project / "include").rglob("*.hpp")}
    assert {"kaon/hls.hpp", "kaon/hls/ap_ports.hpp", "kaon/layers/dense.hpp", "boost/hana/tuple.hpp"} <= headers
    assert not {"kaon/simd/pack.hpp", "kaon/simd/registers.hpp", "kaon/io/safetensors.hpp"} & headers
    assert (project / "src" / "tagger.hpp").read_bytes() == (model / "tagger.hpp").read_bytes()
    first = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert not [path for path, data in first.items() if re.search(rb"@[A-Z_]+@", data) and path.suffix in (".cfg", ".md", ".sh", ".cpp")]
    assert not [path for path, data in first.items() if str(tmp_path).encode() in data]
    (project / "work").mkdir()
    (project / "work" / "old.log").write_text("PASS: 128 of 128 events equal\n")
    assert kaon_command("hls", model, "--tool", "vitis", "-o", project, "--part", "xcku115-flvf1924-2-i", "--clock-ns", 2.5).code == 0
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == first  # and what a tool had made is gone
    assert os.access(project / "run.sh", os.X_OK)


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("--tool", "bambu", "--part", "xcvu13p-flga2577-2-e"), "Bambu has no characterisation of it; give one of xc7z020"),
        (("--tool", "catapult", "--part", "10AX115"), "neither a Xilinx part with its speed grade nor a library"),
        (("--tool", "vitis", "--part", "x;exec rm"), "it is no name of a part"),
        (("--tool", "vitis", "--clock-ns", "0"), "it is no period of a clock"),
        (("--tool", "vitis", "--clock-ns", "nan"), "it is no period of a clock"),
        (("--tool", "quartus"), "'quartus' is not one of"),
        (("--tool", "vitis", "--ports", "axi"), "'axi' is not one of"),
        (("--tool", "vitis", "--run"), "v++ or vitis_hls is not on PATH"),
        (("--tool", "catapult", "--run"), "catapult is not on PATH"),
    ],
)
def test_refusals(native, tmp_path, model, kaon_command, monkeypatch, arguments, cause):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert cause in kaon_command("hls", model, "-o", tmp_path / "p", *arguments).refusal()
    assert not (tmp_path / "p").exists()


def test_floats_are_refused(tmp_path, random, kaon_command):
    path = save(tmp_path / "m.keras", sequential([input_layer(5), keras_dense("fc1", 3)]), weights(random, 5, 3))
    kaon.convert(path, tmp_path / "m")
    for command in (("hls", tmp_path / "m", "--tool", "vitis", "-o", tmp_path / "p"), ("lint", tmp_path / "m")):
        line = kaon_command(*command).refusal()
        assert "it computes in floating point; convert it with fixed-point types: --hls4ml CONFIG, or from QONNX" in line


def test_wide_events_and_missing_layers(native, tmp_path, random, kaon_command):
    nodes = [Node("relu", ["x"], "y", "y", types={"result": Fixed(16, 6)})]
    wide = package_of(Graph([Port("x", (100,), scalar="fixed<16,6>")], [Port("y", (None,))], nodes, "wide"), tmp_path / "wide", "wide")
    project = kaon.hls(wide.directory, "vitis", tmp_path / "p", ports="stream")
    assert "#define AP_INT_MAX_W 2048\n\n#include <ap_int.h>" in (project.directory / "src" / "wide_top.hpp").read_text()
    wider = Graph([Port("x", (300,), scalar="fixed<16,6>")], [Port("y", (None,))], nodes, "wider")
    wider = package_of(wider, tmp_path / "wider", "wider")
    outcome = kaon_command("hls", wider.directory, "--tool", "vitis", "--ports", "stream", "-o", tmp_path / "q")
    assert "an event of x has 4800 bits, and a word of Vitis's at most 4096" in outcome.refusal()


def test_only_an_unchanged_project_is_replaced(native, tmp_path, model, kaon_command):
    def again(name: str):
        return kaon_command("hls", model, "--tool", "bambu", "-o", tmp_path / name)

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    assert "holds something that kaon did not write" in again("mine").refusal()
    assert again("p").code == 0
    (tmp_path / "p" / "notes.txt").write_text("x")
    assert "it holds 'notes.txt', which kaon did not write" in again("p").refusal()
    (tmp_path / "p" / "notes.txt").unlink()
    with (tmp_path / "p" / "src" / "tagger_top.cpp").open("a") as file:
        file.write("// mine\n")
    assert "'src/tagger_top.cpp' was changed after kaon wrote it" in again("p").refusal()
    assert (tmp_path / "p" / "src" / "tagger_top.cpp").read_text().endswith("// mine\n")
    assert "no folder" in kaon_command("hls", tmp_path / "none", "--tool", "bambu", "-o", tmp_path / "q").refusal().replace("such ", "")


CSYNTH = """<profile><PerformanceEstimates>
<SummaryOfTimingAnalysis><unit>ns</unit><EstimatedClockPeriod>3.125</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency><Best-caseLatency>9</Best-caseLatency><Worst-caseLatency>11</Worst-caseLatency>
<Interval-min>1</Interval-min><Interval-max>2</Interval-max></SummaryOfOverallLatency></PerformanceEstimates>
<AreaEstimates><Resources><BRAM_18K>4</BRAM_18K><DSP>5</DSP><FF>678</FF><LUT>901</LUT><URAM>0</URAM></Resources>
<AvailableResources><BRAM_18K>5376</BRAM_18K><DSP>12288</DSP><FF>3456000</FF><LUT>1728000</LUT></AvailableResources></AreaEstimates></profile>
"""
FAKE = """#!/bin/bash
if [[ "$*" == *--csim* ]]; then echo "PASS: 128 of 128 events equal"; fi
if [[ "$*" == *--cosim* ]]; then printf '%s\\n' {cosim}; fi
if [[ "$*" == "-c "* ]]; then mkdir -p work/hls/hls/syn/report; cat >work/hls/hls/syn/report/csynth.xml <<'X'
{csynth}X
fi
exit 0
"""
CONFIRMED = "'INFO: [COSIM 212-1000] *** C/RTL co-simulation finished: PASS ***'"


@pytest.mark.parametrize(
    ("cosim", "passes_it"),
    [
        (f"'PASS: 128 of 128 events equal' {CONFIRMED}", True),
        ("'PASS: 128 of 128 events equal'", False),
        (CONFIRMED, False),
        (f"'PASS: 128 of 128 events equal' 'FAIL: 3 of 128 events equal' {CONFIRMED}", False),
        ("''", False),
    ],
)
def test_run_believes_the_log(native, tmp_path, model, kaon_command, monkeypatch, cosim, passes_it):
    """A tool that always ends with 0: the words of the test bench and of the co-simulation decide; figures come from its report."""
    (tmp_path / "bin").mkdir()
    for program in ("v++", "vitis-run"):
        (tmp_path / "bin" / program).write_text(FAKE.format(cosim=cosim, csynth=CSYNTH))
        (tmp_path / "bin" / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    outcome = kaon_command("hls", model, "--tool", "vitis", "-o", tmp_path / "p", "--run")
    assert outcome.code == (0 if passes_it else 1), outcome.out + outcome.err
    assert ("PASS │" in outcome.out) == passes_it and ("FAIL │" in outcome.out) != passes_it
    assert re.search(r"│ 11 +│ 2 +│ 320 MHz │ 901 │ 678 │ 5 +│ 4 +│", outcome.out), outcome.out


RTL_REPORT = """
    Processes/Blocks in Design
    Process          Real Operation(s) count Latency Throughput Reset Length II Comments
    ---------------- ----------------------- ------- ---------- ------------ -- --------
    /tagger_top/core                     196       7          2            1  2
    Design Total:                        196       7          2            1  2

  Bill Of Materials (Datapath)
    Component Name                          Area Score Area(DSP48E2s) Area(LUTs) Area(MUX_CARRYs) Delay Post Alloc Post Assign
    --------------------------------------- ---------- -------------- ---------- ---------------- ----- ---------- -----------
    mgc_add(11,0,11,0,11)                       11.000          0.000     11.000           10.000 1.440          3           2
    TOTAL AREA (After Assignment):            2204.063          2.000    820.400          230.000

  Timing Report
      Max Delay:  4.000
"""


def test_catapult_reports(tmp_path):
    folder = tmp_path / "work" / "catapult_tagger_top" / "tagger_top.v1"
    folder.mkdir(parents=True)
    (folder / "rtl.rpt").write_text(RTL_REPORT)
    figures = Catapult().figures(tmp_path, "tagger_top")
    assert (figures.latency, figures.interval, figures.megahertz, figures.lut, figures.dsp) == (7, 2, 250.0, 820, 2)
    for part, library in {
        "xcvu13p-flga2577-2-e": "mgc_Xilinx-VIRTEX-uplus-2_beh -- -rtlsyntool Vivado -manufacturer Xilinx -family VIRTEX-uplus -speed -2 -part",
        "xcu250-figd2104-2L-e": "mgc_Xilinx-VIRTEX-uplus-2L_beh",
        "xcku115-flvb2104-2-i": "mgc_Xilinx-KINTEX-u-2_beh",
        "xc7vx690tffg1927-2": "mgc_Xilinx-VIRTEX-7-2_beh",
        "nangate-45nm_beh": "solution library add nangate-45nm_beh",
    }.items():
        assert library in Catapult().library(part)


def test_parts_of_bambu():
    assert plain("xc7vx690t,-3,ffg1930,VVD") == "xc7vx690t-3ffg1930" and len({plain(part) for part in PARTS}) == len(PARTS)


@pytest.mark.parametrize("ports", ["scalar", "stream"])
def test_hardware_of_bambu(native, tmp_path, random, kaon_command, ports):
    """Synthesized, simulated, mapped: the table has figures, and the verdict is that of the co-simulation."""
    if not shutil.which("bambu") or not shutil.which("verilator"):
        pytest.skip("bambu or verilator is not on PATH")
    model = package_of(network(random, 6 if ports == "scalar" else 3), tmp_path / "m", "tagger").directory
    outcome = kaon_command("hls", model, "--tool", "bambu", "-o", tmp_path / "p", "--ports", ports, "--run")
    assert outcome.code == 0 and "cosim: PASS: 128 of 128 events equal" in outcome.out, outcome.out + outcome.err
    figures = Bambu().figures(tmp_path / "p", "tagger_top")
    assert figures.latency and figures.megahertz and figures.ff and (figures.interval == 1) == (ports == "scalar")
