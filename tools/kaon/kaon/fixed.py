"""Fixed-point types: value = raw * 2^-fraction; what conversions round, and what wraps or saturates, exactly.

The rules are those of the C++ scalar `kaon::fixed` (include/kaon/scalar): rounding first, then overflow. Raw integers are int64
arrays where they fit, else arrays of Python integers, so that no intermediate step overflows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kaon.error import Refused

ROUNDING = (
    *("truncate", "truncate_zero", "round", "round_zero", "round_min_inf", "round_inf", "round_conv"),
    *("toward_plus_infinity", "away_from_zero"),
)
OVERFLOW = ("wrap", "saturate", "saturate_zero", "saturate_symmetric")

MAXIMUM_WIDTH = 128
"""Bits of a signed type in C++; an unsigned one has one fewer."""

STORED_WIDTH = 64
"""Likewise, of numbers that stand in files: inputs, outputs, weights, biases."""

NATIVE_BITS = 62
"""Bits that a step in int64 may need; more are done with Python integers."""


@dataclass(frozen=True)
class Fixed:
    """One type. integer: the sign's bit among them; may be negative or exceed the width."""

    width: int
    integer: int
    is_signed: bool = True
    rounding: str = "truncate"
    overflow: str = "wrap"

    def __post_init__(self) -> None:
        most = MAXIMUM_WIDTH if self.is_signed else MAXIMUM_WIDTH - 1
        if not 1 <= self.width <= most or abs(self.integer) > 1024:
            raise Refused(str(self), f"a type of {self.width} bits, {self.integer} of them before the point", f"use 1 to {most} bits")
        if self.rounding not in ROUNDING or self.overflow not in OVERFLOW:
            raise Refused(str(self), "no such mode", f"modes: {', '.join((*ROUNDING, *OVERFLOW))}")

    @property
    def fraction(self) -> int:
        """Bits after the binary point."""
        return self.width - self.integer

    @property
    def least(self) -> int:
        """The least raw integer that the format has, whatever the overflow mode makes of it."""
        return -(1 << (self.width - 1)) if self.is_signed else 0

    @property
    def greatest(self) -> int:
        return (1 << (self.width - 1 if self.is_signed else self.width)) - 1

    @property
    def bytes(self) -> int:
        """Of the built-in integer that holds the raw value in C++."""
        return next(size for size in (1, 2, 4, 8, 16) if self.width <= 8 * size)

    @property
    def dtype(self) -> np.dtype:
        """That integer's type; int64 for the widest unsigned ones, which every reader of weight files knows."""
        kind = "i" if self.is_signed or self.bytes == 8 else "u"
        return np.dtype(f"{kind}{self.bytes}")

    @property
    def arguments(self) -> tuple[str, ...]:
        modes = (self.rounding, self.overflow)
        shown = modes if self.overflow != "wrap" else modes[:1] if self.rounding != "truncate" else ()
        return (str(self.width), str(self.integer), *shown)

    def __str__(self) -> str:
        return f"{'fixed' if self.is_signed else 'ufixed'}<{','.join(self.arguments)}>"

    def cpp(self) -> str:
        """Returns the type as C++ writes it."""
        arguments = (a if a not in (*ROUNDING, *OVERFLOW) else f"kaon::{a}" for a in self.arguments)
        return f"kaon::{'fixed' if self.is_signed else 'ufixed'}<{', '.join(arguments)}>"

    def format(self) -> Fixed:
        """Returns the same bits without modes."""
        return Fixed(self.width, self.integer, self.is_signed)

    @property
    def is_stored(self) -> bool:
        """Whether its raw integers are ones of 64 signed bits."""
        return self.width <= (STORED_WIDTH if self.is_signed else STORED_WIDTH - 1)

    def holds(self, other: Fixed) -> bool:
        """Whether every value of another type is one of this one's."""
        room = other.integer + (1 if self.is_signed and not other.is_signed else 0)
        return other.fraction <= self.fraction and room <= self.integer and (self.is_signed or not other.is_signed)

    def of_values(self, values: np.ndarray) -> np.ndarray:
        """Returns the raw integers of real numbers: exact before rounding. NaN is 0; an infinity saturates, or is 0 where the type wraps."""
        values = np.asarray(values, np.float64)
        with np.errstate(over="ignore", under="ignore"):
            scaled = np.ldexp(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf), self.fraction)
        tiny = (values != 0) & (np.abs(scaled) < 2.0**-10)
        scaled = np.where(tiny, np.copysign(2.0**-10, values), scaled)  # too small to be exact, and rounded alike
        infinite = np.isinf(scaled)
        finite = np.where(infinite, 0.0, scaled)
        floor = np.floor(finite)
        rest = finite - floor  # exact
        raw = integers(floor)
        raw = raw + self.increment(raw, finite < 0, rest > 0, rest == 0.5, rest > 0.5)
        if infinite.any():  # beyond every value, with no bit that wrapping keeps
            raw = np.where(infinite, np.where(scaled < 0, -1, 1).astype(object) << self.width + 1, raw.astype(object))
        return self.overflown(raw)

    def of_raw(self, raw: np.ndarray, fraction: int) -> np.ndarray:
        """Returns the raw integers in this type of numbers raw * 2^-fraction."""
        dropped = fraction - self.fraction
        raw = roomy(raw, -dropped if dropped < 0 else NATIVE_BITS if dropped >= NATIVE_BITS else 0)
        if dropped <= 0:
            return self.overflown(raw * (1 << -dropped))
        kept, rest, half = raw >> dropped, raw & ((1 << dropped) - 1), 1 << (dropped - 1)
        return self.overflown(kept + self.increment(kept, raw < 0, rest != 0, rest == half, rest > half))

    def increment(self, floor: np.ndarray, negative: np.ndarray, inexact: np.ndarray, tie: np.ndarray, more: np.ndarray) -> np.ndarray:
        """Returns what rounding adds to the floor: 0 or 1. tie, more: the rest is a half, is more than a half."""
        if self.rounding == "round_conv":
            up = more | (tie & ((floor & 1) != 0))
        else:
            up = {
                "truncate": np.zeros_like(tie),
                "truncate_zero": negative & inexact,
                "round": more | tie,
                "round_zero": more | (tie & negative),
                "round_min_inf": more,
                "round_inf": more | (tie & ~negative.astype(bool)),
                "toward_plus_infinity": inexact,
                "away_from_zero": inexact & ~negative.astype(bool),
            }[self.rounding]
        return np.where(up.astype(bool), 1, 0)

    def overflown(self, raw: np.ndarray) -> np.ndarray:
        """Returns raw integers of any size as this type holds them."""
        if self.overflow == "wrap":
            raw = roomy(raw, 0) if self.width < NATIVE_BITS else raw.astype(object)
            return native(((raw - self.least) & ((1 << self.width) - 1)) + self.least)
        if self.width > NATIVE_BITS:
            raw = raw.astype(object)
        if self.overflow == "saturate_zero":
            return native(np.where((raw < self.least) | (raw > self.greatest), 0, raw))
        low = -self.greatest if self.overflow == "saturate_symmetric" and self.is_signed else self.least
        return native(np.minimum(np.maximum(raw, low), self.greatest))

    def to_values(self, raw: np.ndarray) -> np.ndarray:
        """Returns real numbers, float64: exact up to 53 bits."""
        return np.ldexp(np.asarray(raw).astype(np.float64), -self.fraction)


