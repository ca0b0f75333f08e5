"""Reading trained models: the format is recognised by what a file contains, never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kaon.error import Refused
from kaon.graph import Graph

MAXIMUM_BYTES = 1 << 31

REMEDY = "give an ONNX file or a Keras 3 .keras file"


@dataclass
class Source:
    """A model file that was read. kind: 'onnx' or 'keras'; data: the file's bytes."""

    kind: str
    data: bytes
    graph: Graph


def read(path: Path) -> Source:
    """Reads a model file into a graph, before any pass. Refuses what is not a model in one of the known formats."""
    data = read_bytes(path)
    kind = recognise(path.name, data)
    return Source(kind, data, importer(kind)(path.name, data))


def read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Refused(path, "it is a folder", REMEDY)
        if path.exists() and not path.is_file():
            raise Refused(path, "it is no regular file", REMEDY)
        if path.stat().st_size > MAXIMUM_BYTES:
            raise Refused(path, f"it has {path.stat().st_size} bytes", f"give a file of at most {MAXIMUM_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise Refused(path, error.strerror or "cannot be read", "give the path of a file that can be read") from error


def recognise(place: str, data: bytes) -> str:
    """Returns the format's name. Refuses what cannot be one of them, by name where it is known."""
    if not data:
        raise Refused(place, "the file is empty", REMEDY)
    if data[:4] == b"PK\x03\x04":
        return "keras"
    known = (
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file (a Keras 2 model, or weights alone)", "save the model as .keras with Keras 3"),
        (b"\x80", "a Python pickle, which can run any code when opened", REMEDY),
        (b"{", "JSON, not a trained model with its weights", REMEDY),
        (b"<?xml", "XML", REMEDY),
        (b"PK", "a damaged zip archive", "copy or save the .keras file again"),
    )
    for magic, what, remedy in known:
        if data.startswith(magic):
            raise Refused(place, f"the file is {what}", remedy)
    return "onnx"  # protobuf has no magic bytes: its importer refuses what does not parse


def importer(kind: str) -> Callable[[str, bytes], Graph]:
    """Returns the function (place, bytes) -> Graph that reads a format."""
    if kind == "onnx":
        from kaon.importers.onnx import read_onnx

        return read_onnx
    from kaon.importers.keras import read_keras

    return read_keras
