"""The jet bench: prepares, compiles with g++ and clang, runs, prints the table, writes jets.json and jets.png."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from kaon.bench_table import print_table
from kaon.convert import convert
from kaon.error import Failed, KaonError
from kaon.native.bench_program import Report, compile_program, run_program
from kaon.reference import onnxruntime_library
from compile_time import compile_seconds
from plot import write_plot
from prepare import prepare

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "bench" / "out"
NAME = "jet_tagger"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "examples/jets/model/jet_tagger.onnx", help="an ONNX file of the jet network")
    parser.add_argument("--sample", type=Path, default=ROOT / "examples/jets/sample.csv.gz", help="events; random ones where the file is absent")
    parser.add_argument("--converted", type=Path, help="a directory that `kaon convert --name jet_tagger` wrote; converts itself without it")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--seconds", type=float, default=10.0, help="time spent measuring, for each compiler")
    options = parser.parse_args()
    console = Console(stderr=True)

    if not options.model.is_file():
        raise Failed(options.model, "no such file", "give an ONNX file of the jet network with --model")
    library = onnxruntime_library()
    if library is None:
        raise Failed("onnxruntime", "not installed", "run bench/run, which installs it")
    with console.status("preparing the rivals"):
        sample = options.sample if options.sample.is_file() else None
        names = prepare(options.model, sample, OUT / "jets")
    converted = options.converted or convert(options.model, OUT / NAME, NAME).directory
    reports: list[Report] = []
    for compiler in options.compilers.split(","):
        with console.status(f"{compiler}: compiling"):
            executable = compile_program(
                ROOT / "bench/jets/main.cpp", OUT / "jets" / f"bench_jets_{compiler}",
                [ROOT / "bench/jets", OUT / "jets", converted], ("-lopenblas",), [compiler])
        with console.status(f"{compiler}: measuring for {options.seconds:g} s"):
            report = run_program([str(executable), str(OUT / "jets"), str(library), *names, str(options.seconds)])
        with console.status(f"{compiler}: how long a translation unit takes"):
            report["compile_seconds"] = {
                flags: compile_seconds(compiler, flags.split(), [ROOT / "include", converted], ROOT / "bench/jets/tagger.cpp")
                for flags in ("-O2", "-O2 -march=native")}
        report["events_from"] = sample.name if sample else "standard normal numbers"
        reports.append(report)
        print_table(report, f"jet network 16-64-32-32-5 with softmax, {report['compiler']}")
        print("A translation unit with the jet tagger, one event and batches, compiles in "
              + " and ".join(f"{seconds:.2f} s ({flags})" for flags, seconds in report["compile_seconds"].items()) + ".\n")
    (OUT / "jets.json").write_text(json.dumps({"runs": reports}, indent=1) + "\n")
    write_plot(reports, OUT / "jets.png")
    print(f"wrote {(OUT / 'jets.json').relative_to(ROOT)} and {(OUT / 'jets.png').relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
