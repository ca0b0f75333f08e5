"""Numbers of an ONNX file that are no float32, or lie in another file."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from onnx import TensorProto

from kaon.error import Refused

BYTES = {TensorProto.FLOAT: 4, TensorProto.DOUBLE: 8, TensorProto.FLOAT16: 2, TensorProto.BFLOAT16: 2}
"""Types of weights that are read, with the bytes of a number."""

MAXIMUM_EXTERNAL = 1 << 31
REMEDY = "keep the files that were exported together in one folder"


def is_external(tensor: TensorProto) -> bool:
    return tensor.data_location == TensorProto.EXTERNAL or bool(tensor.external_data)


def external_bytes(place: str, tensor: TensorProto, folder: Path) -> bytes:
    """Returns the bytes of a tensor from the file that it names: a regular file below `folder`, reached through no link."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    path = PurePosixPath(location)
    if not location or path.is_absolute() or ".." in path.parts or "\\" in location or "\0" in location:
        raise Refused(place, f"its numbers are at {location[:100]!r}, which is no place below the model's folder", REMEDY)
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
    except ValueError:
        offset, length = -1, -1
    if offset < 0 or length < -1 or length > MAXIMUM_EXTERNAL:
        raise Refused(place, "offset or length of its numbers is no size", "export the model again")
    try:
        return read_below(folder, path, offset, length)
    except ValueError as error:
        raise Refused(place, f"{location[:100]!r} {error}", REMEDY) from error
    except OSError as error:
        raise Refused(place, f"{location[:100]!r}: {error.strerror or 'cannot be read'}", REMEDY) from error


def read_below(folder: Path, path: PurePosixPath, offset: int, length: int) -> bytes:
    inner = folder
    for part in path.parts:
        inner = inner / part
        if inner.is_symlink():
            raise ValueError("is a link")
    handle = os.open(inner, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is no regular file")
        length = status.st_size - offset if length == -1 else length
        if length < 0 or offset + length > status.st_size or length > MAXIMUM_EXTERNAL:
            raise ValueError(f"has {status.st_size} bytes, not {length} from {offset} on")
        file.seek(offset)
        return file.read(length)


def wide_or_half(kind: int, data: bytes | None, fields: Sequence[float] | Sequence[int]) -> np.ndarray:
    """Returns numbers of another type than float32 as float64. data: as raw bytes; else fields: 16-bit types as integers of their bits."""
    if kind == TensorProto.DOUBLE:
        return np.asarray(fields, np.float64) if data is None else np.frombuffer(data, "<f8").astype(np.float64)
    bits = np.asarray(fields, np.int64).astype(np.uint16) if data is None else np.frombuffer(data, "<u2")
    if kind == TensorProto.FLOAT16:
        return bits.astype("<u2").view("<f2").astype(np.float64)
    return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
