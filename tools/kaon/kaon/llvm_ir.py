"""What clang writes as LLVM IR: functions, their instructions, and where in the C++ each comes from."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DEFINE = re.compile(r'^define .*?@("[^"]+"|[\w.$]+)\(')
CALL = re.compile(r'\b(?:call|invoke)\b.*?(?:@("[^"]+"|[\w.$]+)|(%[\w."]+)) ?\(')
LABEL = re.compile(r'^("[^"]+"|[\w.$-]+):')
NODE = re.compile(r"^(![0-9]+) = (?:distinct )?!DI(\w+)\((.*)\)$")
FIELD = re.compile(r'(\w+): (![0-9]+|[0-9]+|"(?:[^"\\]|\\.)*")')


@dataclass(frozen=True)
class Instruction:
    text: str
    """Without its metadata."""
    location: str | None
    """The node of its place in the source."""
    block: str


@dataclass
class Function:
    name: str
    signature: str
    subprogram: str | None
    body: list[Instruction]

    def callees(self) -> list[str]:
        return [match[1].strip('"') for i in self.body if (match := CALL.search(i.text)) and match[1]]


@dataclass(frozen=True)
class Place:
    """A line of C++, and the function that it stands in."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}, {self.function}"


class Module:
    """A unit as clang writes it with -S -emit-llvm -gline-tables-only."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.functions = functions(self.lines)

    @cached_property
    def nodes(self) -> dict[str, tuple[str, dict[str, str]]]:
        """The nodes of the source's places: kind and fields."""
        found = (NODE.match(line) for line in self.lines if line.startswith("!"))
        return {match[1]: (match[2], {key: value.strip('"') for key, value in FIELD.findall(match[3])}) for match in found if match}

    def places(self, location: str | None) -> list[Place]:
        """Returns where an instruction comes from: its own line, then the lines of the calls that were inlined."""
        result = []
        while location in self.nodes:
            _, fields = self.nodes[location]
            scope = fields.get("scope", "")
            result.append(Place(self.file_of(scope), int(fields.get("line", 0)), self.function_of(scope)))
            location = fields.get("inlinedAt")
        return result

    def place_of(self, function: Function) -> Place:
        """Returns where a function begins."""
        fields = self.nodes.get(function.subprogram or "", ("", {}))[1]
        return Place(self.file_of(function.subprogram or ""), int(fields.get("line", 0)), function.name)

    def file_of(self, scope: str) -> str:
        fields = self.nodes.get(scope, ("", {}))[1]
        file = self.nodes.get(fields.get("file", ""), ("", {}))[1]
        return str(Path(file.get("directory", ""), file.get("filename", "?")))

    def function_of(self, scope: str) -> str:
        while scope in self.nodes:
            kind, fields = self.nodes[scope]
            if kind == "Subprogram":
                return fields.get("linkageName", fields.get("name", "?"))
            scope = fields.get("scope", "")
        return "?"

    def reached(self, top: str) -> list[Function]:
        """Returns the functions of the unit that a call of `top` reaches, itself first."""
        order, queue = [], [top]
        while queue:
            name = queue.pop()
            if name in self.functions and name not in order:
                order.append(name)
                queue += self.functions[name].callees()
        return [self.functions[name] for name in order]

    def is_recursive(self, function: Function) -> bool:
        return any(function in self.reached(name) for name in set(function.callees()) & set(self.functions))


def functions(lines: Iterable[str]) -> dict[str, Function]:
    result: dict[str, Function] = {}
    current: Function | None = None
    block = ""
    for line in lines:
        if match := DEFINE.match(line):
            # A personality routine is no exception: nothing raises one.
            current = Function(match[1].strip('"'), line.split(" personality ")[0], metadata(line, "!dbg"), [])
            result[current.name] = current
            block = ""
        elif line == "}":
            current = None
        elif current is not None and line.strip():
            if match := LABEL.match(line):
                block = match[1].strip('"')
            else:
                current.body.append(Instruction(line.split(", !")[0].strip(), metadata(line, "!dbg"), block))
    return result


def metadata(line: str, kind: str) -> str | None:
    match = re.search(rf"{kind} (![0-9]+)", line)
    return match[1] if match else None


def demangled(names: Iterable[str]) -> dict[str, str]:
    """Returns names as C++ writes them; as they are where there is no c++filt."""
    names = list(dict.fromkeys(names))
    program = shutil.which("c++filt") or shutil.which("llvm-cxxfilt")
    if program is None or not names:
        return {name: name for name in names}
    done = subprocess.run([program], input="\n".join(names) + "\n", capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return dict(zip(names, lines)) if len(lines) == len(names) else {name: name for name in names}


def loop_counts(module: Path, opt: str) -> dict[tuple[str, str], str]:
    """Returns for each loop, by its function and first block, how often it is repeated, as LLVM's scalar evolution has it.

    'at most N' where it may leave earlier, 'unknown' where nothing is known.
    """
    # Without this option it writes out what every instruction computes, which in unrolled sums takes for ever.
    command = [opt, "-passes=print<scalar-evolution>", "-scalar-evolution-classify-expressions=false", "-disable-output", str(module)]
    text = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stderr
    counts: dict[tuple[str, str], str] = {}
    function = ""
    for line in text.splitlines():
        if match := re.match(r"Determining loop execution counts for: @(.*)$", line):
            function = match[1].strip('"')
        elif match := re.match(r'Loop %("[^"]+"|[\w.$-]+): (?:<multiple exits> )?(max |constant max )?backedge-taken count is (.*)$', line):
            key = function, match[1].strip('"')
            if match[2] and counts.get(key) == "unknown" and match[3].strip().isdigit():
                counts[key] = f"at most {match[3].strip()}"
            elif not match[2]:
                counts[key] = match[3].strip()
        elif match := re.match(r'Loop %("[^"]+"|[\w.$-]+): (?:<multiple exits> )?Unpredictable backedge-taken count', line):
            counts[function, match[1].strip('"')] = "unknown"
    return counts
