"""Reading trained models: the format is recognised by what a file contains, never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kaon.error import Refused
from kaon.graph import Graph

MAXIMUM_BYTES = 1 << 31
HDF5 = b"\x89HDF\r\n\x1a\n"

REMEDY = "give an ONNX file, a Keras model (.keras, .h5, or .json with its weights), or a forest of XGBoost, LightGBM (text, JSON), CatBoost (JSON), TMVA (XML) or conifer (JSON)"


@dataclass
class Source:
    """A model file that was read. kind: 'onnx', 'keras', 'h5', 'json', or a forest's trainer, one of trees.FORMATS; data: the file's bytes; weights: those of a .json's weights."""

    kind: str
    data: bytes
    graph: Graph
    weights: bytes | None = None
    configuration: bytes | None = None
    """Of hls4ml, whose types the graph has."""
    ignored: list[str] | None = None
    """What of the configuration has no effect on what is computed."""


def read(path: Path, weights: Path | None = None) -> Source:
    """Reads a model file into a graph, before any pass. Refuses what is not a model in one of the known formats.

    weights: of an architecture in JSON; by default the one file beside it that is named like it.
    """
    data = read_bytes(path)
    kind = recognise(path.name, data)
    if kind == "json":
        from kaon.importers.keras import read_architecture

        beside = weights if weights is not None else weights_beside(path)
        stored = read_bytes(beside)
        if not stored.startswith(HDF5):
            raise Refused(beside, "it is no HDF5 file", "give what model.save_weights() wrote")
        return Source(kind, data, read_architecture(path.name, data, beside.name, stored), stored)
    if weights is not None:
        raise Refused(f"--weights {weights}", f"{path.name} holds its own weights", "leave the option out")
    if kind == "onnx":
        from kaon.importers.onnx import read_onnx, with_numbers_inside

        graph = read_onnx(path.name, data, path.parent)
        return Source(kind, with_numbers_inside(path.name, data, path.parent), graph)
    return Source(kind, data, importer(kind)(path.name, data))


def configure(source: Source, path: Path) -> None:
    """Gives a Keras model the types of hls4ml's configuration for it (YAML)."""
    if source.kind not in ("keras", "h5", "json"):
        raise Refused(f"--hls4ml {path}", f"the model is {source.kind}", "give a Keras model; QONNX files hold their types")
    from kaon.importers.hls4ml import configure as give_types
    from kaon.importers.hls4ml_config import Configuration

    data = read_bytes(path)
    config = Configuration(path.name, data)
    give_types(source.graph, config)
    source.configuration, source.ignored = data, config.ignored


def weights_beside(path: Path) -> Path:
    """Returns the weights of an architecture: X.weights.h5, X_weights.h5, X.h5, X.hdf5 or weights.h5 beside X.json."""
    stem = path.with_suffix("").name
    names = [f"{stem}.weights.h5", f"{stem}_weights.h5", f"{stem}.h5", f"{stem}.hdf5", "weights.h5"]
    found = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    if len(found) != 1:
        cause = "no weights beside it" if not found else f"{len(found)} files beside it may be its weights"
        raise Refused(path, cause, f"name them with --weights (looked for {', '.join(names)})")
    return found[0]


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
    from kaon.importers.trees import KNOWN, trainer

    if not data:
        raise Refused(place, "the file is empty", REMEDY)
    if data[:4] == b"PK\x03\x04":
        return "keras"
    if data.startswith(HDF5):
        return "h5"
    forest = trainer(data)
    if forest is not None:
        return forest
    if data.lstrip()[:1] == b"{":
        return "json"
    known = (
        *KNOWN,
        (b"\x80", "a Python pickle, which can run any code when opened", REMEDY),
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
    from kaon.importers.trees import FORMATS

    if kind in FORMATS:
        return FORMATS[kind][1]
    from kaon.importers.keras import read_hdf5, read_keras

    return read_hdf5 if kind == "h5" else read_keras