PATTERN = re.compile(r"(u?)fixed<\s*(-?\d{1,4})\s*,\s*(-?\d{1,4})\s*(?:,\s*(\w+)\s*(?:,\s*(\w+)\s*)?)?>")


def parse(place: str, text: str) -> Fixed:
    """Reads a type as str() writes it: fixed<8,4>, ufixed<8,4,round,saturate>."""
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise Refused(place, f"{text!r} is no fixed-point type", "write fixed<W,I>, or fixed<W,I,rounding,overflow>; ufixed likewise")
    unsigned, width, integer, rounding, overflow = match.groups()
    try:
        return Fixed(int(width), int(integer), not unsigned, rounding or "truncate", overflow or "wrap")
    except Refused as error:
        raise Refused(place, f"{text}: {error.cause}", error.remedy) from error


def product(a: Fixed, b: Fixed) -> Fixed:
    """Returns the type of exact products."""
    return Fixed(a.width + b.width, a.integer + b.integer, a.is_signed or b.is_signed)


def total(a: Fixed, b: Fixed) -> Fixed:
    """Returns the type of exact sums."""
    return accumulated(a, 1, b)


def accumulated(a: Fixed, count: int, b: Fixed) -> Fixed:
    """Returns the type of exact sums of `count` values of one type and one of another."""
    is_signed = a.is_signed or b.is_signed
    growth = (count - 1).bit_length()
    integer = max(a.integer + growth + (is_signed and not a.is_signed), b.integer + (is_signed and not b.is_signed)) + 1
    fraction = max(a.fraction, b.fraction)
    return Fixed(integer + fraction, integer, is_signed)


