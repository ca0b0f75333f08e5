"""Forests of every format, changed at random in their bytes, their values and their structure.

The law: a refusal in one line that names place, cause and remedy, or a model that goes into a folder, comes back from it and gives the
golden outputs; within a time and a memory that are stated here; no other exception ever.

KAON_FUZZ_SECONDS spends so much processor time, over all formats, on other seeds each time it is longer: 300 is a long run. A failure names
format and seed; KAON_FUZZ_SEED=N tries that one alone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import kaon
from forest_sources import change_estimator, estimators, ways
from kaon import importers, passes
from kaon.evaluate import evaluate
from kaon.evaluate_fixed import evaluate_fixed
from kaon.fields import Field
from kaon.forest import categories_of, features_asked
from kaon.golden import golden, inputs
from kaon.graph import Graph
from kaon.header import header
from kaon.importers.sklearn import read_estimator
from kaon.manifest import graph_of, manifest, network_hash
from kaon.weights import read_weights, weight_file
from mutations import Mutator
from onnx_runtime_apart import Apart

CHANGED = ways()
SECONDS = float(os.environ.get("KAON_FUZZ_SECONDS", "0")) / (len(CHANGED) + 1)
"""For each format, and for live estimators."""
AT_LEAST = 150
"""Files of each format."""
SLOWEST = 5.0
"""Processor seconds for a file of a few kilobytes."""
MEMORY = 1 << 30
"""Bytes beyond what the process has when a file is read."""
ROWS = 3
LARGEST = 1e30
"""Beyond, float32 sums of ONNX Runtime overflow on the way."""


class TooSlow(BaseException):
    """No Exception: nothing on the way takes it for a damaged file."""


@contextmanager
def limited() -> Iterator[None]:
    """Holds what runs in it to SLOWEST and MEMORY; what asks for more gets an exception that is no refusal."""

    def ended(*_: object) -> None:
        raise TooSlow

    before, (soft, hard) = signal.signal(signal.SIGVTALRM, ended), resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else None
    if pages is not None:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, hard))
    signal.setitimer(signal.ITIMER_VIRTUAL, SLOWEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def lawful(read: Callable[[], Graph], place: str, scalar: str) -> Graph | None:
    """Returns a model that was accepted, None of one refused. Fails where neither came of it.

    place: with which that of a refusal begins; scalar: as of passes.run.
    """
    with limited(), np.errstate(all="ignore"):
        try:
            graph = read()
            passes.run(graph, scalar)
        except kaon.Refused as error:
            assert error.place.startswith((place, "--scalar")) and error.cause and error.remedy
            assert str(error).isprintable() and len(str(error)) < 2200
            return None
        arrays = golden(graph)
        again = reopened(graph)
        kind, run = ("raw_", evaluate_fixed) if graph.is_fixed else ("", evaluate)
        events = {port.name: arrays[f"{kind}input/{port.name}"] for port in graph.inputs}
        assert "network" in header("m", graph, "m", "0" * 64)
        for name, values in run(again, events).items():
            assert np.array_equal(values, arrays[f"{kind}output/{name}"], equal_nan=not graph.is_fixed)
    return graph


def reopened(graph: Graph) -> Graph:
    """Returns what is read again of a graph's manifest and weight file."""
    files = {role: (f"m.{role}", role.encode()) for role in ("header", "weights", "golden")}
    described = json.loads(manifest("m", graph, {"file": "m", "kind": "forest", "sha256": ""}, files))
    return graph_of(Field("m", described), read_weights("m", weight_file(graph, network_hash(graph))))


def seeds() -> Iterator[int]:
    """Yields AT_LEAST seeds, and others for as long as KAON_FUZZ_SECONDS says."""
    if "KAON_FUZZ_SEED" in os.environ:
        yield int(os.environ["KAON_FUZZ_SEED"])
        return
    begin, seed = time.process_time(), 0
    while seed < AT_LEAST or time.process_time() - begin < SECONDS:
        yield seed
        seed += 1


@contextmanager
def named(name: str, seed: int) -> Iterator[None]:
    """Says of an exception which file it was."""
    try:
        yield
    except (Exception, TooSlow) as error:
        raise AssertionError(f"{name}, KAON_FUZZ_SEED={seed}: {type(error).__name__}: {error}") from error


def read_any(data: bytes) -> Graph:
    return importers.importer(importers.recognise("m", data))("m", data)


def agrees(apart: Apart, data: bytes, graph: Graph) -> bool:
    """Whether ONNX Runtime runs a changed model, too; fails where it gives something else."""
    events = {name: array[1 : ROWS + 1] for name, array in inputs(graph, ROWS + 1, 1).items()}
    for node in graph.nodes:
        if node.kind == "forest" and node.inputs[0] in events:  # between two whole numbers is no category to it
            chosen = [feature for feature in features_asked(node) if len(categories_of(node, feature))]
            events[node.inputs[0]][:, chosen] = np.trunc(events[node.inputs[0]][:, chosen])
    with np.errstate(all="ignore"):
        mine = evaluate(graph, events)
    for row in range(ROWS):
        results = apart.run(data, list(mine), {name: array[row].astype(np.float32) for name, array in events.items()}, 1)
        if results is None:
            return False
        for (name, values), want in zip(mine.items(), results):
            ours, repeated = values[row].reshape(-1), np.asarray(want, np.float64).reshape(-1)
            if len(repeated) == 0:
                return False  # a batch of none
            want = repeated[: len(ours)]  # of as many equal rows as the model fixes
            if np.isfinite(want).all() and np.isfinite(ours).all() and max(np.abs(want).max(initial=0), np.abs(ours).max()) < LARGEST:
                assert len(repeated) % len(ours) == 0 and np.abs(ours - want).max() <= 1e-5 * max(1, np.abs(want).max()), f"{name}, row {row}: {ours}, ONNX Runtime {want}"
    return True


@pytest.mark.parametrize("name", CHANGED)
def test_files(name):
    accepted = refused = agreed = 0
    apart = Apart() if name == "onnx" else None
    for seed in seeds():
        mutator = Mutator(seed)
        data = mutator.pick(CHANGED[name])(mutator)
        with named(name, seed):
            graph = lawful(lambda: read_any(data), "m", "double" if seed % 4 == 3 else "float")
            if graph is not None and apart is not None:
                agreed += agrees(apart, data, graph)
        accepted, refused = accepted + (graph is not None), refused + (graph is None)
    if apart is not None:
        apart.close()
        assert agreed >= 4 or "KAON_FUZZ_SEED" in os.environ
    print(f"{name}: {accepted} accepted, {refused} refused" + (f", {agreed} agree with ONNX Runtime" if agreed else ""))
    assert "KAON_FUZZ_SEED" in os.environ or (accepted >= (0 if name == "tmva_gzip" else 4) and refused >= 30)


def test_estimators():
    """Fitted objects in which something was changed by hand: trees are read as carefully as those of files."""
    pytest.importorskip("sklearn")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        originals = estimators()
    accepted = refused = 0
    for seed in seeds():
        mutator = Mutator(seed)
        changed = change_estimator(mutator.pick(originals), mutator)
        with named("estimators", seed):
            graph = lawful(lambda: read_estimator(changed, None)[0], "", "double" if seed % 4 == 3 else "float")
        accepted, refused = accepted + (graph is not None), refused + (graph is None)
    print(f"estimators: {accepted} accepted, {refused} refused")
    assert "KAON_FUZZ_SEED" in os.environ or (accepted >= 4 and refused >= 30)
