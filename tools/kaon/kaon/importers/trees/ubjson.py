"""Universal Binary JSON (draft 12, ubjson.org), as far as XGBoost writes it. Numbers are big-endian."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaon.error import Refused

NUMBERS = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
CONSTANTS = {"T": True, "F": False, "Z": None}
DEEPEST = 64


def is_ubjson(data: bytes) -> bool:
    """Whether a file starts as an object does in UBJSON, and in no JSON text."""
    return data[:1] == b"{" and data[1:2] in (b"i", b"U", b"I", b"l", b"L", b"$", b"#")


def parse_ubjson(place: str, data: bytes) -> Any:
    """Returns what a file holds as dicts, lists, numbers and texts. Refuses what is damaged; takes memory in proportion to the file."""
    reader = Reader(place, data)
    value = reader.value(reader.marker(), 0)
    if reader.at != len(data):
        raise reader.refuse(f"{len(data) - reader.at} bytes follow the end")
    return value


class Reader:
    """The bytes of a file, and where reading stands."""

    def __init__(self, place: str, data: bytes) -> None:
        self.place, self.data, self.at = place, data, 0

    def refuse(self, cause: str) -> Refused:
        return Refused(f"{self.place}, byte {self.at}", f"it is no valid UBJSON: {cause}", "copy or save the file again")

    def take(self, count: int) -> bytes:
        if count < 0 or count > len(self.data) - self.at:
            raise self.refuse(f"{count} bytes are to follow, {len(self.data) - self.at} are there")
        self.at += count
        return self.data[self.at - count : self.at]

    def marker(self) -> str:
        while True:
            found = self.take(1).decode("latin-1")
            if found != "N":  # no operation
                return found

    def numbers(self, kind: str, count: int) -> np.ndarray:
        dtype = np.dtype(NUMBERS[kind])
        return np.frombuffer(self.take(count * dtype.itemsize), dtype)

    def length(self) -> int:
        kind = self.marker()
        if kind not in "iUIlL":
            raise self.refuse(f"a length of type {kind!r}")
        return int(self.numbers(kind, 1)[0])

    def text(self) -> str:
        try:
            return self.take(self.length()).decode()
        except UnicodeDecodeError as error:
            raise self.refuse("a text is no UTF-8") from error

    def value(self, kind: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise self.refuse(f"over {DEEPEST} levels")
        if kind in NUMBERS:
            return self.numbers(kind, 1)[0].item()
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        if kind in "SH":
            return self.text()
        if kind == "C":
            return self.take(1).decode("latin-1")
        if kind == "[":
            return self.array(depth)
        if kind == "{":
            return self.object(depth)
        raise self.refuse(f"no type {kind!r}")

    def container(self) -> tuple[str, int | None]:
        """Returns the type of all elements ('' where each has its own) and how many there are (None: up to the end's mark)."""
        kind, count = "", None
        if self.data[self.at : self.at + 1] == b"$":
            self.at += 1
            kind = self.marker()
            if kind not in NUMBERS and kind not in "SC[{":
                raise self.refuse(f"elements of type {kind!r}")
            if self.data[self.at : self.at + 1] != b"#":
                raise self.refuse("elements of one type without a count")
        if self.data[self.at : self.at + 1] == b"#":
            self.at += 1
            count = self.length()
            if not 0 <= count <= len(self.data) - self.at:
                raise self.refuse(f"{count} elements in {len(self.data) - self.at} bytes")
        return kind, count

    def array(self, depth: int) -> list[Any]:
        kind, count = self.container()
        if kind in NUMBERS and count is not None:
            return self.numbers(kind, count).tolist()
        found: list[Any] = []
        while count is None or len(found) < count:
            mark = kind or self.marker()
            if count is None and mark == "]":
                break
            found.append(self.value(mark, depth + 1))
        return found

    def object(self, depth: int) -> dict[str, Any]:
        kind, count = self.container()
        found: dict[str, Any] = {}
        entries = 0
        while count is None or entries < count:
            if count is None and self.data[self.at : self.at + 1] == b"}":
                self.at += 1
                break
            key = self.text()
            if key in found:
                raise self.refuse(f"the field {key[:40]!r} is there twice")
            found[key] = self.value(kind or self.marker(), depth + 1)
            entries += 1
        return found
