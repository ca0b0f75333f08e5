"""Typed access to JSON that was written by others: every error names the path of the field."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from kaon.error import Refused


def parse(place: str, text: bytes | str) -> Field:
    """Parses JSON text. Refuses what is no JSON."""
    try:
        return Field(place, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Refused(place, "it is not valid JSON", "copy or save the file again") from error


class Field:
    """A JSON value and the path that led to it."""

    def __init__(self, path: str, value: Any) -> None:
        self.path = path
        self.value = value

    def refuse(self, cause: str, remedy: str = "save the model again") -> Refused:
        return Refused(self.path, cause, remedy)

    def of(self, kind: type, what: str) -> Any:
        if not isinstance(self.value, kind) or (kind is int and isinstance(self.value, bool)):
            raise self.refuse(f"expected {what}, found {type(self.value).__name__}")
        return self.value

    def text(self) -> str:
        return self.of(str, "a string")

    def integer(self) -> int:
        return self.of(int, "an integer")

    def within(self, least: int, most: int) -> int:
        """Returns a whole number from least to most."""
        number = self.integer()
        if not least <= number <= most:
            raise self.refuse(f"{number if abs(number) < 1 << 64 else 'a huge number'} is no whole number from {least} to {most}")
        return number

    def real(self) -> float:
        """Returns a finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.refuse(f"expected a number, found {type(self.value).__name__}")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refuse(f"it is {number}", "train the model again")
        return number

    def flag(self) -> bool:
        return self.of(bool, "true or false")

    def has(self, key: str) -> bool:
        """Tells whether an object has a field that is not null."""
        return self.of(dict, "an object").get(key) is not None

    def __getitem__(self, key: str) -> Field:
        if key not in self.of(dict, "an object"):
            raise self.refuse(f"the field {key!r} is missing")
        return Field(f"{self.path}.{key}", self.value[key])

    def get(self, key: str, default: Any) -> Field:
        """Returns a field, or `default` where it is missing or null."""
        return self[key] if self.has(key) else Field(f"{self.path}.{key}", default)

    def __iter__(self) -> Iterator[Field]:
        for index, value in enumerate(self.of(list, "a list")):
            yield Field(f"{self.path}[{index}]", value)

    def texts(self) -> list[str]:
        return [item.text() for item in self]
