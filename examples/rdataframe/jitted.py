"""Scores a ROOT file from Python: ROOT's interpreter compiles the converted header, Define gets an expression.

Usage: jitted.py FOLDER IN.root OUT.root [THREADS [TIMES]], FOLDER as `kaon convert` wrote it. EXTRA_CLING_ARGS="-O2 -march=native" in the
environment decides what the interpreter compiles for.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", "\\s*This distribution of ROOT is in alpha stage")
import ROOT  # noqa: E402

INCLUDE = Path(__file__).resolve().parents[2] / "include"


def main(folder: str, source: str, target: str, threads: int = 0, times: int = 0) -> None:
    for directory in (INCLUDE, Path(folder).resolve()):
        ROOT.gInterpreter.AddIncludePath(str(directory))
    begin = time.perf_counter()
    if not ROOT.gInterpreter.Declare('#include "jet_tagger.hpp"\n#include <kaon/io/columns.hpp>'):
        raise SystemExit("jitted.py: the interpreter refused jet_tagger.hpp")
    print(f"{time.perf_counter() - begin:.2f} s to read the headers")
    if threads != 1:
        ROOT.EnableImplicitMT(threads)

    features = ", ".join(str(name) for name in ROOT.jet_tagger.feature_names)
    classes = [str(name) for name in ROOT.jet_tagger.class_names]
    scored = f"kaon::on_columns(jet_tagger::model)({features})"
    frame = ROOT.RDataFrame("jets", source).Define("scores", scored)
    for i, name in enumerate(classes):
        frame = frame.Define(f"score_{name}", f"scores[{i}]")
    frame.Snapshot("scores", target, ["jet", *(f"score_{name}" for name in classes)])

    if times:
        frame = ROOT.RDataFrame("jets", [source] * times).Define("scores", scored).Define("top", "scores[4]")
        total, count = frame.Sum("top"), frame.Count()
        begin = time.perf_counter()
        total.GetValue()
        print(f"{count.GetValue() / (time.perf_counter() - begin):.3g} jets a second, compilation included")


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:]))
