"""The types that hls4ml's configurations name: ap_fixed, ac_fixed, ap_int and their short forms."""

from __future__ import annotations

import math
import re

from kaon.error import Refused
from kaon.fixed import Fixed

ROUNDING = {
    "TRN": "truncate",
    "TRN_ZERO": "truncate_zero",
    "RND": "round",
    "RND_ZERO": "round_zero",
    "RND_INF": "round_inf",
    "RND_MIN_INF": "round_min_inf",
    "RND_CONV": "round_conv",
}
OVERFLOW = {"WRAP": "wrap", "SAT": "saturate", "SAT_ZERO": "saturate_zero", "SAT_SYM": "saturate_symmetric"}

PATTERN = re.compile(r"(ap_|ac_)?(u?)(fixed|int)<([^<>]*)>", re.IGNORECASE)
REMEDY = "write fixed<W,I>, fixed<W,I,RND,SAT>, ufixed<...>, int<W>, uint<W>, with or without ap_; or ac_fixed<W,I,signed,...>"

AUTO = "auto"


CONSTANT_WIDTH = 8


def of_constant(value: float) -> Fixed:
    """Returns the type that hls4ml 1.3 infers for a number (infer_precision.py): as many bits as it has, up to 8 and a sign."""
    if value == 0:
        return Fixed(1, 1, False)
    is_signed = value < 0
    mantissa, exponent = math.frexp(abs(value))
    integer = exponent - 1 if is_signed and mantissa == 0.5 else exponent
    numerator, denominator = value.as_integer_ratio()
    fraction = denominator.bit_length() - 1 if denominator > 1 else 1 - (numerator & -numerator).bit_length()
    return Fixed(is_signed + min(integer + fraction, CONSTANT_WIDTH), is_signed + integer, is_signed)


def precision(place: str, value: object) -> Fixed | None:
    """Returns the type that a configuration writes; None for 'auto'. Refuses what is no fixed-point type."""
    text = value.strip() if isinstance(value, str) else ""
    if text.lower() == AUTO:
        return None
    match = PATTERN.fullmatch(text)
    if match is None:
        raise Refused(place, f"{value!r} is no fixed-point type", REMEDY)
    vendor, unsigned, kind, inner = match.groups()
    arguments = [argument.strip() for argument in inner.split(",")]
    sizes = [argument for argument in arguments[: 2 if kind.lower() == "fixed" else 1] if re.fullmatch(r"-?\d{1,4}", argument)]
    rest = arguments[len(sizes) :]
    if len(sizes) != (2 if kind.lower() == "fixed" else 1):
        raise Refused(place, f"{text!r} has no sizes", REMEDY)
    is_signed = not unsigned
    if (vendor or "").lower() == "ac_" and rest:
        is_signed = rest.pop(0).lower() not in ("false", "0")
    if kind.lower() == "int" and rest:
        raise Refused(place, f"{text!r}: integers take no modes", REMEDY)
    if len(rest) == 3 and rest[2] == "0":  # saturation bits: none
        rest.pop()
    modes = [re.sub(r"^(AP_|AC_)", "", mode.upper()) for mode in rest]
    if len(modes) > 2 or any(mode not in known for mode, known in zip(modes, (ROUNDING, OVERFLOW))):
        raise Refused(place, f"{text!r}: no such modes", f"rounding: {', '.join(ROUNDING)}; overflow: {', '.join(OVERFLOW)}")
    rounding = ROUNDING[modes[0]] if modes else "truncate"
    overflow = OVERFLOW[modes[1]] if len(modes) > 1 else "wrap"
    try:
        return Fixed(int(sizes[0]), int(sizes[-1]), is_signed, rounding, overflow)
    except Refused as error:
        raise Refused(place, f"{text}: {error.cause}", error.remedy) from error
