"""Models that Keras itself makes and saves, in each of its formats, against its own prediction. Skipped where Keras is not installed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon.evaluate import evaluate

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras", reason="keras is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")
SEEDS = int(os.environ.get("KAON_KERAS_SEEDS", "12"))
ACTIVATIONS = (
    *("elu", "gelu", "hard_sigmoid", "hard_tanh", "leaky_relu", "linear", "relu", "relu6"),
    *("selu", "sigmoid", "silu", "softplus", "softsign", "tanh"),
)


class Writer:
    """Draws layers on vectors."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.shared: list = []

    def size(self) -> int:
        return int(self.random.integers(1, 12))

    def layer(self, size: int):
        k = keras.layers
        choices = [
            lambda: k.Dense(self.size(), activation=str(self.random.choice(ACTIVATIONS)), use_bias=bool(self.random.integers(2))),
            lambda: k.Dense(self.size()),
            lambda: k.Activation(str(self.random.choice(ACTIVATIONS))),
            lambda: k.BatchNormalization(scale=bool(self.random.integers(2)), center=bool(self.random.integers(2)), epsilon=0.01),
            lambda: k.LayerNormalization(scale=bool(self.random.integers(2)), center=bool(self.random.integers(2)), epsilon=0.01),
            lambda: k.Dropout(0.3),
            lambda: k.ReLU(max_value=2.0),
            lambda: k.ReLU(negative_slope=0.1),
            lambda: k.LeakyReLU(negative_slope=0.2),
            lambda: k.ELU(alpha=0.7),
            lambda: k.PReLU(alpha_initializer="uniform"),
            lambda: k.Softmax(),
            lambda: k.Rescaling(0.5, offset=-0.1),
            lambda: k.Reshape((1, size)),
        ]
        return choices[self.random.integers(len(choices))]()

    def chain(self, value, depth: int = 0):
        for _ in range(int(self.random.integers(1, 5))):
            kind = self.random.random()
            size = int(value.shape[-1])
            if kind < 0.12 and depth < 2:
                value = self.nested(size, depth)(value)
            elif kind < 0.18:
                value = keras.layers.Add()([value, keras.layers.Dense(size)(value)])
            elif kind < 0.24:
                value = keras.layers.Concatenate()([value, keras.layers.Dense(3, activation="tanh")(value)])
            elif kind < 0.28:
                value = keras.layers.Subtract()([value, keras.layers.Dense(size)(value)])
            elif kind < 0.32:
                value = value * 0.5 + value - 1.0
            elif kind < 0.36:
                layer = keras.layers.Dense(size, activation="relu")
                value = layer(layer(value))
            else:
                layer = self.layer(size)
                value = layer(value)
                if len(value.shape) > 2:
                    value = keras.layers.Flatten()(value)
        return value

    def nested(self, size: int, depth: int):
        if self.random.random() < 0.5:
            inner = keras.Sequential([keras.layers.Input((size,)), keras.layers.Dense(self.size(), activation="relu"), keras.layers.BatchNormalization()])
            return inner
        entry = keras.layers.Input((size,))
        return keras.Model(entry, self.chain(entry, depth + 1))

    def model(self):
        if self.random.random() < 0.25:
            size = self.size()
            stack = [keras.layers.Input((size,)), keras.layers.Dense(self.size())]
            for _ in range(int(self.random.integers(1, 4))):
                stack.append(keras.layers.Dense(self.size(), activation=str(self.random.choice(ACTIVATIONS))))
                stack.append(keras.layers.BatchNormalization())
            return keras.Sequential(stack)
        inputs = [keras.layers.Input((self.size(),), name=f"in_{i}") for i in range(self.random.integers(1, 3))]
        values = [self.chain(entry) for entry in inputs]
        if self.random.random() < 0.3:
            inputs.append(keras.layers.Input((2,), dtype="int32", name="category"))
            values.append(keras.layers.Flatten()(keras.layers.Embedding(5, 3)(inputs[-1])))
        joined = values[0] if len(values) == 1 else keras.layers.Concatenate()(values)
        outputs = [keras.layers.Dense(2, activation="softmax", name="out_a")(joined)]
        if self.random.random() < 0.3:
            outputs.append(keras.layers.Dense(1, name="out_b")(joined))
        return keras.Model(inputs, outputs)


def randomise(model, random: np.random.Generator) -> None:
    """No weight stays what it is initialised to: a batch normalisation of untrained numbers would hide a mistake."""
    for weight in model.weights:
        if weight.dtype.startswith("float"):
            values = random.standard_normal(weight.shape) * 0.5
            weight.assign(np.abs(values) + 0.5 if "variance" in weight.path or "gamma" in weight.path else values)


def saved(model, folder: Path, how: str) -> Path:
    path = folder / f"model.{'json' if how.startswith('json') else how}"
    if how == "json":
        path.write_text(model.to_json())
        model.save_weights(folder / "model.weights.h5")
    else:
        model.save(path)
    return path


@pytest.mark.parametrize("how", ["keras", "h5", "json"])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_model(tmp_path, seed, how):
    keras.utils.set_random_seed(seed)
    writer = Writer(seed)
    model = writer.model()
    randomise(model, writer.random)
    package = kaon.convert(saved(model, tmp_path, how), tmp_path / "out", name="m")
    random = np.random.default_rng(seed)
    ports = package.graph.inputs
    events = {
        p.name: random.standard_normal((32, *p.shape)).astype(np.float32) if p.scalar == "float" else random.integers(0, 5, (32, *p.shape))
        for p in ports
    }
    expected = model.predict(list(events.values()) if len(events) > 1 else next(iter(events.values())), verbose=0)
    expected = expected if isinstance(expected, list) else [expected]
    got = list(evaluate(package.graph, events).values())
    assert len(got) == len(expected)
    for mine, theirs in zip(got, expected):
        assert np.abs(mine - theirs).max() <= 1e-5 * max(1.0, np.abs(theirs).max())
