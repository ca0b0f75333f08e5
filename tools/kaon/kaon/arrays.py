"""Arrays in .npy and .npz files, written the same way to the last bit each time, read without trusting them."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kaon.error import Failed, Refused


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Returns an .npz archive. Unlike numpy.savez it carries no time of day and takes any array name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), content.getvalue())
    return buffer.getvalue()


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Returns the arrays of an .npz file by name, or the one of an .npy file under the name ''."""
    if path.exists() and not path.is_file():
        raise Refused(path, "it is no regular file", "give an .npy or .npz file")
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"": loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise Refused(path, "no such file", "give an .npy or .npz file") from error
    except Exception as error:  # numpy, zipfile and zlib raise many kinds on damaged files
        raise Refused(path, f"it cannot be read as .npy or .npz ({error})", "write it with numpy.save or numpy.savez") from error


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it appears whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        raise Failed(path, error.strerror or "cannot be written", "give a path in a folder that exists and can be written") from error
    finally:
        temporary.unlink(missing_ok=True)
