"""kaon lint: is a top function fit for an HLS compiler? Reads what clang makes of it for a 32-bit target."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kaon.error import Failed, Refused
from kaon.llvm_ir import CALL, Function, Instruction, Module, Place, demangled, loop_counts
from kaon.native.compiler import first_error
from kaon.native.include import include_directory
from kaon.package import open_package
from kaon.progress import working
from kaon.synthesis.bambu import Bambu
from kaon.synthesis.project import reached, refuse_float, sources

ALLOCATION = re.compile(r"^(_Zn[wa]|_Zd[la]|(malloc|calloc|realloc|free|aligned_alloc|posix_memalign)$)")
EXCEPTION = re.compile(r"^(__cxa_|__gxx_|_Unwind_|_ZSt\d+__throw_|_ZSt9terminate|__clang_call_terminate)")
LIBM = re.compile(
    r"^(llvm\.)?(a?(sin|cos|tan)h?|atan2|exp|exp2|expm1|exp10|log|log2|log10|log1p|pow|powi|sqrt|cbrt|hypot|erfc?|[tl]gamma|"
    r"floor|ceil|round|rint|nearbyint|trunc|fmod|remainder|fma|ldexp|frexp|modf|fdim|fabs|fmin|fmax|copysign)[fl]?(\.f\d+)?$"
)
FLOAT = re.compile(r"(?<![\w.%@])(half|bfloat|float|double|x86_fp80|fp128)(?![\w.])")
INTEGER = re.compile(r"(?<![\w.%@\"])i(\d+)(?![\w.])")
PIPELINED = re.compile(r"^\s*#\s*pragma\s+(HLS\s+pipeline\b(?!\s+off)|hls_pipeline_init_interval\b)", re.MULTILINE | re.IGNORECASE)

RULES = {
    "allocation": "memory is allocated or freed",
    "exception": "an exception is raised or caught",
    "libm": "a function of libm is called",
    "floating-point": "floating point at run time",
    "wide-integer": "an integer of more than 64 bits",
    "indirect-call": "a function is called through a pointer",
    "recursion": "the function calls itself",
    "call": "a call is left under a pipelined function",
    "external": "a function of another unit is called",
    "static-initializer": "an object is initialized at run time",
    "loop": "a loop's number of turns is no constant",
    "assembly": "inline assembly",
}
"""What is found, in words."""

FOR_32_BITS = ("-m32", "-std=c++17", "-idirafter", "/usr/include/x86_64-linux-gnu")
"""An HLS compiler's target. The kernel's headers serve both widths but lie in the 64-bit folder of Debian."""

FLAGS = (*FOR_32_BITS, "-O2", "-fno-vectorize", "-fno-slp-vectorize", "-mllvm", "-unroll-runtime=false", "-gline-tables-only", "-fdebug-info-for-profiling", "-Wno-unknown-pragmas")
LONGEST_NAME = 120


@dataclass(frozen=True)
class Finding:
    """One thing that an HLS compiler refuses."""

    rule: str
    """One of RULES."""
    place: Place
    """The line of C++, and the function."""
    called_from: Place | None
    """The line of the top that leads there, where that is another one."""
    detail: str
    """The instruction, or the count of a loop."""

    def __str__(self) -> str:
        through = f", called from {self.called_from.file}:{self.called_from.line}" if self.called_from else ""
        return f"{self.rule}: {self.place}{through}: {RULES[self.rule]}: {self.detail}"


@dataclass
class LintResult:
    name: str
    findings: list[Finding]
    notes: list[str]
    """What was not looked at, and why."""

    @property
    def passed(self) -> bool:
        return not self.findings


def lint(
    what: Path | str, top: str | None = None, include: Sequence[Path | str] = (), define: Sequence[str] = ()
) -> LintResult:
    """Looks for what an HLS compiler refuses in a top function, compiled by clang for a 32-bit target.

    what: a folder that kaon convert wrote, whose top kaon hls would write; or a C++ file with `top`, the name of the function, and what
    it needs to compile: include folders (kaon's headers are found without), macros.
    """
    place = Path(what)
    if place.is_dir() or not place.exists():
        package = open_package(place)
        refuse_float(package, place)
        reached(package, Bambu(), "scalar")
        with tempfile.TemporaryDirectory() as scratch:
            model, texts = sources(package, Bambu(), "scalar")
            for name, text in texts.items():
                (Path(scratch) / name).write_text(text)
            result = lint_file(Path(scratch) / f"{model.name}.cpp", model.name, (), ())
        return replace(result, name=package.name)
    if top is None:
        raise Refused(place, "which function is the top is not said", "give --top NAME")
    return lint_file(place, top, include, define)


def lint_file(source: Path, top: str, include: Sequence[Path | str], define: Sequence[str]) -> LintResult:
    refuse_missing_clang()
    with tempfile.TemporaryDirectory() as scratch, working(f"compiling {source.name} with clang++"):
        ir = Path(scratch) / "top.ll"
        compile_to_ir(source, ir, include, define)
        module = Module(ir.read_text())
        opt = beside_clang("opt")
        counts = loop_counts(ir, opt) if opt else {}
    # Without pipelining, a call becomes a module of its own.
    pipelined = PIPELINED.search(source.read_text(errors="replace")) is not None
    symbol = symbol_of(module, top)
    if symbol is None:
        raise Refused(source, f"it has no function {top!r}, or several", f"give one of {', '.join(own_functions(module)) or 'those that it defines'}")
    findings = list(everything(module, symbol, pipelined, counts))
    notes = [] if opt else ["loops: no opt beside clang++ (Debian: llvm)"]
    return LintResult(source.name, in_words(findings, [source.parent, include_directory()]), notes)


def symbol_of(module: Module, top: str) -> str | None:
    """Returns the symbol of a function that C++ calls `top`; None where there is none, or several."""
    if top in module.functions:
        return top
    found = [symbol for symbol, name in demangled(module.functions).items() if name.partition("(")[0] == top]
    return found[0] if len(found) == 1 else None


def own_functions(module: Module) -> list[str]:
    """Returns the names of functions, without arguments, that a unit defines."""
    names = {name.partition("(")[0] for name in demangled(module.functions).values()}
    return sorted(name for name in names if re.fullmatch(r"[A-Za-z]\w*(::\w+)*", name))


def refuse_missing_clang() -> None:
    if shutil.which("clang++") is None:
        raise Failed("clang++", "it is not on PATH", "install clang")
    test = "#include <cerrno>\n#include <cstdint>\n#include <tuple>\n"
    command = ["clang++", *FOR_32_BITS, "-fsyntax-only", "-x", "c++", "-"]
    if subprocess.run(command, input=test, capture_output=True, text=True, check=False).returncode != 0:
        raise Failed("clang++", "it finds no 32-bit headers", "install them (Debian: lib32stdc++-12-dev libc6-dev-i386)")


def beside_clang(program: str) -> str | None:
    """Returns a program of clang's own LLVM: what another version wrote it may not read."""
    beside = Path(shutil.which("clang++") or "").resolve().with_name(program)
    return str(beside) if beside.is_file() else shutil.which(program)


def compile_to_ir(source: Path, ir: Path, include: Sequence[Path | str], define: Sequence[str]) -> None:
    folders = [f"-I{folder}" for folder in (*include, include_directory())]
    command = ["clang++", *FLAGS, *folders, *(f"-D{macro}" for macro in define), "-S", "-emit-llvm", "-o", str(ir), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Refused(source, f"it does not compile: {first_error(done.stderr)}", "give what it needs: -I FOLDER, -D MACRO")


def everything(module: Module, top: str, pipelined: bool, counts: dict[tuple[str, str], str]) -> Iterator[Finding]:
    for function in module.reached(top):
        yield from in_function(module, function, pipelined)
        yield from loops(module, function, counts)
    yield from static_initializers(module)


def in_function(module: Module, function: Function, pipelined: bool) -> Iterator[Finding]:
    start = module.place_of(function)
    if module.is_recursive(function):
        yield Finding("recursion", start, None, function.name)
    for rule in rules_of_types(function.signature):
        yield Finding(rule, start, None, function.signature)
    for instruction in function.body:
        for rule in rules_of(module, instruction, pipelined):
            yield found(module, rule, function, instruction.location, instruction.text)


def rules_of(module: Module, instruction: Instruction, pipelined: bool) -> Iterator[str]:
    text = instruction.text
    if re.search(r"\b(invoke|landingpad|resume)\b", text):
        yield "exception"
    yield from rules_of_types(text)
    if re.search(r"\bcall\b.* asm ", text):
        yield "assembly"
    elif match := CALL.search(text):
        if match[2]:
            yield "indirect-call"
        elif rule := rule_of_call(match[1].strip('"'), module, pipelined):
            yield rule


def rules_of_types(text: str) -> Iterator[str]:
    if FLOAT.search(text):
        yield "floating-point"
    if any(int(bits) > 64 for bits in INTEGER.findall(text)):
        yield "wide-integer"


def rule_of_call(name: str, module: Module, pipelined: bool) -> str | None:
    for rule, pattern in (("allocation", ALLOCATION), ("exception", EXCEPTION), ("libm", LIBM)):
        if pattern.match(name):
            return rule
    if name.startswith("llvm."):
        return None
    if name not in module.functions:
        return "external"
    return "call" if pipelined else None


def loops(module: Module, function: Function, counts: dict[tuple[str, str], str]) -> Iterator[Finding]:
    for (name, block), count in counts.items():
        if name == function.name and not re.fullmatch(r"(at most )?\d+", count):
            location = next((i.location for i in function.body if i.block == block and i.location), function.subprogram)
            yield found(module, "loop", function, location, f"it is repeated {count} times" if count != "unknown" else "nothing is known of it")


def static_initializers(module: Module) -> Iterator[Finding]:
    for line in module.lines:
        if line.startswith("@llvm.global_ctors"):
            for name in re.findall(r"@([\w.$]+), i8\*", line) or re.findall(r"void \(\)\* @([\w.$]+)", line):
                yield static_initializer(module, name)
        elif match := re.match(r"@(_ZGV[\w.$]+) =", line):
            user = ((f, i) for f in module.functions.values() for i in f.body if f"@{match[1]}" in i.text)
            function, instruction = next(user, (None, None))
            if function is not None and instruction is not None:
                yield found(module, "static-initializer", function, instruction.location, match[1])


def static_initializer(module: Module, name: str) -> Finding:
    function = module.functions.get(name)
    if function is None:
        return Finding("static-initializer", Place("?", 0, name), None, name)
    stored = next((m[1] for i in function.body if (m := re.search(r"\bstore .*@([\w.$]+)", i.text))), name)
    location = next((i.location for i in function.body if i.location and module.places(i.location)[0].line > 0), None)
    return found(module, "static-initializer", function, location, stored)


def found(module: Module, rule: str, function: Function, location: str | None, detail: str) -> Finding:
    """Returns a finding at an instruction's line; what led there is the outermost line that was inlined."""
    places = module.places(location) or [module.place_of(function)]
    called_from = places[-1] if len(places) > 1 and places[-1].line > 0 else None
    return Finding(rule, places[0], called_from, detail)


def in_words(findings: Iterable[Finding], folders: Sequence[Path]) -> list[Finding]:
    """Returns findings with names as C++ has them, once for each rule and line."""
    distinct = {(f.rule, f.place.file, f.place.line): f for f in reversed(list(findings))}
    ordered = list(reversed(distinct.values()))
    symbol = re.compile(r"\b_Z\w+")
    names = demangled([*(f.place.function for f in ordered), *(s for f in ordered for s in symbol.findall(f.detail))])

    def readable(text: str) -> str:
        return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 3]}..."

    return [
        replace(
            f,
            place=replace(f.place, file=shortened(f.place.file, folders), function=readable(names.get(f.place.function, f.place.function))),
            called_from=f.called_from and replace(f.called_from, file=shortened(f.called_from.file, folders)),
            detail=readable(symbol.sub(lambda m: names.get(m[0], m[0]), f.detail)),
        )
        for f in ordered
    ]


def shortened(file: str, folders: Iterable[Path]) -> str:
    """Returns a file by its path in one of some folders, where it lies there."""
    path = Path(os.path.normpath(file))
    inside = next((folder for folder in folders if folder.absolute() in path.parents), None)
    return str(path if inside is None else path.relative_to(inside.absolute()))
