"""The node tests that ship in the onnx package, all whose operators convert reads: the right numbers, or a refusal in words.

Each is taken as it stands; with each input alone kept as a value, the others constants, as weights are; and, where it has several
outputs or only passes its input on, with its first output alone and an activation behind it. What is accepted is pinned below, so that nothing
drops out of it unseen.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

import kaon
from kaon import passes
from kaon.evaluate import evaluate
from kaon.importers.onnx import OPERATORS, STANDARD_DOMAINS, read_onnx
from many_compiled import ROWS, avx2, write_events, wrong

MOST_FEATURES = 1000
"""Of an event of what is compiled: one test has 10,000."""

NODE_TESTS = 300
"""At least as many have operators that convert reads, with the pinned version of onnx."""

ACCEPTED = Path(__file__).with_name("onnx_backend_accepted.txt").read_text().splitlines()

FORMS = int(os.environ.get("KAON_BACKEND_MODELS", "1000"))


@dataclass
class Form:
    """A node test, or a variant: a model with the values of its inputs, and of its first outputs."""

    name: str
    model: ModelProto
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


@cache
def node_tests() -> list:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own arithmetic beyond the range of a type
        from onnx.backend.test.case.node import collect_testcases

        every = collect_testcases(None)
    known = lambda node: node.op_type in OPERATORS and node.domain in STANDARD_DOMAINS  # noqa: E731
    return [case for case in every if all(map(known, case.model.graph.node))]


def forms(case) -> Iterator[Form]:
    given, expected = case.data_sets[0]
    inputs = dict(zip((i.name for i in case.model.graph.input), given))
    outputs = dict(zip((o.name for o in case.model.graph.output), expected))
    for kept in (None, *inputs) if len(inputs) > 1 else (None,):
        model = ModelProto()
        model.CopyFrom(case.model)
        values = dict(inputs)
        if kept is not None:
            hold(model, {name: array for name, array in inputs.items() if name != kept})
            values = {kept: inputs[kept]}
        label = case.name.removeprefix("test_") + ("" if kept is None else f" of {kept}")
        yield Form(label, model, values, outputs)
        first = next(iter(outputs), None)
        if first is not None and np.asarray(outputs[first]).dtype.kind == "f" and (len(outputs) > 1 or passes_on(model)):
            yield Form(f"{label}, then relu", with_relu_behind(model), values, {"relu": np.maximum(np.asarray(outputs[first]), 0)})


def hold(model: ModelProto, constants: dict[str, np.ndarray]) -> None:
    """Makes inputs of a model constants. The tests give numbers of types that numpy lacks as tensors of a file."""
    kept = [port for port in model.graph.input if port.name not in constants]
    for name, array in constants.items():
        tensor = model.graph.initializer.add()
        tensor.CopyFrom(array if isinstance(array, TensorProto) else numpy_helper.from_array(np.asarray(array)))
        tensor.name = name
    del model.graph.input[:]
    model.graph.input.extend(kept)


def passes_on(model: ModelProto) -> bool:
    return len(model.graph.node) == 1 and model.graph.node[0].op_type in ("Cast", "Clip", "Dropout", "Identity", "Sum")


def with_relu_behind(model: ModelProto) -> ModelProto:
    """Returns the model with its first output alone, in float, and an activation behind it."""
    longer = ModelProto()
    longer.CopyFrom(model)
    first = longer.graph.output[0]
    shape = [d.dim_value for d in first.type.tensor_type.shape.dim]
    longer.graph.node.append(helper.make_node("Cast", [first.name], ["in_float"], to=TensorProto.FLOAT))
    longer.graph.node.append(helper.make_node("Relu", ["in_float"], ["relu"]))
    del longer.graph.output[:]
    longer.graph.output.append(helper.make_tensor_value_info("relu", TensorProto.FLOAT, shape))
    return longer


def rows_of(form: Form, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Returns a form's inputs as rows of events: an input without a batch axis is one row."""
    return {name: np.reshape(form.inputs[name], (-1, *shape)) for name, shape in shapes.items()}


def graph_of(form: Form) -> kaon.graph.Graph | None:
    """Returns the graph of a form, or None where it was refused in words; any other exception fails the test."""
    try:
        graph = read_onnx(form.name, form.model.SerializeToString())
        passes.run(graph)
    except kaon.Refused as error:
        assert error.place and error.cause and error.remedy and "\n" not in str(error)
        return None
    return graph


@cache
def accepted() -> dict[str, Form]:
    return {form.name: form for case in node_tests() for form in forms(case) if graph_of(form) is not None}


def test_what_is_accepted():
    assert len(node_tests()) >= NODE_TESTS, f"the node tests of onnx {onnx.__version__}"
    assert sorted(accepted()) == sorted(ACCEPTED)


@pytest.mark.parametrize("name", ACCEPTED)
def test_numbers(name):
    form = accepted()[name]
    graph = graph_of(form)
    got = evaluate(graph, rows_of(form, {port.name: port.shape for port in graph.inputs}))
    assert set(got) == set(form.outputs)
    for output, want in form.outputs.items():
        want = np.asarray(want, np.float64)
        assert got[output].size == want.size
        np.testing.assert_allclose(got[output].reshape(want.shape), want, rtol=1e-5, atol=1e-6 * max(1.0, np.abs(want).max()))


@pytest.mark.skipif(not avx2(), reason="this processor lacks avx2")
def test_compiled(tmp_path):
    """All that is accepted, as C++: the rows of each test, repeated, one event at a time and as a batch."""
    expected: dict[str, dict[str, np.ndarray]] = {}
    for number, form in enumerate(list(accepted().values())[:FORMS]):
        name = f"node_{number}"
        (tmp_path / f"{name}.onnx").write_bytes(form.model.SerializeToString())
        package = kaon.convert(tmp_path / f"{name}.onnx", tmp_path / name, name=name)
        ports = package.graph.inputs
        if any(port.scalar != "float" or port.size > MOST_FEATURES for port in ports):
            continue
        events = {key: np.resize(rows, (ROWS, *rows.shape[1:])) for key, rows in rows_of(form, {p.name: p.shape for p in ports}).items()}
        write_events(tmp_path, package, events)
        shapes = {port.name: port.shape for port in package.graph.outputs}
        expected[name] = {key: np.resize(np.reshape(form.outputs[key], (-1, *shape)), (ROWS, *shape)) for key, shape in shapes.items()}
    assert len(expected) >= min(FORMS, len(ACCEPTED) - 2)
    assert not wrong(tmp_path, expected)
