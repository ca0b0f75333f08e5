"""The test bench of a top function, and the golden vectors that it reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaon.evaluate_fixed import evaluate_fixed
from kaon.golden import GOLDEN_ROWS, RANDOM_SEED, inputs, raw_inputs
from kaon.graph import Port
from kaon.header import comment, raw_literal, wrapped
from kaon.synthesis.ports import offsets
from kaon.synthesis.templates import filled
from kaon.synthesis.top import Top


def golden(top: Top) -> str:
    """Returns the golden vectors, then as many random events, as rows {{inputs}, {outputs}} of raw integers."""
    more = raw_inputs(top.graph, inputs(top.graph, GOLDEN_ROWS, RANDOM_SEED))
    known = [top.package.golden("raw_"), (more, evaluate_fixed(top.graph, more))]
    sides = ((x, y) for given, expected in known for x, y in zip(flat(given, top.graph.inputs), flat(expected, top.graph.outputs)))
    rows = ("{" + ", ".join("{" + ", ".join(raw_literal(int(n)) for n in side) + "}" for side in row) + "}," for row in sides)
    return f"// Golden vectors of {comment(top.model)} and random events: raw integers, {{inputs, outputs}} of an event.\n" + "\n".join(rows) + "\n"


def flat(arrays: dict[str, np.ndarray], ports: list[Port]) -> np.ndarray:
    return np.concatenate([arrays[p.name].reshape(len(arrays[p.name]), -1) for p in ports], axis=1)


def testbench(top: Top) -> str:
    """Returns the program: each event through the top function, every bit compared, PASS or FAIL in words."""
    formats = [f"{{{v.format.width}, {'true' if v.format.is_signed else 'false'}}}" for v in top.outputs for _ in v.numbers]
    return filled(
        "testbench.cpp",
        TOP=top.name,
        INPUTS=str(sum(v.size for v in top.inputs)),
        OUTPUTS=str(len(formats)),
        FORMATS="\n".join(wrapped(formats, "    ")),
        BEFORE="\n".join(streams(top)),
        CALL="\n".join([*arguments_and_call(top), *collected(top)]),
    )


def streams(top: Top) -> Iterator[str]:
    """Yields the streams."""
    if top.ports == "stream":
        yield from (f"    {top.stream_type(value)} {value.name};" for value in (*top.inputs, *top.outputs))


def arguments_and_call(top: Top) -> Iterator[str]:
    """Yields the ports of one event, and the call."""
    arguments: list[str] = []
    for value, first in zip(top.inputs, offsets([v.size for v in top.inputs])):
        number = top.dialect.number(value.format)
        if top.ports == "scalar":
            arguments += [f"make<{number}>(event.x[{first + i}])" for i in range(value.size)]
        else:
            arguments.append(value.name)
        if top.ports == "stream":  # an event at a time: Bambu's simulation mistakes what else waits in several streams
            yield f"        {value.name}.write(packed<{top.word_type(value)}>(event.x + {first}, {value.size}, {value.format.width}));"
        if top.ports == "array":
            yield f"        {number} {value.name}[{value.size}];"
            yield f"        for (int i = 0; i < {value.size}; ++i) {value.name}[i] = make<{number}>(event.x[{first} + i]);"
    for value in top.outputs:
        number = top.dialect.number(value.format)
        if top.outputs_as == "scalar":
            yield from (f"        {number} {name};" for name in value.numbers)
            arguments += value.numbers
        elif top.outputs_as != "word":
            arguments.append(value.name)
        if top.outputs_as == "array":
            yield f"        {number} {value.name}[{value.size}];"
    *lines, last = [f"{top.dialect.call.format(top=top.name)}(", *wrapped(arguments, "            ")]
    result = f"const {top.returned} word = " if top.outputs_as == "word" else ""
    yield from (f"        {result}{line}" if line is lines[0] else line for line in lines)
    yield f"{last});"


def collected(top: Top) -> Iterator[str]:
    """Yields what takes the outputs into `got`."""
    if top.outputs_as == "word":
        first = offsets([v.format.width for v in top.outputs for _ in v.numbers])
        yield from (f"        got[{i}] = static_cast<std::uint64_t>(word) >> {bit};" for i, bit in enumerate(first))
        return
    for value, start in zip(top.outputs, offsets([v.size for v in top.outputs])):
        if top.outputs_as == "scalar":
            yield from (f"        got[{start + i}] = bits({name});" for i, name in enumerate(value.numbers))
        elif top.outputs_as == "array":
            yield f"        for (int i = 0; i < {value.size}; ++i) got[{start} + i] = bits({value.name}[i]);"
        else:
            yield f"        unpack({value.name}.read(), {value.size}, {value.format.width}, got + {start});"
