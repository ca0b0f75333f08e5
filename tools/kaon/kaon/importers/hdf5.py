"""Datasets of an HDF5 file that is not trusted: read by a child process, so that a damaged file cannot take kaon down.

The HDF5 library is known to crash on damaged files. Run as a program, this module reads the file named by its first
argument and writes the datasets named by the others to its standard output, as one .npz archive; on refusal it writes
one line of JSON, [place, cause], to standard error and exits with 2.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile

import numpy as np

from kaon.error import Refused

MAXIMUM_ELEMENTS = 1 << 28
TIME_LIMIT_S = 120
MEMORY_LIMIT = 8 << 30


def read_datasets(place: str, data: bytes, paths: list[str]) -> dict[str, np.ndarray]:
    """Returns the float32 datasets at `paths` inside an HDF5 file given as bytes. Refuses what is missing or damaged."""
    if not paths:
        return {}
    with tempfile.NamedTemporaryFile(suffix=".h5") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "kaon.importers.hdf5", file.name, *paths]
        try:
            child = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Refused(place, "reading the HDF5 file does not end", "copy or save the file again") from error
    if child.returncode != 0:
        raise refusal(place, child.stderr)
    with np.load(io.BytesIO(child.stdout), allow_pickle=False) as arrays:
        return {path: arrays[str(i)] for i, path in enumerate(paths)}


def refusal(place: str, report: bytes) -> Refused:
    try:
        inner, cause = json.loads(report.decode().splitlines()[-1])
        return Refused(f"{place}: {inner}" if inner else place, cause, "copy or save the file again")
    except (ValueError, IndexError):
        return Refused(place, "the HDF5 file is damaged", "copy or save the file again")


class Unreadable(Exception):
    """Arguments: the path inside the file, and the cause."""


def dataset(file, path: str) -> np.ndarray:
    """Returns one dataset; follows no link out of the file and checks size and type before reading."""
    import h5py

    node = file
    parts = path.split("/")
    for depth, part in enumerate(parts):
        inner = "/".join(parts[: depth + 1])
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) else None
        if link is None:
            raise Unreadable(inner, "it is missing")
        if not isinstance(link, h5py.HardLink):
            raise Unreadable(inner, "it is a link to elsewhere")
        node = node[part]
    if not isinstance(node, h5py.Dataset):
        raise Unreadable(path, "it is not a dataset")
    if node.external or node.is_virtual:
        raise Unreadable(path, "its numbers are in another file")
    if node.dtype != np.dtype("<f4"):
        raise Unreadable(path, f"its type is {node.dtype}, not float32")
    if not 1 <= node.ndim <= 2 or node.size > MAXIMUM_ELEMENTS:
        raise Unreadable(path, f"its shape is {node.shape}")
    if node.chunks is None and node.id.get_storage_size() != 4 * node.size:
        raise Unreadable(path, f"its shape is {node.shape}, but the file holds {node.id.get_storage_size()} bytes of it")
    return node[()]


def main(arguments: list[str]) -> int:
    import h5py

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    arrays: dict[str, np.ndarray] = {}
    try:
        with h5py.File(arguments[0], "r") as file:
            for index, path in enumerate(arguments[1:]):
                arrays[str(index)] = dataset(file, path)
    except Unreadable as error:
        print(json.dumps(error.args), file=sys.stderr)
        return 2
    except Exception as error:  # whatever h5py raises on damaged files: a list of it would be as long as its source
        print(json.dumps(["", f"the HDF5 file is damaged ({error})"]), file=sys.stderr)
        return 2
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    sys.stdout.buffer.write(buffer.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
