"""The folder of a project: what stands in it, when it may be replaced, and its run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kaon.error import Failed, Refused, one_line
from kaon.fields import parse
from kaon.manifest import sha256
from kaon.native.include import include_directory
from kaon.package import Package
from kaon.progress import working
from kaon.synthesis import testbench
from kaon.synthesis.headers import reached_headers, refuse_missing_layers
from kaon.synthesis.templates import filled
from kaon.synthesis.tool import WORK, Order, Tool
from kaon.synthesis.top import Top
from kaon.version import VERSION

FORMAT = "kaon hls project"
FORMAT_VERSION = 1
MARK = "project.json"
"""Lists what kaon wrote."""


def refuse_float(package: Package, place: Path | str) -> None:
    """Refuses a model that hardware would compute in floating point."""
    if not package.graph.is_fixed:
        raise Refused(place, "it computes in floating point", "convert it with fixed-point types: --hls4ml CONFIG, or from QONNX")


def sources(package: Package, tool: Tool, ports: str) -> tuple[Top, dict[str, str]]:
    """Returns the top of a model and the files of src."""
    text = package.file("header").read_text()
    top = Top(package, tool.dialect, ports, in_turns="kaon::tile<" in text)
    tool.refuse_ports(top)
    texts = {f"{package.name}.hpp": text, f"{top.name}.hpp": top.header(), f"{top.name}.cpp": top.source()}
    return top, texts


def reached(package: Package, tool: Tool, ports: str) -> dict[str, Path]:
    """Returns the headers that a project needs. Refuses a model with a layer that none of them has."""
    header = package.file("header")
    headers = reached_headers(header.parent, f'#define KAON_HLS\n#include "{header.name}"\n#include <kaon/hls/ports.hpp>\n')
    path = tool.dialect.ports_header(ports)  # it includes what the tool brings, and ports.hpp
    headers[path] = include_directory() / path
    refuse_missing_layers(package.graph, headers.values(), package.name)
    return headers


def files(package: Package, tool: Tool, order: Order) -> dict[str, bytes]:
    """Returns every file of a project, by its path."""
    top, texts = sources(package, tool, order.ports)
    content = {f"src/{name}": text for name, text in texts.items()}
    content |= {"tb/testbench.cpp": testbench.testbench(top), "tb/golden.inc": testbench.golden(top)}
    content |= tool.files(top, order)
    content["README.md"] = readme(top, tool, order)
    data = {name: text.encode() for name, text in content.items()}
    data |= {f"include/{name}": path.read_bytes() for name, path in reached(package, tool, order.ports).items()}
    license = include_directory().parent / "LICENSE"
    if license.is_file():
        data["include/kaon/LICENSE"] = license.read_bytes()
    return data | {MARK: mark(package, tool, order, data).encode()}


def readme(top: Top, tool: Tool, order: Order) -> str:
    rows = ["| port | numbers | type | bits |", "|---|---|---|---|"]
    rows += [f"| `{v.name}`, in | {v.size} | `{v.format}` | {v.bits} |" for v in top.inputs]
    rows += [f"| `{v.name}`, out | {v.size} | `{v.format}` | {v.bits} |" for v in top.outputs]
    values = {"MODEL": top.model, "TOP": top.name, "VERSION": VERSION, "PART": order.part, "CLOCK": f"{order.clock_ns:g}"}
    return filled(f"{tool.name}/README.md", **values, PORTS=order.ports, TABLE="\n".join(rows), NOTE=tool.note(top, order))


def mark(package: Package, tool: Tool, order: Order, data: Mapping[str, bytes]) -> str:
    """Returns project.json: what the project is of, and the hashes of its files."""
    about: dict[str, Any] = {"format": FORMAT, "format_version": FORMAT_VERSION, "kaon_version": VERSION}
    about |= {"model": package.name, "hash": package.manifest["hash"].text(), "tool": tool.name}
    about |= {"part": order.part, "clock_ns": order.clock_ns, "ports": order.ports}
    return json.dumps(about | {"files": {name: sha256(content) for name, content in sorted(data.items())}}, indent=2) + "\n"


def refuse_foreign_project(directory: Path) -> None:
    """Refuses to replace anything but an empty folder or a project that kaon wrote and nobody changed."""
    remedy = "give another folder with -o, or move it away"
    if not directory.exists():
        return
    if not directory.is_dir():
        raise Refused(directory, "it exists and is not a folder", remedy)
    if directory.samefile(Path.cwd()):
        raise Refused(directory, "it is the current folder, and a project's folder is replaced as a whole", "give another folder with -o")
    if not any(directory.iterdir()):
        return
    if not (directory / MARK).is_file():
        raise Refused(directory, "it exists and holds something that kaon did not write", remedy)
    content = parse(str(directory / MARK), (directory / MARK).read_bytes())
    if content.get("format", "").value != FORMAT:
        raise Refused(directory, f"its {MARK} is none of kaon's", remedy)
    listed = {name: content["files"][name].text() for name in content["files"].of(dict, "an object")}
    present = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    foreign = sorted(name for name in present - set(listed) - {MARK} if not name.startswith(f"{WORK}/"))
    changed = sorted(name for name in present & set(listed) if sha256((directory / name).read_bytes()) != listed[name])
    if foreign or changed:
        what = f"it holds {foreign[0]!r}, which kaon did not write" if foreign else f"{changed[0]!r} was changed after kaon wrote it"
        raise Refused(directory, what, remedy)


def run_project(directory: Path, tool: Tool) -> list[str]:
    """Runs run.sh and shows its steps; returns the lines that it printed."""
    lines: list[str] = []
    command = ["bash", "run.sh"]
    try:
        process = subprocess.Popen(
            command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
        )
    except OSError as error:
        raise Failed("bash", error.strerror or error, "install bash") from error
    with process, working(tool.title), ExitStack() as step:
        try:
            for line in process.stdout or ():
                lines.append(one_line(line))
                if line.startswith("== "):
                    step.close()
                    step.enter_context(working(lines[-1].removeprefix("== ")))
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # its own group, with what it started
            raise
    return lines
