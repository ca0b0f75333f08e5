"""What the weight files of all methods of TMVA have before the weights: analysis, options, variables, classes, transformations."""

from __future__ import annotations

from dataclasses import dataclass

from kaon.error import Refused, one_line
from kaon.importers.trees.tmva_transforms import Transformations, read_transformations
from kaon.importers.trees.tmva_xml import Element, Reader

ANALYSES = ("Classification", "Regression", "Multiclass")
MAXIMUM_VARIABLES = 1 << 12
MAXIMUM_CLASSES = 1 << 10


@dataclass
class Setup:
    reader: Reader
    analysis: str
    """One of ANALYSES."""
    options: dict[str, tuple[str, Element]]
    expressions: list[str]
    """Of the variables, in order: the names of the features."""
    classes: list[str]
    transformations: Transformations

    def option(self, name: str, default: str) -> str:
        return self.options[name][0] if name in self.options else default

    def flag(self, name: str, default: bool) -> bool:
        text = self.option(name, str(default))
        if text not in ("True", "False", "T", "F", "1", "0"):
            raise self.refuse(name, f"{one_line(text, 30)!r} is neither True nor False")
        return text in ("True", "T", "1")

    def refuse(self, option: str, cause: str, remedy: str = "save the model again") -> Refused:
        """Refuses for the value of an option, or for what it is where the file does not say."""
        place = f"{self.reader.place}, Options" + (f", {option}" if option in self.options else "")
        return Refused(place, cause, remedy)


def read_setup(reader: Reader) -> Setup:
    variables = reader.child(reader.root, "Variables")
    count = reader.integer(variables, "NVar", 1, MAXIMUM_VARIABLES)
    labels = [("", "")] * count
    found: set[int] = set()
    for element in variables.children:
        number = reader.integer(element, "VarIndex", 0, count - 1)
        if number in found:
            raise reader.refuse(element, f"variable {number} is there twice", attribute="VarIndex")
        found.add(number)
        expression = reader.attribute(element, "Expression")
        labels[number] = (element.attributes.get("Label", expression), expression)
    if len(found) != count:
        raise reader.refuse(variables, f"{len(found)} variables, not {count}")
    analysis = read_analysis(reader)
    return Setup(
        reader, analysis, read_options(reader), [expression for _, expression in labels], read_classes(reader), read_transformations(reader, labels)
    )


def read_analysis(reader: Reader) -> str:
    """Returns what the model is for; files of before regression do not say."""
    information = reader.optional(reader.root, "GeneralInfo")
    for element in information.children if information is not None else ():
        if element.attributes.get("name") == "AnalysisType":
            text = reader.attribute(element, "value")
            known = {analysis.lower(): analysis for analysis in ANALYSES}
            if text.lower() not in known:
                raise reader.refuse(element, f"{one_line(text, 30)!r} is not known", f"supported: {', '.join(ANALYSES)}", "value")
            return known[text.lower()]
    return "Classification"


def read_options(reader: Reader) -> dict[str, tuple[str, Element]]:
    options: dict[str, tuple[str, Element]] = {}
    holder = reader.optional(reader.root, "Options")
    for element in holder.children if holder is not None else ():
        name = reader.attribute(element, "name")
        if name in options:
            raise reader.refuse(element, f"the option {one_line(name, 40)} is there twice")
        options[name] = (element.text.strip(), element)
    return options


def read_classes(reader: Reader) -> list[str]:
    """Returns the names of the classes in order; files of before TMVA 4.1 have none."""
    holder = reader.optional(reader.root, "Classes")
    if holder is None:
        return []
    count = reader.integer(holder, "NClass", 1, MAXIMUM_CLASSES)
    names: dict[int, str] = {}
    for element in holder.children:
        number = reader.integer(element, "Index", 0, count - 1)
        if number in names:
            raise reader.refuse(element, f"class {number} is there twice", attribute="Index")
        names[number] = reader.attribute(element, "Name")
    if len(names) != count:
        raise reader.refuse(holder, f"{len(names)} classes, not {count}")
    return [names[i] for i in range(count)]
