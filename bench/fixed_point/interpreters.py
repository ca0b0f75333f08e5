"""da4ml's and alkaid's interpreters on a network of exact sums; runs in an environment that has them and numpy alone.

    python interpreters.py NETWORK.npz da4ml|alkaid SECONDS

NETWORK.npz holds events and expected as real numbers, input = [signed, integer bits without the sign, fraction bits], and of each layer
weights_I, bias_I and, where it has a ReLU, activated_I = [integer bits, fraction bits], saturating. Prints the rows of the bench's report.
The programs of both are made by their own tracing with its defaults and translated to what their interpreters read before the clock
starts; a call goes from Python into the compiled interpreter, with one thread.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import count

import numpy as np

CASES = {"single": 1, "batch 8": 8, "batch 64": 64, "batch 1024": 1024}
EVENTS_A_SAMPLE = 64


def traced(network: dict[str, np.ndarray], array: type, options: dict[str, object]) -> tuple[object, object]:
    """Returns inputs and outputs in a library's array of variables."""
    ones = np.ones(network["events"].shape[1], np.int64)
    signed, integer, fraction = (int(number) for number in network["input"])
    given = values = array.from_kif(ones * signed, ones * integer, ones * fraction, **options)
    for i in count():
        if f"weights_{i}" not in network:
            return given, values
        values = values @ network[f"weights_{i}"] + network[f"bias_{i}"]
        if f"activated_{i}" in network:
            integer, fraction = (int(number) for number in network[f"activated_{i}"])
            values = values.relu().quantize(0, integer, fraction, overflow_mode="SAT", round_mode="TRN")


def da4ml(network: dict[str, np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    from da4ml.trace import FixedVariableArray, HWConfig, comb_trace
    from da4ml.types import dais_interp_run

    binary = comb_trace(*traced(network, FixedVariableArray, {"hwconf": HWConfig(1, -1, -1)})).to_binary()
    return lambda events: dais_interp_run(binary, events, 1)


def alkaid(network: dict[str, np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    from alkaid.trace import FVArray, trace
    from alkaid.types import alir_interp_run

    code = trace(*traced(network, FVArray, {})).to_bytecode()
    return lambda events: alir_interp_run(code, events, 1)


def samples(run: Callable[[np.ndarray], np.ndarray], events: np.ndarray, batch: int) -> list[float]:
    """Returns ns an event, one number a sample of 64 events or a batch, over all events once."""
    block = max(EVENTS_A_SAMPLE, batch)
    taken = []
    for first in range(0, len(events), block):
        parts = [events[row : row + batch] for row in range(first, first + block, batch)]
        start = time.perf_counter_ns()
        for part in parts:
            run(part)
        taken.append((time.perf_counter_ns() - start) / block)
    return taken


def main() -> None:
    path, library, seconds = sys.argv[1:]
    with np.load(path) as file:
        network = dict(file)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    run = {"da4ml": da4ml, "alkaid": alkaid}[library](network)
    events = np.ascontiguousarray(network["events"], np.float64)
    difference = max(float(np.abs(np.reshape(np.concatenate([run(events[row : row + batch]) for row in range(0, len(events), batch)]),
                                             network["expected"].shape) - network["expected"]).max()) for batch in CASES.values())
    times: dict[str, list[float]] = {case: [] for case in CASES}
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for case, batch in CASES.items():
            samples(run, events, batch)
            times[case] += samples(run, events, batch)
    rows = [{"case": case.split()[0], "batch": CASES[case], "engine": library, "scalar": "fixed", "ns_per_event_min": min(taken),
             "ns_per_event_median": float(np.median(taken)), "ns_per_event_p99_9": float(np.quantile(taken, 0.999)), "samples": len(taken),
             "allocations_per_call": None, "bound_ns": 0} for case, taken in times.items()]
    print(json.dumps({"largest_difference": difference, "rows": rows}))


if __name__ == "__main__":
    main()
