"""Functions that are tables in fixed point: their addresses, and their entries to the last bit.

Addresses are those of include/kaon/scalar/table_address.hpp, which are hls4ml's; entries are computed here in decimal arithmetic of many
digits, independent of the C++ library, and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np

from kaon import fixed
from kaon.fixed import Fixed, native

DIGITS = 60

STANDARD = Fixed(18, 8)
STANDARD_SOFTMAX = Fixed(18, 8, True, "round", "saturate")
STANDARD_SIZE = 1024
"""What hls4ml takes where nothing is named."""

SELU_ALPHA, SELU_GAMMA = 1.6732632423543772, 1.0507009873554805
SELU_SLOPE = Fixed(16, 1, False)
"""The type of gamma above zero."""

LEGACY_RANGES = 4, 6
"""Integer bits of the addresses of softmax's legacy tables: e^x over [-8, 8), 1/x over [0, 64)."""


@dataclass(frozen=True)
class Table:
    """Entries of one type. values: raw integers that the source has computed; without them the entries are exact."""

    type: Fixed
    size: int
    values: tuple[int, ...] | None = None


def bits_of(size: int) -> int:
    return (size - 1).bit_length()


def centred(size: int, integer: int) -> Fixed:
    """The address of [-2^(integer - 1), 2^(integer - 1)): entry 0 is the least."""
    return Fixed(bits_of(size), integer, True, "truncate_zero", "saturate")


def high_bits(size: int, t: Fixed) -> Fixed:
    """The address by the first bits of a type; negative values lie behind the others."""
    return Fixed(bits_of(size), t.integer, t.is_signed)


def below_zero(size: int, integer: int) -> Fixed:
    """The address of (-2^integer, 0]: entry 0 is that of zero, the last that of the least."""
    return Fixed(bits_of(size) + 1, integer + 1, True, "truncate_zero", "saturate_symmetric")


def positive(size: int, integer: int) -> Fixed:
    """The address of [0, 2^integer): entry 0 is that of zero."""
    return Fixed(bits_of(size), integer, False, "truncate_zero", "saturate")


def limited(size: int, width: int) -> int:
    """Returns the size of a table that is asked for numbers of some bits: no more entries than these tell apart."""
    return min(size, 1 << width) if width < 17 else size


def arguments(address: Fixed, first: int) -> list[int]:
    """Returns the raw integers of an address type in the order of the entries; first: the least for centred ones, 0 for the others."""
    if address.overflow == "saturate_symmetric":
        return list(range(0, address.least, -1))
    if first < 0:
        return list(range(address.least, address.greatest + 1))
    rest = range(address.least, 0) if address.is_signed else range(0)
    return [*range(address.greatest + 1), *rest]


def sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def tanh(x: Decimal) -> Decimal:
    e = (-2 * abs(x)).exp()
    value = (1 - e) / (1 + e)
    return -value if x < 0 else value


def exponential(x: Decimal) -> Decimal:
    return x.exp()


def decay(x: Decimal) -> Decimal:
    return (-x).exp()


def inverse(x: Decimal) -> Decimal:
    return 1 / x if x else Decimal("Infinity")


def inverse_or_zero(x: Decimal) -> Decimal:
    return 1 / x if x else x


def exponential_minus_one(x: Decimal) -> Decimal:
    return x.exp() - 1


def scaled_exponential_minus_one(x: Decimal) -> Decimal:
    return Decimal(SELU_GAMMA) * Decimal(SELU_ALPHA) * exponential_minus_one(x)


def silu(x: Decimal) -> Decimal:
    return x * sigmoid(x)


def softplus(x: Decimal) -> Decimal:
    return (1 + x.exp()).ln()


def softsign(x: Decimal) -> Decimal:
    return x / (1 + abs(x))


CENTRED: dict[str, tuple[Callable[[Decimal], Decimal], int]] = {
    "sigmoid": (sigmoid, 4),
    "silu": (silu, 4),
    "softplus": (softplus, 4),
    "softsign": (softsign, 4),
    "tanh": (tanh, 3),
}
"""Layers of one table: the function, and the integer bits of its address."""

BELOW_ZERO: dict[str, tuple[Callable[[Decimal], Decimal], int]] = {
    "elu": (exponential_minus_one, 3),
    "selu": (scaled_exponential_minus_one, 3),
}
"""Likewise, of what is below zero: above, a layer has a slope instead."""


@lru_cache(maxsize=64)
def exact_entries(function: Callable[[Decimal], Decimal], address: Fixed, first: int, t: Fixed) -> np.ndarray:
    """Returns the raw integers of the entries: the function's value, rounded and overflown as the type says."""
    with localcontext() as context:
        context.prec = DIGITS
        unit, scale = Decimal(2) ** -address.fraction, Decimal(2) ** t.fraction
        values = [function(raw * unit) * scale for raw in arguments(address, first)]
        beyond = Decimal(2) ** (t.width + 2)
        values = [min(max(value, -beyond), beyond) if t.overflow != "wrap" or value.is_infinite() else value for value in values]
        floors = [int(value.to_integral_value("ROUND_FLOOR")) for value in values]
        rests = [value - floor for value, floor in zip(values, floors)]
        half = Decimal("0.5")
        flags = [np.array(flag) for flag in zip(*((v < 0, r > 0, r == half, r > half) for v, r in zip(values, rests)))]
    whole = np.array(floors, object)
    return native(t.overflown(whole + t.increment(whole, *flags)))


