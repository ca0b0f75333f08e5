"""Compiling: $CXX or g++, into a cache keyed by everything that the result depends on."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from kaon.error import Failed
from kaon.native.include import include_directory
from kaon.package import Package
from kaon.progress import working

FLAGS = ("-std=c++17", "-O2", "-march=native", "-fPIC", "-shared", "-fvisibility=hidden")
WEIGHT_FILE_READER = Path("kaon") / "io" / "safetensors.hpp"
DRIVER = Path(__file__).with_name("driver.cpp")


def compiler() -> list[str]:
    """Returns the compiler's command: $CXX (which may hold arguments), or g++."""
    return shlex.split(os.environ.get("CXX", "")) or ["g++"]


def compile_model(package: Package, from_file: bool) -> Path:
    """Returns the shared library of a model, compiled now or taken from the cache. Raises Failed where that fails."""
    include = include_directory()
    if from_file and not (include / WEIGHT_FILE_READER).is_file():
        raise Failed(include / WEIGHT_FILE_READER, "no such header", "run with --weights constant, or install the whole library")
    command = [*compiler(), *FLAGS, *shlex.split(os.environ.get("CXXFLAGS", ""))]
    parts = package.file("header").read_bytes(), DRIVER.read_bytes(), repr((from_file, package.name)).encode()
    folder = cache_directory() / key(include, command, *parts)
    library = folder / f"{package.name}.so"
    if library.is_file():
        return library
    header = package.file("header").resolve()
    defines = [f'-DKAON_HEADER="{header.name}"', f"-DKAON_MODEL={package.name}", f"-DKAON_FROM_FILE={int(from_file)}"]
    temporary = folder / f".{package.name}.{os.getpid()}.so"
    make_folder(folder)
    try:
        with working(f"compiling {package.name} with {command[0]}"):
            command += [*defines, "-I", str(include), "-I", str(header.parent), str(DRIVER), "-o", str(temporary)]
            result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if result.returncode != 0:
            log = folder / "compile.log"
            log.write_text(f"{shlex.join(command)}\n{result.stderr}")
            raise Failed(command[0], first_error(result.stderr), f"see {log}")
        os.replace(temporary, library)
    except OSError as error:
        raise Failed(command[0], error.strerror or error, "install g++, or set CXX to a C++17 compiler") from error
    finally:
        temporary.unlink(missing_ok=True)
    return library


def first_error(text: str) -> str:
    lines = text.splitlines()
    return next((line for line in lines if "error:" in line), lines[0] if lines else "failed without a message")


def make_folder(folder: Path) -> None:
    """Makes a folder of the cache and those above it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(folder, error.strerror or error, "set XDG_CACHE_HOME to a folder that can be written") from error


def cache_directory() -> Path:
    """Returns the user's cache folder for compiled models."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kaon" / "build"


def key(include: Path, command: list[str], *parts: bytes) -> str:
    """Returns a hash of the library's headers, the compiler, its flags, the processor and the other parts of a program."""
    digest = hashlib.sha256()
    machine = headers_hash(include / "kaon"), processor(), compiler_version(tuple(compiler())), repr(command).encode()
    for part in (*parts, *machine):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:32]


def headers_hash(folder: Path) -> bytes:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.hpp")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


@lru_cache
def compiler_version(command: tuple[str, ...]) -> bytes:
    try:
        return subprocess.run([*command, "--version"], capture_output=True, check=False).stdout
    except OSError as error:
        raise Failed(command[0], error.strerror or error, "install g++, or set CXX to a C++17 compiler") from error


def processor() -> bytes:
    """Returns what -march=native depends on: the processor's features."""
    try:
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
    except OSError:
        return sys.platform.encode()
    return b"\n".join(line for line in lines if line.startswith((b"flags", b"Features", b"model name")))[:4096]
