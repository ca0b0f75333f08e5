"""hls4ml's configuration (YAML): which precision it names for what, and whether every part of it is of use."""

from __future__ import annotations

import difflib
import math
from collections.abc import Hashable, Iterable
from typing import Any

import yaml

from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.importers.hls4ml_types import precision
from kaon.manifest import LARGEST_TABLE
from kaon.tables import STANDARD_SIZE

MAXIMUM_BYTES = 1 << 20

PARTS = ("Model", "LayerType", "LayerName")
IGNORED_PARTS = ("Flows", "Optimizers", "SkipOptimizers")
IGNORED = (
    *("Strategy", "BramFactor", "TraceOutput", "Trace", "TargetCycles", "ConvImplementation", "Compression"),
    *("PipelineStyle", "PipelineInterval", "ParallelizationFactor", "ChannelsLastConversion", "TransposeOutputs", "DenseResourceImplementation"),
)
"""What says how hardware is built, not what it computes, and has no counterpart here."""

REUSE = "ReuseFactor"
MAXIMUM_REUSE = 1 << 24

TABLE_TYPES = ("TableT", "ExpTableT", "InvTableT", "InvInpT")
TABLES = ("TableSize", "Implementation", "Skip", *TABLE_TYPES)
"""What says how tables are built; layers that have them ask for it."""

NUMBERS = ("Slope", "Shift")
"""Numbers of a hard sigmoid, which a configuration may replace."""

UNREAD = ("table", "exp_table", "inv_table", "inv_inp", "slope", "shift")
"""Precisions that hls4ml 1.3 writes into configurations and does not look up: its tables have the types of TABLE_TYPES or its own, its
hard sigmoid always the same."""

VARIABLES = ("default", "maximum", "weight", "bias", "scale", "param", "accum", "result", "inp_norm", *UNREAD)
"""What of a layer may have a precision."""


