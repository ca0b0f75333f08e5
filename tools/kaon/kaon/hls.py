"""kaon hls: a model in fixed point as a project of an HLS tool, and that tool's run of it."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from kaon.error import Refused
from kaon.package import open_package, write_folder
from kaon.progress import working
from kaon.synthesis.bambu import Bambu
from kaon.synthesis.catapult import Catapult
from kaon.synthesis.ports import PORTS
from kaon.synthesis.project import files, refuse_float, refuse_foreign_project, run_project
from kaon.synthesis.tool import Figures, Order, Tool
from kaon.synthesis.vitis import Vitis

TOOLS: dict[str, Tool] = {tool.name: tool for tool in (Vitis(), Catapult(), Bambu())}
CLOCK_NS = 5.0


@dataclass(frozen=True)
class HlsRun:
    """What a tool made of a project."""

    passed: bool
    """Whether the logs of the co-simulation say that every bit was right."""
    lines: list[str]
    """What run.sh printed."""
    figures: Figures
    """What the tool reports."""


@dataclass(frozen=True)
class HlsProject:
    """A project that was written."""

    directory: Path
    name: str
    """The model's."""
    tool: str
    part: str
    clock_ns: float
    ports: str
    files: list[str]
    run: HlsRun | None = None


def hls(
    directory: Path | str,
    tool: str,
    output: Path | str,
    part: str | None = None,
    clock_ns: float = CLOCK_NS,
    ports: str = "scalar",
    run: bool = False,
) -> HlsProject:
    """Writes a converted model in fixed point as a project of an HLS tool: sources, headers, test bench, scripts.

    tool: 'vitis', 'catapult' or 'bambu'; output: the folder to write, which appears whole or not at all; part: the device, by default
    the tool's; clock_ns: the period; ports: 'scalar' (one a number), 'array' or 'stream' (an event a word); run: runs the tool too,
    which has to be on PATH. Raises kaon.Refused for models in floating point and for what a tool does not have.
    """
    chosen = TOOLS.get(tool)
    if chosen is None:
        raise Refused(f"--tool {tool}", "no such tool", f"give {', '.join(TOOLS)}")
    if ports not in PORTS:
        raise Refused(f"--ports {ports}", "no such ports", f"give {', '.join(PORTS)}")
    if not (math.isfinite(clock_ns) and 0.1 <= clock_ns <= 1000):
        raise Refused(f"--clock-ns {clock_ns:g}", "it is no period of a clock", "give 0.1 to 1000")
    order = Order(part or chosen.part, clock_ns, ports)
    chosen.check(order)
    if run:
        refuse_missing_program(chosen)
    package = open_package(directory)
    refuse_float(package, directory)
    target = Path(output)
    refuse_foreign_project(target)
    with working(f"writing {target.name}"):
        content = files(package, chosen, order)
        write_folder(target, content, executable=("run.sh",))
    result = None
    if run:
        lines = run_project(target, chosen)
        result = HlsRun(chosen.passed(target), lines, chosen.figures(target, f"{package.name}_top"))
    return HlsProject(target, package.name, tool, order.part, clock_ns, ports, sorted(content), result)


def refuse_missing_program(tool: Tool) -> None:
    if not any(shutil.which(program) for program in tool.programs):
        cause = f"{' or '.join(tool.programs)} is not on PATH"
        raise Refused(f"--run with {tool.title}", cause, f"{tool.remedy}, or leave --run out: the project is written without it")
