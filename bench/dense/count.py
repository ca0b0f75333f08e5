"""Instructions an event of AVX2 builds, counted by callgrind (callgrind.py): the figure that no neighbour disturbs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from kaon.error import Failed, KaonError
from callgrind import AVX2, BATCHES, instructions
from engines import Engine, installed
from networks import NETWORKS, Network
from prepared import prepare_network
from program import COUNTS, build, command_of

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench"


def program_of(network: Network, engine: Engine, directory: Path, compiler: str) -> Path:
    return build(COUNTS, network, [engine], directory, directory / f"count_{engine.name}_{compiler}", command_of(compiler))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(network.name for network in NETWORKS), help="comma separated")
    parser.add_argument("--compilers", default="g++,clang++", help="comma separated")
    parser.add_argument("--engines", default="", help="comma separated; all that are installed without it")
    parser.add_argument("--out", type=Path, default=OUT, help="where programs and counts.json go")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise Failed("valgrind", "not installed", "apt install valgrind")
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["CXXFLAGS"] = AVX2
    options.out.mkdir(parents=True, exist_ok=True)
    counts: list[dict[str, object]] = []
    for network in (network for network in NETWORKS if network.name in options.networks.split(",")):
        engines = [engine for engine in installed(network)[0] if not options.engines or engine.name in options.engines.split(",")]
        directory = prepare_network(network, options.out, any(engine.name == "sofie" for engine in engines))
        for compiler in options.compilers.split(","):
            table = Table(title=f"instructions per event: {network}, {compiler} -O3 -mavx2 -mfma", box=box.SIMPLE_HEAD)
            table.add_column("engine")
            for batch in BATCHES:
                table.add_column("single" if batch == 1 else f"batch {batch}", justify="right")
            for engine in engines:
                program = program_of(network, engine, directory, compiler)
                row = [instructions(program, directory, engine.name, batch) for batch in BATCHES]
                counts += [{"network": str(network), "compiler": compiler, "engine": engine.name, "batch": batch, "instructions": value}
                           for batch, value in zip(BATCHES, row)]
                table.add_row(engine.name, *("fails" if value is None else f"{value:,.0f}" for value in row))
            Console(width=100).print(table)
            (options.out / "counts.json").write_text(json.dumps({"counts": counts}, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (KaonError, OSError) as error:
        sys.exit(f"kaon: error: {error}")
