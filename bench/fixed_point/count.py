"""Instructions an event of AVX2 builds in fixed point and in floats, counted by callgrind: the figure that no neighbour disturbs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys

from rich import box
from rich.console import Console
from rich.table import Table

from kaon.error import Failed, KaonError
from models import MODELS_OF_THE_BENCH
from program import COUNTS, build, prepare
from rivals import engines_of
from run import OUT
from callgrind import AVX2, BATCHES, instructions  # of bench/dense, which models.py makes known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(model.name for model in MODELS_OF_THE_BENCH), help="comma separated")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise Failed("valgrind", "not installed", "apt install valgrind")
    os.environ["CXXFLAGS"] = AVX2
    counts: list[dict[str, object]] = []
    for model in (model for model in MODELS_OF_THE_BENCH if model.name in options.networks.split(",")):
        if model.missing:
            print(f"SKIPPED: {model.name}: {model.missing}")
            continue
        graph, directory = prepare(model, OUT)
        engines = [engine for engine in engines_of(model, graph, directory)[0] if engine.name != "verilator"]
        for compiler in options.compilers.split(","):
            program = build(COUNTS, model, graph, engines, directory, directory / f"count_{compiler}", [compiler])
            table = Table(title=f"instructions per event: {model.title}, {compiler} -O3 -mavx2 -mfma", box=box.SIMPLE_HEAD)
            table.add_column("engine")
            for batch in BATCHES:
                table.add_column("single" if batch == 1 else f"batch {batch}", justify="right")
            for engine in engines:
                row = [instructions(program, directory, engine.name, batch) for batch in BATCHES]
                counts += [{"network": model.name, "compiler": compiler, "engine": engine.name, "batch": batch, "instructions": value}
                           for batch, value in zip(BATCHES, row)]
                table.add_row(engine.name, *("fails" if value is None else f"{value:,.0f}" for value in row))
            Console(width=100).print(table)
            (OUT / "counts.json").write_text(json.dumps({"counts": counts}, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