def entries(table: Table, function: Callable[[Decimal], Decimal], address: Fixed, first: int) -> np.ndarray:
    """Returns a table's raw integers."""
    return np.array(table.values, np.int64) if table.values is not None else exact_entries(function, address, first, table.type)


def look_up_centred(kind: str, table: Table, raw: np.ndarray, fraction: int) -> np.ndarray:
    """Returns the entries of a layer of one table for numbers raw * 2^-fraction."""
    function, integer = CENTRED[kind]
    address = centred(table.size, integer)
    return entries(table, function, address, -1)[address.of_raw(raw, fraction) + table.size // 2]


def look_up_below_zero(kind: str, table: Table, raw: np.ndarray, fraction: int) -> np.ndarray:
    """Likewise, of the part of a layer below zero, for numbers that are not above."""
    function, integer = BELOW_ZERO[kind]
    address = below_zero(table.size, integer)
    return entries(table, function, address, 0)[-address.of_raw(raw, fraction)]


def look_up_high_bits(table: Table, function: Callable[[Decimal], Decimal], t: Fixed, raw: np.ndarray) -> np.ndarray:
    """Returns the entries for raw integers of a type whose first bits are the address."""
    address = high_bits(table.size, t)
    return entries(table, function, address, 0)[address.of_raw(raw, t.fraction) & (table.size - 1)]


def unsigned(t: Fixed) -> Fixed:
    """Returns the type of differences to the largest number of a type, without a sign."""
    return Fixed(t.width - t.is_signed, t.integer - t.is_signed, False)


def softmax(types: dict[str, Fixed], tables: dict[str, Table], stable: bool, x: np.ndarray, own: Fixed) -> tuple[np.ndarray, Fixed]:
    """Returns what hls4ml's softmax gives for raw integers [rows][n] of a type, before it is rounded to the result.

    types: accumulator, inv_input, and where stable norm_input; tables: exp_table, inv_table.
    """
    total = types["accumulator"]
    if stable:
        norm = types["norm_input"]
        raised, function = norm.of_raw(x.max(axis=-1, keepdims=True) - x, own.fraction), decay
    else:
        norm, raised, function = own, x, exponential
    exp_table, inv_table = tables["exp_table"], tables["inv_table"]
    e = total.of_raw(look_up_high_bits(exp_table, function, norm, raised), exp_table.type.fraction)
    asked = types["inv_input"].of_raw(tree_sum(total, e), total.fraction)
    factor = look_up_high_bits(inv_table, inverse, types["inv_input"], asked)
    return e * factor[..., None], Fixed(total.width + inv_table.type.width, total.integer + inv_table.type.integer)


def legacy_softmax(tables: dict[str, Table], x: np.ndarray, own: Fixed) -> tuple[np.ndarray, Fixed]:
    """Likewise, hls4ml's legacy one: 1 / sum of e^(x_j - x_i), summed in the type of exp_table from the first j on."""
    exp_table, inv_table = tables["exp_table"], tables["inv_table"]
    total, (exp_integer, inv_integer) = exp_table.type, LEGACY_RANGES
    address = centred(exp_table.size, exp_integer)
    exponentials = entries(exp_table, exponential, address, -1)
    one = total.of_raw(np.array(1), 0)
    roomy = fixed.roomy(x, 1)
    sums = np.zeros(x.shape, np.int64)
    for j in range(x.shape[-1]):
        terms = exponentials[address.of_raw(roomy[..., j : j + 1] - roomy, own.fraction) + exp_table.size // 2]
        terms[..., j] = one
        sums = total.of_raw(sums + terms, total.fraction)
    address = positive(inv_table.size, inv_integer)
    return entries(inv_table, inverse_or_zero, address, 0)[address.of_raw(sums, total.fraction)], inv_table.type


def argmax(x: np.ndarray) -> tuple[np.ndarray, Fixed]:
    """Returns one for the first of the largest, zero for the others."""
    return (np.arange(x.shape[-1]) == x.argmax(axis=-1)[..., None]).astype(np.int64), Fixed(1, 1, False)


def tree_sum(t: Fixed, values: np.ndarray) -> np.ndarray:
    """Returns the sum over the last axis, rounded to t in each step of a tree whose first half is a power of two."""
    count = values.shape[-1]
    if count == 1:
        return values[..., 0]
    half = 1 << bits_of(count) - 1
    return t.of_raw(tree_sum(t, values[..., :half]) + tree_sum(t, values[..., half:]), t.fraction)
