"""Datasets of an HDF5 file that is not trusted: read by a child process, so that a damaged file cannot take kaon down.

The HDF5 library is known to crash on damaged files, and to run for ever. Run as a program, this module reads the file named by
its first argument and writes the datasets named by the others to its standard output, as one .npz archive; with the argument
--legacy, all that a whole model's file of Keras 1 or 2 has. On refusal it writes one line of JSON, [place, cause], to standard
error and exits with 2.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import numpy as np

from kaon.error import Refused

MAXIMUM_ELEMENTS = 1 << 28
MAXIMUM_PIECES = 1000
TIME_LIMIT_S = 60
MEMORY_LIMIT = 8 << 30


def read_datasets(place: str, data: bytes, paths: list[str]) -> dict[str, np.ndarray]:
    """Returns the float32 datasets at `paths` inside an HDF5 file given as bytes. Refuses what is missing or damaged."""
    if not paths:
        return {}
    arrays = run_child(place, data, paths)
    return {path: arrays[str(i)] for i, path in enumerate(paths)}


@dataclass
class Legacy:
    """What an HDF5 file of Keras holds. config: the architecture's JSON, None where the file has weights alone; layers: for each layer the
    names and numbers of its weights, in order; has_groups: whether the weights lie in the groups of Keras 3 instead; version: of the
    Keras that wrote it, empty where the file does not say."""

    config: str | None
    layers: dict[str, list[tuple[str, np.ndarray]]]
    has_groups: bool
    version: str


def read_legacy(place: str, data: bytes) -> Legacy:
    """Reads a file of `model.save("x.h5")` or `model.save_weights("x.h5")`."""
    arrays = run_child(place, data, ["--legacy"])
    index = json.loads(bytes(arrays["index"]).decode())
    layers = {layer: [(name, arrays[str(number)]) for name, number in weights] for layer, weights in index["layers"]}
    return Legacy(index["config"], layers, index["has_groups"], index["version"])


def run_child(place: str, data: bytes, arguments: list[str]) -> dict[str, np.ndarray]:
    with tempfile.NamedTemporaryFile(suffix=".h5") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "kaon.importers.hdf5", file.name, *arguments]
        try:
            child = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Refused(place, "reading the HDF5 file does not end", "copy or save the file again") from error
    if child.returncode != 0:
        raise refusal(place, child.stderr)
    with np.load(io.BytesIO(child.stdout), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def refusal(place: str, report: bytes) -> Refused:
    try:
        inner, cause = json.loads(report.decode().splitlines()[-1])
        return Refused(f"{place}: {inner}" if inner else place, cause, "copy or save the file again")
    except (ValueError, IndexError):
        return Refused(place, "the HDF5 file is damaged", "copy or save the file again")


class Unreadable(Exception):
    """Arguments: the path inside the file, and the cause."""


def dataset(file, path: str, integers: bool = False) -> np.ndarray:
    """Returns one dataset; follows no link out of the file and checks size and type before reading.

    integers: whether a counter, which some layers have beside their weights, may be read too.
    """
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
    counter = integers and node.dtype.kind in "iu" and node.size == 1
    if node.dtype != np.dtype("<f4") and not counter:
        raise Unreadable(path, f"its type is {node.dtype}, not float32")
    if (not 1 <= node.ndim <= (5 if integers else 2) and not counter) or node.size > MAXIMUM_ELEMENTS:
        raise Unreadable(path, f"its shape is {node.shape}")
    if node.chunks is None and node.id.get_storage_size() != node.dtype.itemsize * node.size:
        raise Unreadable(path, f"its shape is {node.shape}, but the file holds {node.id.get_storage_size()} bytes of it")
    return node[()]


def texts(group, name: str) -> list[str]:
    """Returns an attribute that is a list of names, which Keras cuts in pieces where it is long."""
    values = list(group.attrs[name]) if name in group.attrs else []
    for piece in range(MAXIMUM_PIECES):
        if f"{name}{piece}" not in group.attrs:
            break
        values += list(group.attrs[f"{name}{piece}"])
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def legacy(file) -> dict[str, np.ndarray]:
    """Returns the arrays of the answer to --legacy; `index` says what they are."""
    config, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
    root = file["model_weights"] if "model_weights" in file else file
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for layer in texts(root, "layer_names"):
        weights = []
        for name in texts(root[layer], "weight_names"):
            tensor = dataset(root, f"{layer}/{name}", integers=True)
            weights.append((name, len(arrays)))
            arrays[str(len(arrays))] = tensor
        layers.append((layer, weights))
    text = config.decode() if isinstance(config, bytes) else config
    version = version.decode(errors="replace") if isinstance(version, bytes) else str(version)
    index = {"config": text, "layers": layers, "version": version, "has_groups": "layer_names" not in root.attrs and "layers" in file}
    arrays["index"] = np.frombuffer(json.dumps(index).encode(), np.uint8)
    return arrays


def main(arguments: list[str]) -> int:
    import h5py

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    arrays: dict[str, np.ndarray] = {}
    try:
        with h5py.File(arguments[0], "r") as file:
            if arguments[1:] == ["--legacy"]:
                arrays = legacy(file)
            else:
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
