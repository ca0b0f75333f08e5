"""kaon convert: a trained model becomes a C++ header, a weight file, a manifest and golden vectors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kaon import importers, passes
from kaon.arrays import npz_bytes
from kaon.error import Refused, one_line
from kaon.evaluate import evaluate
from kaon.forest import categories_of, features_asked
from kaon.graph import Graph
from kaon.golden import GOLDEN_ROWS, golden
from kaon.header import header
from kaon.importers.trees.boosters import saved, trainer_of
from kaon.manifest import manifest, network_hash, sha256
from kaon.names import is_model_name, model_name
from kaon.package import Package, open_package, refuse_foreign, write_package
from kaon.progress import working
from kaon.weights import weight_file


SUFFIXES = {"json": "architecture", "sklearn": "estimator"}
"""Of the source's copy: the manifest is the only .json of a folder."""

SCALARS = ("float", "double")
"""In which a model without fixed-point types computes."""

DIFFERENCE = {"float": 1e-5, "double": 1e-10}
"""Between an estimator and the graph made of it, relative to the largest value, by scalar."""


def convert(
    model: Any,
    output: Path | str | None = None,
    name: str | None = None,
    weights: Path | str | None = None,
    method: str | None = None,
    hls4ml: Path | str | None = None,
    scalar: str = "float",
) -> Package:
    """Converts a trained model into a folder and opens it.

    model: a file (ONNX; Keras `.keras`, `.h5`, or `.json` with its weights; a forest), a fitted estimator or pipeline of scikit-learn, or
    a fitted model of XGBoost, LightGBM or CatBoost; output:
    the folder, by default ./NAME; name: the C++ namespace and the stem of the files, by default made from the file's name or the
    estimator's class; weights: the file of an architecture in JSON; method: what an estimator is to compute, such as
    'predict_proba'; hls4ml: a configuration of hls4ml (YAML) for a Keras model, whose types the model then computes with; scalar: 'float', or 'double' for features, thresholds, weights and
    sums of float64. Raises kaon.Refused for what cannot be converted; nothing is written then.
    """
    if name is not None and not is_model_name(name):
        raise Refused(f"--name {name}", "it cannot name a C++ namespace", "use letters, digits and single underscores, no keyword")
    if scalar not in SCALARS:
        raise Refused(f"--scalar {scalar}", "no such scalar", f"give {' or '.join(SCALARS)}")
    if not isinstance(model, (str, Path)):
        if hls4ml is not None:
            raise Refused(f"hls4ml {str(hls4ml)!r}", "an estimator has no layers of Keras's", "give a Keras model")
        if trainer_of(model) is not None:
            return convert_booster(model, output, name, method, scalar)
        return convert_estimator(model, output, name, method, scalar)
    if method is not None:
        raise Refused(f"method {method!r}", "a file computes what it computes", "leave it out")
    path = Path(model)
    name = name or model_name(path.stem)
    directory = Path(output) if output is not None else Path(name)
    refuse_foreign(directory)
    with working(f"converting {one_line(path.name)}", steps=4) as done:
        source = importers.read(path, None if weights is None else Path(weights))
        if hls4ml is not None:
            importers.configure(source, Path(hls4ml))
        done(1)
        passes.run(source.graph, scalar)
        done(2)
        arrays = golden(source.graph)
        done(3)
        return write(directory, name, path.name, source, arrays)


def convert_booster(model: Any, output: Path | str | None, name: str | None, method: str | None, scalar: str) -> Package:
    """Converts a live model of XGBoost, LightGBM or CatBoost: what it saves is the source."""
    kind = type(model).__name__
    if method is not None:
        raise Refused(f"method {method!r}", f"a {kind} gives what its objective says", "leave it out")
    name = name or model_name(kind)
    directory = Path(output) if output is not None else Path(name)
    refuse_foreign(directory)
    data, trainer = saved(model), str(trainer_of(model))
    source = importers.Source(trainer, data, importers.importer(trainer)(kind, data))
    passes.run(source.graph, scalar)
    return write(directory, name, kind, source, golden(source.graph))


def convert_estimator(estimator: Any, output: Path | str | None, name: str | None, method: str | None, scalar: str) -> Package:
    """Converts a fitted object of scikit-learn. The golden outputs are its own."""
    from kaon.importers.sklearn import SUPPORTED, read_estimator

    kind = type(estimator).__name__
    if not hasattr(estimator, "get_params") or not type(estimator).__module__.startswith("sklearn."):
        raise Refused(kind, "it is neither a file nor a fitted model that is known", f"supported: models of XGBoost, LightGBM and CatBoost; of scikit-learn {', '.join(SUPPORTED)}")
    name = name or model_name(kind)
    directory = Path(output) if output is not None else Path(name)
    refuse_foreign(directory)
    graph, method, about = read_estimator(estimator, method)
    passes.run(graph, scalar)
    arrays = golden(graph)
    whole_categories(graph, arrays)
    own = np.asarray(getattr(estimator, method)(arrays["input/features"].astype(np.float64)), np.float64).reshape(GOLDEN_ROWS, -1)
    made = arrays["output/result"]
    if own.shape != made.shape or np.abs(own - made).max() > DIFFERENCE[scalar] * max(1.0, np.abs(own).max()):
        raise Refused(kind, f"its {method} is not what its numbers give", "report it, with the estimator's parameters")
    arrays["output/result"] = own
    return write(directory, name, f"{kind}.{method}", importers.Source("sklearn", about, graph), arrays)


def whole_categories(graph: Graph, arrays: dict[str, np.ndarray]) -> None:
    """Makes golden events have whole numbers as categories: to scikit-learn 2.5 is none, here it is 2, as other trainers have it."""
    events = arrays["input/features"]
    for node in graph.nodes:
        if node.kind == "forest":
            chosen = [feature for feature in features_asked(node) if len(categories_of(node, feature))]
            events[:, chosen] = np.trunc(events[:, chosen])
    arrays["output/result"] = evaluate(graph, {"features": events})["result"]


def write(directory: Path, name: str, source_name: str, source: importers.Source, arrays: Mapping[str, np.ndarray]) -> Package:
    """Writes the folder of a graph that went through the passes."""
    graph = source.graph
    digest = sha256(source.data)
    files = {
        "header": (f"{name}.hpp", header(name, graph, source_name, digest).encode()),
        "weights": (f"{name}.safetensors", weight_file(graph, network_hash(graph))),
        "golden": (f"{name}.golden.npz", npz_bytes(arrays)),
        "source": (f"{name}.source.{SUFFIXES.get(source.kind, source.kind)}", source.data),
    }
    if source.weights is not None:
        files["source_weights"] = (f"{name}.source_weights.h5", source.weights)
    if source.configuration is not None:
        files["configuration"] = (f"{name}.hls4ml.yml", source.configuration)
    about: dict[str, object] = {"file": source_name, "kind": source.kind, "sha256": digest}
    if source.ignored is not None:
        about["ignored"] = source.ignored
    content = {file: data for file, data in files.values()}
    content[f"{name}.json"] = manifest(name, graph, about, files).encode()
    write_package(directory, content)
    return open_package(directory)
