"""The headers that a top function reaches, as the compiler lists them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from kaon.error import Failed, Refused
from kaon.graph import Graph
from kaon.native.compiler import compiler, first_error
from kaon.native.include import include_directory

KIND = re.compile(r'kind\[\] = "(\w+)"')


def reached_headers(folder: Path, unit: str) -> dict[str, Path]:
    """Returns the headers of kaon and Boost that a unit reaches, by their paths below an include folder.

    folder: where the model's header is; unit: the text to compile. What a tool brings itself is not listed.
    """
    folders = ["-I", str(include_directory()), "-I", str(folder.resolve())]
    command = [*compiler(), "-std=c++17", *folders, "-M", "-MT", "unit", "-x", "c++", "-"]
    try:
        done = subprocess.run(command, input=unit, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise Failed(command[0], error.strerror or error, "install g++, or set CXX to a C++17 compiler") from error
    if done.returncode != 0:
        raise Failed(command[0], first_error(done.stderr), "install what it names; Boost.Hana is in Debian's libboost-dev")
    own = (include_directory() / "kaon").resolve()
    return dict(sorted(placed(path, own) for path in prerequisites(done.stdout) if own in path.parents or "boost" in path.parts))


def prerequisites(rule: str) -> set[Path]:
    """Returns the files of a make rule, in which spaces of names are escaped."""
    joined = rule.partition(":")[2].replace("\\\n", " ")
    return {Path(word.replace("\\ ", " ")).resolve() for word in re.findall(r"(?:\\ |\S)+", joined)}


def placed(path: Path, own: Path) -> tuple[str, Path]:
    """Returns where a header lies below an include folder, with the header."""
    if own in path.parents:
        return str(Path("kaon") / path.relative_to(own)), path
    last = len(path.parts) - 1 - path.parts[::-1].index("boost")
    return "/".join(path.parts[last:]), path


def refuse_missing_layers(graph: Graph, headers: Iterable[Path], place: str) -> None:
    """Refuses a model with a layer that no header reached has."""
    known = {kind for path in headers for kind in KIND.findall(path.read_text(errors="replace"))}
    for node in graph.nodes:
        if node.kind not in known:
            raise Refused(f"{place}: layer {node.name!r}", f"{node.kind} is not among the layers for HLS compilers", f"they are: {', '.join(sorted(known))}")
