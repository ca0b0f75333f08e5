"""Keras 3 `.keras` files: a zip archive of config.json (layers) and model.weights.h5 (numbers)."""

from __future__ import annotations

import io
import zipfile
import zlib

from kaon.error import Refused
from kaon.fields import parse
from kaon.graph import Graph
from kaon.importers.keras.architecture import calls_of
from kaon.importers.keras.layers import build
from kaon.importers.keras.weights import from_groups

MAXIMUM_JSON = 1 << 26
MAXIMUM_WEIGHTS = 1 << 31


def read_keras(place: str, data: bytes) -> Graph:
    """Reads the bytes of a .keras file. place: what messages call it. Refuses everything that is not understood."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            config = parse(f"{place}: config.json", member(place, archive, "config.json", MAXIMUM_JSON))
            metadata = parse(f"{place}: metadata.json", optional_member(place, archive, "metadata.json"))
            weights = member(place, archive, "model.weights.h5", MAXIMUM_WEIGHTS)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(place, f"the zip archive is damaged ({error})", "copy or save the file again") from error
    model = calls_of(config)
    tensors = from_groups(f"{place}: model.weights.h5", weights, model)
    # The format came with Keras 2.12, which says so.
    version = metadata["keras_version"].text() if metadata.has("keras_version") else "3"
    return build(place, config, model, tensors, metadata, version)


def member(place: str, archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Returns a file of the archive (zipfile checks its CRC). Refuses one that would unpack beyond `limit` bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise Refused(place, f"the zip archive has no {name}", "give a .keras file of Keras 3") from error
    if info.file_size > limit:
        raise Refused(f"{place}: {name}", f"it unpacks to {info.file_size} bytes", f"at most {limit}")
    with archive.open(info) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise Refused(f"{place}: {name}", "it unpacks beyond its stated size", f"at most {limit} bytes")
    return content


def optional_member(place: str, archive: zipfile.ZipFile, name: str) -> bytes:
    return member(place, archive, name, MAXIMUM_JSON) if name in archive.namelist() else b"{}"