def joined(types: list[Fixed]) -> Fixed:
    """Returns the least type that has every value of several."""
    is_signed = any(t.is_signed for t in types)
    integer = max(t.integer + (is_signed and not t.is_signed) for t in types)
    fraction = max(t.fraction for t in types)
    return Fixed(integer + fraction, integer, is_signed)


def exact(place: str, values: np.ndarray, fraction: int) -> Fixed:
    """Returns the least signed type that has every one of some finite numbers. fraction: where all of them are zero.

    Refuses numbers that together need more bits than there are.
    """
    values = np.asarray(values, np.float64)
    values = values[values != 0]
    if values.size == 0:
        return Fixed(2, 2 - fraction)
    mantissa, exponent = np.frexp(values)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = np.log2((whole & -whole).astype(np.float64)).astype(int) + exponent - 53
    fraction = -int(lowest.min())
    raw = [int(n) for n in integers(np.ldexp(values, fraction))] if int(exponent.max()) + fraction <= 1000 else []
    width = max((max(n, -1 - n).bit_length() for n in raw), default=STORED_WIDTH) + 1
    if width > STORED_WIDTH:
        raise Refused(place, f"its numbers need {width if raw else 'over 1000'} bits to be exact", "give them a fixed-point type")
    return Fixed(max(2, width), max(2, width) - fraction)


def integers(values: np.ndarray) -> np.ndarray:
    """Returns whole floats as int64 where all fit, else as Python integers."""
    if values.size == 0 or np.abs(values).max() < 2.0**NATIVE_BITS:
        return values.astype(np.int64)
    return np.array([int(v) for v in values.ravel()], object).reshape(values.shape)


def roomy(raw: np.ndarray, bits: int) -> np.ndarray:
    """Returns integers whose size may grow by some bits: int64 where that fits, else Python integers."""
    raw = np.asarray(raw)
    if raw.dtype == object or bits >= NATIVE_BITS:
        return raw.astype(object)
    wide = raw.astype(np.int64)
    grows = wide.size > 0 and max(int(wide.max()), -int(wide.min())).bit_length() + bits > NATIVE_BITS
    return wide.astype(object) if grows else wide


def native(raw: np.ndarray) -> np.ndarray:
    """Returns Python integers as int64 where all fit."""
    raw = np.asarray(raw)
    if raw.dtype != object:
        return raw.astype(np.int64)
    fits = all(-(1 << 63) <= n < 1 << 63 for n in raw.ravel())
    return raw.astype(np.int64) if fits else raw
