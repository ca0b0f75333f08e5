"""Tiles: how much of a layer one circuit computes at once."""

from __future__ import annotations

Tile = tuple[int, int]
"""Outputs at once, inputs at a time; both divide the layer's sizes."""


def divisors(size: int) -> list[int]:
    return [d for d in range(1, size + 1) if size % d == 0]


def of_turns(turns: int, inputs: int, outputs: int) -> Tile | None:
    """Returns the tile with which a layer takes so many turns (hls4ml's reuse factor), or the next fewer that its sizes allow; of equal
    ones that of most inputs at a time. None: everything at once."""
    best, fewest = (outputs, inputs), 1
    for at_a_time in divisors(inputs):
        for at_once in divisors(outputs):
            needed = (inputs // at_a_time) * (outputs // at_once)
            if needed <= turns and (needed, at_a_time) >= (fewest, best[1]):
                best, fewest = (at_once, at_a_time), needed
    return best if fewest > 1 else None
