"""QONNX: quantisation as operators of ONNX, each a fixed-point type where its scale is a power of two.

Quant rounds value / scale to integers of some bits, which saturate (arXiv:2206.07527; the operator as its reference executor computes
it, qonnx 1.0). On constants it is computed here; on other values it becomes a conversion, which precision.py merges into what is before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from onnx import NodeProto

from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.graph import Node

if TYPE_CHECKING:
    from kaon.importers.onnx import Reader

DOMAINS = ("qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas")
QUANTISERS = ("Quant", "IntQuant")
"""Two names of one operator."""

OTHERS = {
    "BipolarQuant": "its values are -1 and 1, without 0: no fixed-point type has only these",
    "FloatQuant": "its values are floats of few bits, not fixed point",
    "Trunc": "it drops bits of integers whose scale the file does not keep with them",
}
"""Operators of these domains that are refused, and why."""

ROUNDING = {
    "ROUND": "round_conv",
    "HALF_EVEN": "round_conv",
    "CEIL": "toward_plus_infinity",
    "FLOOR": "truncate",
    "UP": "away_from_zero",
    "DOWN": "truncate_zero",
    "HALF_UP": "round_inf",
    "HALF_DOWN": "round_zero",
}

KEEPING = ("Identity", "Squeeze", "Transpose", "Unsqueeze", "Reshape", "Flatten")
"""Operators whose result has the numbers of their operand."""

TENSORS = {
    "Add": ("bias", "bias"),
    "Gather": ("weights", ""),
    "Gemm": ("", "weights", "bias"),
    "MatMul": ("weights", "weights"),
}
"""What the constant inputs of an operator become."""

MAXIMUM_BITS = 64


def check_quantiser(reader: Reader, node: NodeProto) -> None:
    """Refuses an operator of QONNX's domains that is not Quant."""
    if node.op_type not in QUANTISERS:
        cause = OTHERS.get(node.op_type, f"operator {node.domain}::{node.op_type} is not supported")
        raise Refused(reader.where(node), cause, f"quantise with {QUANTISERS[0]} of {DOMAINS[0]}")


def quantised_type(reader: Reader, node: NodeProto, scales: np.ndarray) -> Fixed:
    """Returns the type of what a Quant gives, for the least of its scales."""
    where = reader.where(node)
    bits = number(reader, node, 3)
    is_signed = bool(reader.integer(node, "signed", 1))
    narrow = bool(reader.integer(node, "narrow", 0))
    mode = reader.text(node, "rounding_mode", "ROUND").upper()
    if mode not in ROUNDING:
        raise Refused(where, f"no rounding mode {mode!r}", f"modes: {', '.join(ROUNDING)}")
    least, most = (2, MAXIMUM_BITS) if is_signed else (1, MAXIMUM_BITS - 1)
    if bits != int(bits) or not least <= bits <= most:
        raise Refused(where, f"a {'signed' if is_signed else 'unsigned'} type of {bits:g} bits", f"use {least} to {most} bits")
    if narrow and not is_signed:
        raise Refused(where, "a narrow range of unsigned numbers has one value fewer than any fixed-point type", "use narrow = 0")
    zero = reader.constants.get(node.input[2])
    if zero is None or zero.any():
        raise Refused(where, "its zero point is not the constant 0", "quantise symmetrically: fixed point has no zero point")
    scale = float(scales.min())
    width = int(bits)
    overflow = "saturate_symmetric" if narrow else "saturate"
    return Fixed(width, width + round(math.log2(scale)), is_signed, ROUNDING[mode], overflow)


def scales_of(reader: Reader, node: NodeProto) -> np.ndarray:
    """Returns the scales of a Quant. Refuses any that is no power of two."""
    scales = reader.constants.get(node.input[1])
    if scales is None or scales.size == 0:
        raise Refused(reader.where(node), f"its scale {node.input[1]!r} is not constant", "use a constant scale")
    for scale in scales.ravel():
        if not (np.isfinite(scale) and scale > 0 and math.frexp(scale)[0] == 0.5 and abs(math.log2(scale)) < 128):
            raise Refused(reader.where(node), f"its scale {scale:.9g} is no power of two", "train it with power-of-two scales")
    return scales


def number(reader: Reader, node: NodeProto, position: int) -> float:
    constant = reader.constants.get(node.input[position])
    if constant is None or constant.size != 1 or not np.isfinite(constant).all():
        raise Refused(reader.where(node), f"its input {node.input[position]!r} is not one finite constant", "export the model again")
    return float(constant.reshape(()))


def read_quant(reader: Reader, node: NodeProto) -> None:
    """A conversion of values; its scale is one for all of them."""
    scales = scales_of(reader, node)
    if scales.min() != scales.max():
        raise Refused(reader.where(node), f"it has {scales.size} scales for values, a tensor has one type", "use one scale for all")
    made = Node("identity", [node.input[0]], reader.only_output(node), node.name, origin=node.op_type)
    made.types["result"] = quantised_type(reader, node, scales)
    reader.nodes.append(made)


def fold_quant(reader: Reader, node: NodeProto, operands: list[np.ndarray]) -> np.ndarray:
    """Numbers of a file, rounded; with one scale their type is kept, else it follows from them."""
    scales = scales_of(reader, node)
    t = quantised_type(reader, node, scales)
    if not np.isfinite(operands[0]).all():
        raise Refused(reader.where(node), "its constant operand is not finite", "export the model again")
    if np.broadcast_shapes(scales.shape, operands[0].shape) != operands[0].shape:
        raise ValueError("more scales than numbers")
    whole = Fixed(t.width, t.width, t.is_signed, t.rounding, t.overflow)
    result = whole.to_values(whole.of_values(operands[0] / scales)) * scales
    if scales.min() == scales.max():
        reader.types[reader.only_output(node)] = t
    return result


def keep_types(reader: Reader, node: NodeProto) -> None:
    """Hands the types of constants on: to constants with the same numbers, and to the layer that was made of them."""
    if node.op_type in KEEPING and node.input[0] in reader.types:
        reader.types[node.output[0]] = reader.types[node.input[0]]
    if node.op_type == "Gemm" and (reader.real(node, "alpha", 1.0) != 1 or reader.real(node, "beta", 1.0) != 1):
        return
    if node.op_type in TENSORS and reader.nodes and reader.nodes[-1].output == node.output[0]:
        for name, what in zip(node.input, TENSORS[node.op_type]):
            if what and name in reader.types:
                reader.nodes[-1].types[what] = reader.types[name]
