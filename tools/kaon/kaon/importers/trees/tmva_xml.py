"""XML that was written by others: a tree of elements, read without entities, external files or recursion.

Every error names the path of the element: Weights/BinaryTree[3].
"""

from __future__ import annotations

import math
import zlib
from xml.parsers import expat

from kaon.error import Refused, one_line

GZIP = b"\x1f\x8b"
MAXIMUM_BYTES = 1 << 28
MAXIMUM_ELEMENTS = 1 << 20
MAXIMUM_ATTRIBUTES = 32
"""For each element, on average."""
MAXIMUM_NESTING = 1100
"""A forest's deepest tree and what it lies in."""
REMEDY = "save the model again"


class Element:
    """An element: its name, attributes, children, text and what it lies in."""

    __slots__ = ("attributes", "children", "name", "parent", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.parent = parent
        self.pieces: list[str] | None = None

    @property
    def path(self) -> str:
        """Where it is, below the root: names, with a number where several of a name lie side by side."""
        steps: list[str] = []
        at = self
        while at.parent is not None:
            alike = [child for child in at.parent.children if child.name == at.name]
            steps.append(one_line(at.name, 40) + (f"[{next(i for i, c in enumerate(alike) if c is at)}]" if len(alike) > 1 else ""))
            at = at.parent
        return "/".join(reversed(steps)) or one_line(self.name, 40)

    @property
    def text(self) -> str:
        return "".join(self.pieces or ())


class Reader:
    """Typed access to the elements of one file."""

    def __init__(self, place: str, root: Element) -> None:
        self.place = place
        self.root = root

    def refuse(self, element: Element, cause: str, remedy: str = REMEDY, attribute: str | None = None) -> Refused:
        where = element.path + (f", {one_line(attribute, 40)}" if attribute else "")
        return Refused(f"{self.place}, {where}", cause, remedy)

    def child(self, element: Element, name: str) -> Element:
        found = self.optional(element, name)
        if found is None:
            raise self.refuse(element, f"there is no {name} in it")
        return found

    def optional(self, element: Element, name: str) -> Element | None:
        """Returns the one child of a name, or None. Refuses several."""
        found = [child for child in element.children if child.name == name]
        if len(found) > 1:
            raise self.refuse(found[1], f"{len(found)} elements {name}, not one")
        return found[0] if found else None

    def attribute(self, element: Element, key: str) -> str:
        if key not in element.attributes:
            raise self.refuse(element, f"the attribute {key} is missing")
        return element.attributes[key]

    def number(self, element: Element, key: str) -> float:
        """Returns an attribute that is a finite number."""
        text = self.attribute(element, key)
        value = to_number(text)
        if not math.isfinite(value):
            raise self.refuse(element, f"{one_line(text, 30)!r} is no finite number", attribute=key)
        return value

    def integer(self, element: Element, key: str, least: int, most: int) -> int:
        text = self.attribute(element, key)
        value = to_number(text)
        if not least <= value <= most or value != int(value):
            raise self.refuse(element, f"{one_line(text, 30)!r} is no whole number from {least} to {most}", attribute=key)
        return int(value)

    def numbers(self, element: Element, count: int) -> list[float]:
        """Returns the numbers that an element's text holds. Refuses another count, and what is no finite number."""
        words = element.text.split()
        if len(words) != count:
            raise self.refuse(element, f"{len(words)} numbers, not {count}")
        values = [to_number(word) for word in words]
        wrong = next((i for i, value in enumerate(values) if not math.isfinite(value)), None)
        if wrong is not None:
            raise self.refuse(element, f"{one_line(words[wrong], 30)!r} is no finite number", attribute=f"number {wrong}")
        return values

    def only(self, element: Element, *names: str) -> None:
        """Refuses children of other names."""
        strange = next((child for child in element.children if child.name not in names), None)
        if strange is not None:
            raise self.refuse(strange, f"{one_line(strange.name, 40)} is not known here")


def to_number(text: str) -> float:
    """Returns what a text says, NaN where it says no number."""
    try:
        return math.nan if "_" in text or len(text) > 400 else float(text)
    except ValueError:
        return math.nan


def unpacked(place: str, data: bytes) -> bytes:
    """Returns the bytes of a file that may be compressed by gzip. Refuses what is damaged or grows without limit."""
    if not data.startswith(GZIP):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(data, MAXIMUM_BYTES + 1)
    except zlib.error as error:
        raise Refused(place, f"its gzip compression is damaged ({error})", "copy the file again") from error
    if len(content) > MAXIMUM_BYTES:
        raise Refused(place, f"over {MAXIMUM_BYTES} bytes when uncompressed", "convert a smaller model")
    if not reader.eof:
        raise Refused(place, "its gzip compression was cut", "copy the file again")
    if reader.unused_data:
        raise Refused(place, f"{len(reader.unused_data)} bytes follow its gzip compression", "compress the file again")
    return content


def beginning(data: bytes, count: int = 2000) -> bytes:
    """Returns the first bytes of a file that may be compressed by gzip, as many of them as can be read."""
    if not data.startswith(GZIP):
        return data[:count]
    try:
        return zlib.decompressobj(wbits=31).decompress(data[: 64 * count], count)
    except zlib.error:
        return b""


def parse_xml(place: str, data: bytes) -> Element:
    """Returns the root. Refuses document types and entities, whatever they would do, and sizes of no model."""
    if len(data) > MAXIMUM_BYTES:
        raise Refused(place, f"{len(data)} bytes of XML", "convert a smaller model")
    refuse_many(place, data)
    builder = Builder(place)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.document_type
    parser.EntityDeclHandler = builder.document_type
    parser.ExternalEntityRefHandler = builder.document_type
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber}"
        raise Refused(f"{place}, {line}", f"it is no valid XML ({one_line(error, 80)})", "copy or save the file again") from error
    assert builder.root is not None  # expat refuses a file without an element
    return builder.root


def refuse_many(place: str, data: bytes) -> None:
    """Refuses, before anything is made of them, more elements or attributes than a model has; what stands in comments counts, too."""
    elements = data.count(b"<") - sum(data.count(b"<" + other) for other in (b"/", b"!", b"?"))
    if elements > MAXIMUM_ELEMENTS:
        raise Refused(place, f"over {MAXIMUM_ELEMENTS} elements", "convert a smaller model")
    if data.count(b"=") > MAXIMUM_ATTRIBUTES * (elements + MAXIMUM_ATTRIBUTES):
        raise Refused(place, f"over {MAXIMUM_ATTRIBUTES} attributes an element", "give a file that TMVA has written")


class Builder:
    """What the parser calls."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.root: Element | None = None
        self.open: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= MAXIMUM_NESTING:
            raise Refused(self.place, f"elements in each other, over {MAXIMUM_NESTING} deep", "convert a model of shallower trees")
        parent = self.open[-1] if self.open else None
        element = Element(name, attributes, parent)
        if parent is None:
            self.root = element
        else:
            parent.children.append(element)
        self.open.append(element)

    def end(self, _: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        if self.open and not text.isspace():
            element = self.open[-1]
            if element.pieces is None:
                element.pieces = []
            element.pieces.append(text)

    def document_type(self, *_: object) -> int:
        raise Refused(self.place, "it declares a document type or entities, which a model does not need", "give a file that TMVA has written")
