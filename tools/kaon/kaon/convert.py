"""kaon convert: a trained model becomes a C++ header, a weight file, a manifest and golden vectors."""

from __future__ import annotations

from pathlib import Path

from kaon import importers, passes
from kaon.arrays import npz_bytes
from kaon.error import Refused
from kaon.golden import golden
from kaon.header import header
from kaon.manifest import manifest, network_hash, sha256
from kaon.names import is_model_name, model_name
from kaon.package import Package, open_package, refuse_foreign, write_package
from kaon.weights import weight_file


def convert(model: Path | str, output: Path | str | None = None, name: str | None = None) -> Package:
    """Converts a trained model (ONNX, or Keras 3 `.keras`) into a folder and opens it.

    model: the file; output: the folder, by default ./NAME; name: the C++ namespace and the stem of the files, by default
    made from the file's name. Raises kaon.Refused for what cannot be converted; nothing is written then.
    """
    path = Path(model)
    if name is not None and not is_model_name(name):
        raise Refused(f"--name {name}", "it cannot name a C++ namespace", "use letters, digits and single underscores, no keyword")
    name = name or model_name(path.stem)
    directory = Path(output) if output is not None else Path(name)
    refuse_foreign(directory)
    source = importers.read(path)
    graph = source.graph
    passes.run(graph)
    digest = sha256(source.data)
    files = {
        "header": (f"{name}.hpp", header(name, graph, path.name, digest).encode()),
        "weights": (f"{name}.safetensors", weight_file(graph, network_hash(graph))),
        "golden": (f"{name}.golden.npz", npz_bytes(golden(graph))),
        "source": (f"{name}.source.{source.kind}", source.data),
    }
    about = {"file": path.name, "kind": source.kind, "sha256": digest}
    content = {file: data for file, data in files.values()}
    content[f"{name}.json"] = manifest(name, graph, about, files).encode()
    write_package(directory, content)
    return open_package(directory)
