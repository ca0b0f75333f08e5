"""Fixed-point types against the definition of each mode in exact rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from kaon import fixed
from kaon.error import Refused
from kaon.fixed import OVERFLOW, ROUNDING, Fixed, parse

FORMATS = ((4, 2, True), (4, 2, False), (5, -3, True), (6, 9, True), (3, 9, False), (62, 31, True), (63, 20, False), (64, 40, True), (90, 50, True), (1, 1, True), (1, 0, False))


def nearest(x: Fraction, tie: int) -> int:
    """The integer nearest to x; of two the one that `tie` picks."""
    low = math.floor(x)
    distance = x - low
    return low if distance < Fraction(1, 2) else low + 1 if distance > Fraction(1, 2) else tie


def rounded(x: Fraction, mode: str) -> int:
    low, high = math.floor(x), math.ceil(x)
    inner, outer = (low, high) if x >= 0 else (high, low)
    return {
        "truncate": low,
        "truncate_zero": inner,
        "round": nearest(x, high),
        "round_zero": nearest(x, inner),
        "round_min_inf": nearest(x, low),
        "round_inf": nearest(x, outer),
        "round_conv": nearest(x, low if low % 2 == 0 else high),
        "toward_plus_infinity": high,
        "away_from_zero": outer,
    }[mode]


def held(raw: int, t: Fixed) -> int:
    low, high = (-(2 ** (t.width - 1)), 2 ** (t.width - 1) - 1) if t.is_signed else (0, 2**t.width - 1)
    if t.overflow == "wrap":
        return (raw - low) % 2**t.width + low
    if t.overflow == "saturate_symmetric" and t.is_signed:
        low = -high
    if t.overflow == "saturate_zero":
        return raw if low <= raw <= high else 0
    return min(max(raw, low), high)


def by_definition(x: Fraction, t: Fixed) -> int:
    return held(rounded(x * Fraction(2) ** t.fraction, t.rounding), t)


def all_types() -> list[Fixed]:
    return [Fixed(*shape, q, o) for shape, q, o in product(FORMATS, ROUNDING, OVERFLOW)]


def test_values_of_every_mode(random):
    """Ties, neighbours of the bounds, tiny and huge numbers."""
    for t in all_types():
        edge = math.ldexp(1.0, t.integer)
        values = np.concatenate(
            [
                np.ldexp(random.integers(-64, 65, 60).astype(float), -t.fraction - 2),
                [edge, -edge, edge / 2, -edge / 2, 1e-300, -1e-300, 5e-324, -5e-324, 1e300, -1e300, 0.1, -0.1],
                np.ldexp(random.integers(-(2**53), 2**53, 20).astype(float), t.integer - 50),
            ]
        )
        got = t.of_values(values)
        assert [int(r) for r in got] == [by_definition(Fraction(v), t) for v in values], t


def test_raw_of_every_mode(random):
    for t in all_types():
        for width, fraction in ((9, t.fraction + 3), (40, t.fraction + 35), (62, t.fraction - 3), (9, t.fraction), (64, t.fraction + 70)):
            raw = [int(random.integers(0, 2**32)) << 32 | int(random.integers(0, 2**32)) for _ in range(20)]
            raw = [(r % 2**width) - 2 ** (width - 1) for r in raw] + [2 ** (width - 1) - 1, -(2 ** (width - 1)), 0, 1, -1]
            got = t.of_raw(np.array(raw), fraction)
            assert [int(r) for r in got] == [by_definition(r * Fraction(2) ** -fraction, t) for r in raw], (t, width, fraction)


def test_nan_and_infinity():
    values = np.array([np.nan, np.inf, -np.inf])
    assert list(Fixed(8, 4).of_values(values)) == [0, 0, 0]
    assert list(Fixed(8, 4, overflow="saturate").of_values(values)) == [0, 127, -128]
    assert list(Fixed(8, 4, overflow="saturate_symmetric").of_values(values)) == [0, 127, -127]
    assert list(Fixed(8, 4, False, overflow="saturate").of_values(values)) == [0, 255, 0]


def test_text_and_back():
    for t in all_types():
        assert parse("here", str(t)) == t
    assert str(Fixed(8, 4, False, "truncate", "saturate")) == "ufixed<8,4,truncate,saturate>"
    assert str(Fixed(8, 4, True, "round")) == "fixed<8,4,round>"
    assert Fixed(8, 4, True, "round_conv", "saturate").cpp() == "kaon::fixed<8, 4, kaon::round_conv, kaon::saturate>"


@pytest.mark.parametrize("text", ["fixed<8>", "fixed<0,0>", "fixed<129,1>", "ufixed<128,1>", "fixed<8,4,nearest>", "float", "fixed<8,4,wrap>", ""])
def test_no_types(text):
    with pytest.raises(Refused, match="^here: "):
        parse("here", text)


def test_results_hold_every_result(random):
    """The extreme values of each exact result type are reached at most."""
    types = [Fixed(*shape) for shape in ((4, 2, True), (4, 2, False), (5, -3, True), (3, 9, False), (6, 9, True))]
    for a, b in product(types, types):
        ends = [(x * Fraction(2) ** -a.fraction, y * Fraction(2) ** -b.fraction) for x in (a.least, a.greatest) for y in (b.least, b.greatest)]
        results = ((fixed.product(a, b), [x * y for x, y in ends]), (fixed.accumulated(a, 5, b), [5 * x + y for x, y in ends]))
        for t, values in results:
            for value in values:
                raw = value * Fraction(2) ** t.fraction
                assert raw.denominator == 1 and t.least <= raw <= t.greatest
        assert fixed.joined([a, b]).holds(a) and fixed.joined([a, b]).holds(b)


def test_exact_type_of_numbers():
    assert fixed.exact("b", np.array([0.75, -1.0]), 3) == Fixed(3, 1)
    assert fixed.exact("b", np.array([-24.0, 8.0]), 3) == Fixed(3, 6)
    assert fixed.exact("b", np.zeros(3), 7) == Fixed(2, -5)
    with pytest.raises(Refused, match="b: its numbers need 71 bits"):
        fixed.exact("b", np.array([2.0**40, 2.0**-29]), 0)
