"""Typed access to JSON that was written by others: every error names the path of the field."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from kaon.error import Refused, one_line

LARGEST = (1 << 31) - 1


def parse(place: str, text: bytes | str) -> Field:
    """Parses JSON text. Refuses what is no JSON, and objects in which a field is there twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for number, key in enumerate(keys) if key in keys[:number])
            raise Refused(place, f"the field {one_line(twice, 40)!r} is there twice in one object", "copy or save the file again")
        return found

    try:
        return Field(place, json.loads(text, object_pairs_hook=once))
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

    def numbers(self) -> np.ndarray:
        """Returns a list of numbers as float64; not all of them have to be finite."""
        return self.array((int, float), "a number", np.float64)

    def finite(self) -> np.ndarray:
        """Returns a list of finite numbers as float64."""
        values = self.numbers()
        self.refuse_not_finite(values)
        return values

    def refuse_not_finite(self, values: np.ndarray) -> None:
        """Refuses values, one for each entry of a list or several, that are NaN or infinite."""
        good = np.isfinite(values)
        if not good.all():
            raise Refused(f"{self.path}[{int(good.argmin())}]", f"it is {values[good.argmin()]}", "train the model again")

    def whole_numbers(self) -> np.ndarray:
        """Returns a list of whole numbers of 32 bits as int64."""
        what = "a whole number of 32 bits"
        values = self.array((int,), what, np.int64)
        beyond = (values < -LARGEST - 1) | (values > LARGEST)
        if beyond.any():
            raise self.unlike(int(beyond.argmax()), what)
        return values

    def flags(self) -> np.ndarray:
        """Returns a list of true and false, or of 1 and 0, as bool."""
        values = self.array((bool, int), "true or false", np.float64)
        if not np.isin(values, (0, 1)).all():
            raise self.unlike(int(np.isin(values, (0, 1)).argmin()), "true or false")
        return values != 0

    def array(self, kinds: tuple[type, ...], what: str, dtype: type) -> np.ndarray:
        listed = self.of(list, "a list")
        if not set(map(type, listed)) <= set(kinds):
            raise self.unlike(next(number for number, entry in enumerate(listed) if type(entry) not in kinds), what)
        try:
            return np.array(listed, dtype)
        except OverflowError as error:
            limit = 2.0 ** (63 if dtype is np.int64 else 1023)
            raise self.unlike(next(number for number, entry in enumerate(listed) if abs(entry) >= limit), what) from error

    def unlike(self, number: int, what: str) -> Refused:
        return Refused(f"{self.path}[{number}]", f"expected {what}, found {one_line(self.value[number], 30)}", "save the model again")


def columns(entry: Field, readers: Mapping[str, Callable[[Field], np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns the lists of an object that have one entry a node, by their keys. Refuses an empty first one, and any of another length.

    readers: what makes an array of each: Field.whole_numbers, Field.numbers, Field.finite, Field.flags.
    """
    found = {key: read(entry[key]) for key, read in readers.items()}
    first, size = next((key, len(array)) for key, array in found.items())
    if size == 0:
        raise entry[first].refuse("the tree has no nodes")
    for key, array in found.items():
        if len(array) != size:
            raise entry[key].refuse(f"{len(array)} entries for {size} nodes")
    return found