class Loader(yaml.SafeLoader):
    """Plain data only; a key that is written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} is there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Configuration:
    """What a configuration says, and which of it has been asked for."""

    def __init__(self, place: str, data: bytes) -> None:
        self.place = place
        self.used: set[str] = set()
        self.ignored: list[str] = []
        """Keys that have no effect on what is computed, in the order of the file."""
        content = loaded(place, data)
        if "HLSConfig" in content:
            self.ignored += [key for key in content if key != "HLSConfig"]
            content = content["HLSConfig"]
        parts = self.mapping("HLSConfig", content)
        self.known("HLSConfig", parts, (*PARTS, *IGNORED_PARTS))
        self.ignored += [key for key in parts if key in IGNORED_PARTS]
        model = self.mapping("Model", parts.get("Model", {}))
        self.precisions = {"Model": self.precisions_of("Model", model)}
        self.tables = {"Model": self.keys_of("Model", model)}
        self.names: dict[str, list[str]] = {}
        """Of LayerType and LayerName, as written."""
        for part in ("LayerType", "LayerName"):
            entries = self.mapping(part, parts.get(part) or {})
            self.names[part] = list(entries)
            for name, entry in entries.items():
                where = f"{part}.{name}"
                entry = self.mapping(where, entry or {})
                self.precisions[f"{part}.{name.lower()}"] = self.precisions_of(where, entry)
                self.tables[f"{part}.{name.lower()}"] = self.keys_of(where, entry)
        if "default" not in self.precisions["Model"]:
            raise self.refuse("Model", "it has no default Precision", "write Model: Precision: fixed<16,6>, or Precision: default:")
        if self.default is None:
            raise self.refuse("Model.Precision", "the default is auto", "name a type; auto is for the parts of layers")

    @property
    def default(self) -> Fixed | None:
        return precision(f"{self.place}, Model.Precision", self.precisions["Model"]["default"])

    @property
    def maximum(self) -> Fixed | None:
        text = self.precisions["Model"].get("maximum")
        return None if text is None else precision(f"{self.place}, Model.Precision.maximum", text)

    def refuse(self, where: str, cause: str, remedy: str) -> Refused:
        return Refused(f"{self.place}, {where}", cause, remedy)

    def mapping(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self.refuse(where, f"expected names with values, found {type(value).__name__}", "write it as hls4ml does")
        return value

    def known(self, where: str, keys: Iterable[str], names: Iterable[str]) -> None:
        names = list(names)
        for key in keys:
            if key not in names:
                close = difflib.get_close_matches(key, names, 1, 0.6)
                raise self.refuse(where, f"no key {key!r}", f"did you mean {close[0]}?" if close else f"keys: {', '.join(names)}")

    def precisions_of(self, where: str, entry: dict[str, Any]) -> dict[str, str]:
        """Returns the precisions of an entry by variable; one for all of them is 'default'."""
        given = entry.get("Precision")
        if given is None:
            return {}
        named = {"default": given} if isinstance(given, str) else self.mapping(f"{where}.Precision", given)
        self.known(f"{where}.Precision", named, VARIABLES)
        for variable, text in named.items():
            precision(f"{self.place}, {where}.Precision.{variable}", text)
        return dict(named)

    def keys_of(self, where: str, entry: dict[str, Any]) -> dict[str, Any]:
        self.known(where, entry, ("Precision", REUSE, *IGNORED, *TABLES, *NUMBERS))
        self.ignored += [f"{where}.{key}" for key in entry if key in IGNORED]
        given = entry.get("Precision")
        self.ignored += [f"{where}.Precision.{key}" for key in given if key in UNREAD] if isinstance(given, dict) else []
        return {key: value for key, value in entry.items() if key in (REUSE, *TABLES, *NUMBERS)}

    def table_key(self, name: str, kind: str, key: str, default: Any) -> Any:
        """Returns what a layer's entry, or that of its type, says of a table."""
        for entry in (f"LayerName.{name.lower()}", f"LayerType.{kind.lower()}"):
            if key in self.tables.get(entry, {}):
                return self.tables[entry][key]
        return default

    def number(self, name: str, kind: str, key: str, default: float) -> float:
        value = self.table_key(name, kind, key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.refuse(f"{name}.{key}", f"{value!r} is no number", "write one")
        return float(value)

    def reuse(self, name: str, kind: str) -> int:
        """Returns how many products of a layer take turns on one multiplier."""
        for entry in (f"LayerName.{name.lower()}", f"LayerType.{kind.lower()}", "Model"):
            if REUSE in self.tables.get(entry, {}):
                value = self.tables[entry][REUSE]
                if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAXIMUM_REUSE:
                    raise self.refuse(f"{entry}.{REUSE}", f"{value!r} is no reuse factor", f"use a whole number from 1 to {MAXIMUM_REUSE}")
                return value
        return 1

    def table_type(self, name: str, kind: str, key: str, default: Fixed) -> Fixed:
        text = self.table_key(name, kind, key, None)
        return default if text is None else precision(f"{self.place}, {name}.{key}", text) or default

    def table_size(self, name: str, kind: str) -> int:
        size = self.table_key(name, kind, "TableSize", STANDARD_SIZE)
        if isinstance(size, bool) or not isinstance(size, int) or not 2 <= size <= LARGEST_TABLE or size & (size - 1):
            raise self.refuse(f"{name}.TableSize", f"{size!r} is no size of a table", f"use a power of two up to {LARGEST_TABLE}")
        return size

    def precision(self, name: str, kind: str, variable: str) -> Fixed | None:
        """Returns the type of a variable of a layer; None where it is auto. The nearest of name, type and model decides."""
        for part, key in (("LayerName", name.lower()), ("LayerType", kind.lower()), ("Model", "")):
            entry = f"{part}.{key}" if key else part
            for wanted in (variable, "default"):
                text = self.precisions.get(entry, {}).get(wanted)
                if text is not None:
                    self.used.add(f"{entry}.{wanted}")
                    return precision(f"{self.place}, {entry}.Precision.{wanted}", text)
        raise AssertionError("the model has a default")

    def finish(self, layers: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        """Refuses entries for layers that the model does not have, and for variables that a layer does not have.

        layers: for each name the layer's type and its variables.
        """
        names = {name.lower(): (kind, variables) for name, (kind, variables) in layers.items()}
        kinds: dict[str, set[str]] = {}
        for kind, variables in layers.values():
            kinds.setdefault(kind.lower(), set()).update(variables)
        for part, known in (("LayerName", list(layers)), ("LayerType", sorted({kind for kind, _ in layers.values()}))):
            for name in self.names[part]:
                if name.lower() not in {entry.lower() for entry in known}:
                    close = difflib.get_close_matches(name, known, 1, 0.6)
                    hint = f"did you mean {close[0]}?" if close else f"the model has {', '.join(known)}"
                    raise self.refuse(part, f"the model has no layer {'named' if part == 'LayerName' else 'of type'} {name!r}", hint)
                has = names[name.lower()][1] if part == "LayerName" else tuple(kinds[name.lower()])
                for variable in self.precisions[f"{part}.{name.lower()}"]:
                    if variable not in (*has, "default"):
                        raise self.refuse(f"{part}.{name}.Precision", f"the layer has no {variable!r}", f"it has {', '.join(sorted(has))}")
        for variable in self.precisions["Model"]:
            if variable not in ("default", "maximum") and not any(variable in has for has in kinds.values()):
                raise self.refuse("Model.Precision", f"no layer of the model has {variable!r}", "leave it out")


def loaded(place: str, data: bytes) -> dict[str, Any]:
    if len(data) > MAXIMUM_BYTES:
        raise Refused(place, f"it has {len(data)} bytes", f"give a configuration of at most {MAXIMUM_BYTES}")
    try:
        content = yaml.load(data, Loader)  # a SafeLoader: plain data
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        cause = getattr(error, "problem", None) or "it cannot be read"
        raise Refused(place, f"it is no YAML{line}: {cause}", "give the configuration as hls4ml writes it") from error
    if not isinstance(content, dict):
        raise Refused(place, "it holds no names with values", "give the configuration as hls4ml writes it")
    return content
