"""What an HLS tool is to kaon hls: a dialect of C++, the files of its project, its program, its report."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from kaon.error import Refused
from kaon.synthesis.top import Dialect, Top

WORK = "work"
"""The folder of a project in which a tool works: what kaon did not write lies there."""


@dataclass(frozen=True)
class Figures:
    """What a tool reports; None where it does not say."""

    latency: int | None = None
    """Cycles from an input to its output."""
    interval: int | None = None
    """Cycles from an event to the next (II)."""
    megahertz: float | None = None
    """Highest clock frequency, as the tool estimates it."""
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram: int | None = None


@dataclass(frozen=True)
class Order:
    """What a project is made for."""

    part: str
    clock_ns: float
    ports: str


class Tool(ABC):
    """One tool."""

    name: str
    title: str
    """Its name in words."""
    part: str
    """The default part."""
    programs: tuple[str, ...]
    """Any one of them on PATH runs the project."""
    remedy: str
    """How its program comes onto PATH."""
    dialect: Dialect

    def check(self, order: Order) -> None:
        """Refuses a part that cannot stand in a script."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.,-]{0,63}", order.part):
            raise Refused(f"--part {order.part}", "it is no name of a part", f"give one such as {self.part}")

    def refuse_ports(self, top: Top) -> None:
        """Refuses ports that the tool does not have."""

    @abstractmethod
    def files(self, top: Top, order: Order) -> dict[str, str]:
        """The project's files beside those that all tools have, by path."""

    @abstractmethod
    def figures(self, project: Path, top: str) -> Figures:
        """What the reports in a project say after a run."""

    @abstractmethod
    def note(self, top: Top, order: Order) -> str:
        """What a user of this project has to know, in words, for its README."""

    confirmation = ""
    """What the tool itself says, beside the test bench, where the hardware gave the right bits."""

    def passed(self, project: Path) -> bool:
        """Whether the log of the co-simulation says that the hardware gave the right bits: an exit code proves nothing."""
        log = text_of(project / WORK / "cosim.log")
        said = set(re.findall(r"\b(PASS|FAIL): \d+ of \d+ events equal", log))
        return said == {"PASS"} and self.confirmation in log


def text_of(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def number(text: str, pattern: str) -> float | None:
    """Returns the last number that a pattern finds."""
    found = re.findall(pattern, text)
    return float(found[-1]) if found else None


def whole(text: str, pattern: str) -> int | None:
    found = number(text, pattern)
    return None if found is None else int(found)
