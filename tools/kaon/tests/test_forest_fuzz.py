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
from kaon.golden import golden, raw_inputs
from kaon.graph import Graph
from kaon.header import header
from kaon.importers.sklearn import read_estimator
from kaon.manifest import graph_of, manifest, network_hash
from kaon.weights import read_weights, weight_file
from mutations import Mutator

CHANGED = ways()
SECONDS = float(os.environ.get("KAON_FUZZ_SECONDS", "0")) / (len(CHANGED) + 1)
"""For each format, and for live estimators."""
AT_LEAST = 150
"""Files of each format."""
SLOWEST = 5.0
"""Processor seconds for a file of a few kilobytes."""
MEMORY = 1 << 30
"""Bytes beyond what the process has when a file is read."""
ROWS = 8


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


def lawful(read: Callable[[], Graph], scalar: str = "float") -> bool:
    """Whether a model was accepted. Fails where neither that nor a refusal in one line came of it. scalar: as of passes.run."""
    with limited(), np.errstate(all="ignore"):
        try:
            graph = read()
            passes.run(graph, scalar)
        except kaon.Refused as error:
            assert error.place and error.cause and error.remedy
            assert str(error).isprintable() and len(str(error)) < 2200
            return False
        arrays = golden(graph)
        again = reopened(graph)
        kind, run = ("raw_", evaluate_fixed) if graph.is_fixed else ("", evaluate)
        events = {port.name: arrays[f"{kind}input/{port.name}"] for port in graph.inputs}
        assert "network" in header("m", graph, "m", "0" * 64)
        for name, values in run(again, events).items():
            assert np.array_equal(values, arrays[f"{kind}output/{name}"], equal_nan=not graph.is_fixed)
    return True


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


def read_changed(name: str, seed: int) -> Graph:
    mutator = Mutator(seed)
    return read_any(mutator.pick(CHANGED[name])(mutator))


@pytest.mark.parametrize("name", CHANGED)
def test_files(name):
    accepted = refused = 0
    for seed in seeds():
        with named(name, seed):
            was_accepted = lawful(lambda: read_changed(name, seed), "double" if seed % 4 == 3 else "float")
        accepted, refused = accepted + was_accepted, refused + (not was_accepted)
    print(f"{name}: {accepted} accepted, {refused} refused")
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
            was_accepted = lawful(lambda: read_estimator(changed, None)[0], "double" if seed % 4 == 3 else "float")
        accepted, refused = accepted + was_accepted, refused + (not was_accepted)
    assert "KAON_FUZZ_SEED" in os.environ or (accepted >= 4 and refused >= 30)
