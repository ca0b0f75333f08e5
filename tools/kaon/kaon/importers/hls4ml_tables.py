"""hls4ml's tables: its firmware fills them through float32, so that an entry may differ from the exact one in the last bit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np

from kaon.fixed import Fixed
from kaon.tables import (
    BELOW_ZERO,
    CENTRED,
    LEGACY_RANGES,
    SELU_ALPHA,
    SELU_GAMMA,
    Table,
    arguments,
    below_zero,
    centred,
    decay,
    exact_entries,
    exponential,
    high_bits,
    inverse,
    inverse_or_zero,
    positive,
)

Function = Callable[[Decimal], Decimal]


def centred_table(kind: str, t: Fixed, size: int) -> Table:
    """The table of sigmoid or tanh."""
    function, integer = CENTRED[kind]
    return table_of(function, centred(size, integer), -1, t, size)


def table_below_zero(kind: str, t: Fixed, size: int) -> Table:
    """The table of elu or selu."""
    function, integer = BELOW_ZERO[kind]
    return table_of(function, below_zero(size, integer), 0, t, size)


def legacy_tables(t: Fixed, size: int) -> dict[str, Table]:
    """Those of softmax's legacy implementation."""
    raised, inverted = LEGACY_RANGES
    return {
        "exp_table": table_of(exponential, centred(size, raised), -1, t, size),
        "inv_table": table_of(inverse_or_zero, positive(size, inverted), 0, t, size),
    }


def table_by_bits(function: Function, argument: Fixed, t: Fixed, size: int) -> Table:
    """A table of softmax, addressed by the first bits of its argument."""
    return table_of(function, high_bits(size, argument), 0, t, size)


def table_of(function: Function, address: Fixed, first: int, t: Fixed, size: int) -> Table:
    """Returns a table with the firmware's entries, unless all of them are the exact ones."""
    x = address.to_values(np.array(arguments(address, first)))
    with np.errstate(divide="ignore", over="ignore"):
        values = t.of_values(FLOATS[function](x).astype(np.float64))
    if np.array_equal(values, exact_entries(function, address, first, t)):
        return Table(t, size)
    return Table(t, size, tuple(int(v) for v in values))


def exponentials(x: np.ndarray) -> np.ndarray:
    """e^x in float32, correctly rounded, as the C library's expf is but for very few arguments."""
    with localcontext() as context:
        context.prec = 40
        return np.array([float(Decimal(float(v)).exp()) for v in x]).astype(np.float32)


def sigmoids(x: np.ndarray) -> np.ndarray:
    return (1.0 / (np.float32(1) + exponentials(-x)).astype(np.float64)).astype(np.float32)


def below(x: np.ndarray) -> np.ndarray:
    return exponentials(x).astype(np.float64) - 1


def inverses(x: np.ndarray) -> np.ndarray:
    return np.float32(1) / x.astype(np.float32)


FLOATS: dict[Function, Callable[[np.ndarray], np.ndarray]] = {
    CENTRED["sigmoid"][0]: sigmoids,
    CENTRED["softplus"][0]: lambda x: np.log(exponentials(x).astype(np.float64) + 1).astype(np.float32),
    CENTRED["softsign"][0]: lambda x: (x / (np.abs(x) + 1)).astype(np.float32),
    CENTRED["tanh"][0]: np.tanh,
    decay: lambda x: exponentials(-x),
    exponential: exponentials,
    inverse: inverses,
    inverse_or_zero: lambda x: np.where(x == 0, 0.0, 1 / x),
    BELOW_ZERO["elu"][0]: lambda x: below(x).astype(np.float32),
    BELOW_ZERO["selu"][0]: lambda x: (SELU_GAMMA * (SELU_ALPHA * below(x))).astype(np.float32),
}
"""As nnet_activation.h of hls4ml 1.3 computes them."""
