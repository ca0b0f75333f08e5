"""TMVA's weight files written for tests, and what TMVA's reader makes of them: one event after the other, in plain Python.

It shares nothing with the importer: recursion on ElementTree, numbers of float32 one by one, the inverse error function by TMVA's
own iteration (TMath::ErfInverse), transformations applied to events and never to cuts.
"""

from __future__ import annotations

import bisect
import math
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

import numpy as np

F = np.float32


# Files


def leaf(response: float, purity: float, kind: int) -> str:
    return f'<Node pos="{{pos}}" depth="0" NCoef="0" IVar="-1" Cut="0" cType="1" res="{response!r}" rms="0" purity="{purity!r}" nType="{kind}"/>'


def split(variable: int, cut: float, kind: int, left: str, right: str) -> str:
    inner = left.replace("{pos}", "l") + right.replace("{pos}", "r")
    return f'<Node pos="{{pos}}" depth="0" NCoef="0" IVar="{variable}" Cut="{cut!r}" cType="{kind}" res="-99" rms="0" purity="0.5" nType="0">{inner}</Node>'


def random_tree(random: np.random.Generator, depth: int, variables: int, spread: float = 1.0) -> str:
    if depth == 0 or random.random() < 0.15:
        purity = float(F(random.random()))
        return leaf(float(F(random.normal())), purity, 1 if purity > 0.5 else -1)
    sides = [random_tree(random, depth - 1, variables, spread) for _ in range(2)]
    return split(int(random.integers(variables)), float(F(spread * random.normal())), int(random.integers(2)), *sides)


def tree(root: str, weight: float = 1.0) -> str:
    return f'<BinaryTree type="DecisionTree" boostWeight="{weight!r}" itree="0">{root.replace("{pos}", "s")}</BinaryTree>'


def weight_file(
    trees: list[str],
    boosting: str = "AdaBoost",
    analysis: str = "Classification",
    options: dict[str, str] | None = None,
    variables: list[str] | None = None,
    transforms: str = "",
    classes: int = 2,
    responses: bool | None = None,
    method: str = "BDT::BDT",
    weights: str | None = None,
) -> str:
    """Returns a file as TMVA writes it. responses: whether trees are of the regression type, by default of gradient boosting and regression."""
    names = variables or ["pt", "abs(eta)", "m/E"]
    kind = int(boosting == "Grad" or analysis == "Regression") if responses is None else int(responses)
    option = "".join(f'<Option name="{k}" modified="Yes">{v}</Option>' for k, v in {"BoostType": boosting, **(options or {})}.items())
    listed = "".join(
        f'<Variable VarIndex="{i}" Expression={quoteattr(n)} Label={quoteattr(n)} Title="" Unit="" Internal="v{i}" Type="F" Min="0" Max="1"/>'
        for i, n in enumerate(names)
    )
    targets = '<Targets NTrgt="1"><Target TargetIndex="0" Expression="y" Label="y"/></Targets>' if analysis == "Regression" else ""
    named = "".join(f'<Class Name="class{i}" Index="{i}"/>' for i in range(classes))
    count = transforms.count("<Transform ")
    body = weights if weights is not None else f'<Weights NTrees="{len(trees)}" AnalysisType="{kind}">{"".join(trees)}</Weights>'
    return (
        f'<?xml version="1.0"?>\n<MethodSetup Method="{method}"><GeneralInfo><Info name="TMVA Release" value="4.2.1 [262657]"/>'
        f'<Info name="AnalysisType" value="{analysis}"/></GeneralInfo><Options>{option}</Options>'
        f'<Variables NVar="{len(names)}">{listed}</Variables>'
        '<Spectators NSpec="1"><Spectator SpecIndex="0" Expression="run" Label="run" Type="F" Min="0" Max="9"/></Spectators>'
        f'<Classes NClass="{classes}">{named}</Classes>{targets}'
        f'<Transformations NTransformations="{count}">{transforms}</Transformations><MVAPdfs/>{body}</MethodSetup>'
    )


def network(matrices: list[np.ndarray]) -> str:
    """Returns the weights of an MLP; matrices: for each layer but the last [neurons and the bias][neurons of the next]."""
    layers = ""
    for number, own in enumerate(matrices):
        neurons = "".join(f'<Neuron NSynapses="{len(row)}">{texts(row)}</Neuron>' for row in own)
        layers += f'<Layer Index="{number}" NNeurons="{len(own)}">{neurons}</Layer>'
    count = matrices[-1].shape[1]
    last = '<Neuron NSynapses="0"/>' * count
    layers += f'<Layer Index="{len(matrices)}" NNeurons="{count}">{last}</Layer>'
    return f'<Weights><Layout NLayers="{len(matrices) + 1}">{layers}</Layout></Weights>'


def selection(names: list[str], target: bool = False, put: list[str] | None = None) -> str:
    lists = []
    for what, chosen in (("Input", names), ("Output", put or names)):
        entries = "".join(f'<{what} Type="Variable" Label={quoteattr(n)} Expression={quoteattr(n)}/>' for n in chosen)
        entries += f'<{what} Type="Target" Label="y" Expression="y"/>' if target else ""
        lists.append(f'<{what} N{what}s="{len(chosen) + target}">{entries}</{what}>')
    return f"<Selection>{''.join(lists)}</Selection>"


def normalize(names: list[str], ranges: list[list[tuple[float, float]]], target: bool = False) -> str:
    """ranges: for each class and then for all classes, one for each input."""
    classes = ""
    for number, own in enumerate(ranges):
        entries = "".join(f'<Range Index="{i}" Min="{a!r}" Max="{b!r}"/>' for i, (a, b) in enumerate(own))
        classes += f'<Class ClassIndex="{number}"><Ranges>{entries}</Ranges></Class>'
    return f'<Transform Name="Normalize">{selection(names, target)}{classes}</Transform>'


def texts(array: np.ndarray) -> str:
    return " ".join(repr(float(v)) for v in array.ravel())


def decorrelation(names: list[str], matrices: list[np.ndarray]) -> str:
    inner = "".join(f'<Matrix Rows="{len(m)}" Columns="{len(m)}">{texts(m)}</Matrix>' for m in matrices)
    return f'<Transform Name="Decorrelation">{selection(names)}{inner}</Transform>'


def pca(names: list[str], classes: list[tuple[np.ndarray, np.ndarray]]) -> str:
    n = len(names)
    inner = "".join(f'<Statistics Class="c" ClassIndex="{i}" NRows="{n}">{texts(mean)}</Statistics>' for i, (mean, _) in enumerate(classes))
    inner += "".join(f'<Eigenvectors Class="c" ClassIndex="{i}" NRows="{n}" NCols="{n}">{texts(m)}</Eigenvectors>' for i, (_, m) in enumerate(classes))
    return f'<Transform Name="PCA">{selection(names)}{inner}</Transform>'


def gauss(names: list[str], histograms: list[list[tuple[np.ndarray, np.ndarray]]], flat: bool) -> str:
    """histograms: for each input and each class edges and contents."""
    inner = ""
    for number, classes in enumerate(histograms):
        pdfs = ""
        for cls, (edges, contents) in enumerate(classes):
            n = len(contents)
            pdfs += (
                f'<CumulativePDF_cls{cls}><PDF Name="p" MinNSmooth="0" MaxNSmooth="0" InterpolMethod="1" KDE_type="0" KDE_iter="1" KDE_border="0" KDE_finefactor="0">'
                f'<Histogram Name="h" NBins="{n}" XMin="{edges[0]!r}" XMax="{edges[-1]!r}" HasEquidistantBins="0">{texts(contents)}</Histogram>'
                f'<HistogramBinning NBins="{n}">{texts(edges)}</HistogramBinning></PDF></CumulativePDF_cls{cls}>'
            )
        inner += f'<Variable VarIndex="{number}">{pdfs}</Variable>'
    return f'<Transform Name="Gauss" FlatOrGauss="{"Flat" if flat else "Gauss"}">{selection(names)}{inner}</Transform>'


# What TMVA's reader computes


class Oracle:
    """A weight file as TMVA's reader runs it."""

    def __init__(self, text: str) -> None:
        self.root = ET.fromstring(text)
        self.options = {o.get("name"): (o.text or "").strip() for o in self.root.iter("Option")}
        variables = sorted(self.root.find("Variables"), key=lambda v: int(v.get("VarIndex")))
        self.names = [(v.get("Expression"), v.get("Label")) for v in variables]
        self.analysis = next((i.get("value") for i in self.root.iter("Info") if i.get("name") == "AnalysisType"), "Classification").lower()
        self.weights = self.root.find("Weights")
        self.pdfs: dict[int, Pdf] = {}

    def transformed(self, event: list) -> list:
        for transform in self.root.findall("Transformations/Transform"):
            event = self.apply(transform, event)
        return event

    def chosen(self, transform: ET.Element, what: str) -> list[int | None]:
        if transform.find("Selection") is None:
            return list(range(len(self.names)))
        entries = transform.find("Selection").find(what)
        return [self.number(e.get("Expression"), e.get("Label")) if e.get("Type") == "Variable" else None for e in entries]

    def number(self, expression: str, label: str) -> int:
        return [expression == e or label == l for e, l in self.names].index(True)

    def apply(self, transform: ET.Element, event: list) -> list:
        get, put = self.chosen(transform, "Input"), self.chosen(transform, "Output")
        result, kind = list(event), transform.get("Name")
        x = [None if i is None else event[i] for i in get]
        if kind == "Normalize":
            ranges = list(transform.findall("Class")[-1].find("Ranges"))
            for place, where in enumerate(put):
                if where is not None:
                    least, greatest = F(ranges[place].get("Min")), F(ranges[place].get("Max"))
                    result[where] = (x[place] - least) * F(1.0 / float(greatest - least)) * F(2) - F(1)
        elif kind == "Rearrange":
            for place, where in enumerate(put):
                result[where] = x[place]
        elif kind == "Decorrelation":
            m = [float(t) for t in transform.findall("Matrix")[-1].text.split()]
            for row, where in enumerate(put):
                result[where] = F(sum(m[row * len(x) + column] * float(x[column]) for column in range(len(x))))
        elif kind == "PCA":
            of_class = [{int(e.get("ClassIndex")): e for e in transform.findall(name)} for name in ("Statistics", "Eigenvectors")]
            mean, m = ([float(t) for t in classes[max(classes)].text.split()] for classes in of_class)
            for i, where in enumerate(put):
                result[where] = F(sum((float(x[j]) - mean[j]) * m[j * len(x) + i] for j in range(len(x))))
        elif kind == "Gauss":
            for place, variable in enumerate(transform.findall("Variable")):
                if id(variable) not in self.pdfs:
                    self.pdfs[id(variable)] = Pdf(variable[-1].find("PDF"))
                quantile = max(min(self.pdfs[id(variable)].value(float(x[place])), 1 - 10e-10), 10e-10)
                argument = max(min(2 * quantile - 1, 0.99999999), -0.99999999)
                result[put[place]] = F(quantile) if transform.get("FlatOrGauss") == "Flat" else F(1.414213562 * erf_inverse(argument))
        else:
            raise ValueError(kind)
        return result

    def inverse(self, value: float) -> float:
        """Of a regression, the target before it was transformed."""
        for transform in self.root.findall("Transformations/Transform"):
            entries = [] if transform.find("Selection") is None else list(transform.find("Selection").find("Input"))
            place = next((i for i, e in enumerate(entries) if e.get("Type") == "Target"), None)
            if place is not None:
                own = transform.findall("Class")[-1].find("Ranges")[place]
                least, greatest = F(own.get("Min")), F(own.get("Max"))
                return float(least + (F(value) + F(1)) / (F(1.0 / float(greatest - least)) * F(2)))
        return value

    def check_event(self, node: ET.Element, event: list, yes_no: bool) -> float:
        if int(node.get("nType")) != 0:
            if self.weights.get("AnalysisType") == "1":
                return float(F(node.get("res")))
            return float(node.get("nType")) if yes_no else float(F(node.get("purity")))
        right = bool(event[int(node.get("IVar"))] >= F(node.get("Cut")))
        if node.get("cType") != "1":
            right = not right
        below = {child.get("pos"): child for child in node}
        return self.check_event(below["r" if right else "l"], event, yes_no)

    def response(self, event: np.ndarray) -> list[float]:
        x = self.transformed([F(v) for v in event])
        if self.root.get("Method").startswith("MLP"):
            return self.neurons([float(v) for v in x])
        trees = list(self.weights)
        boost = [float(F(t.get("boostWeight"))) for t in trees]
        grad = self.options.get("BoostType", "AdaBoost") == "Grad"
        yes_no = self.options.get("UseYesNoLeaf", "True") == "True" and self.analysis == "classification" and not grad
        values = [self.check_event(t[0], x, yes_no) for t in trees]
        if self.analysis == "multiclass":
            count = len(self.root.find("Classes"))
            sums = [sum(values[c::count]) for c in range(count)]
            return [1 / sum(math.exp(other - own) for other in sums) for own in sums]
        average = sum(w * v for w, v in zip(boost, values)) / sum(boost)
        if self.analysis == "regression":
            return [self.inverse(sum(values) + boost[0] if grad else average)]
        return [2 / (1 + math.exp(-2 * sum(values))) - 1] if grad else [average]

    def neurons(self, values: list[float]) -> list[float]:
        """An MLP, neuron by neuron in float64; its weights are float32."""
        functions = {"linear": lambda v: v, "sigmoid": lambda v: 1 / (1 + math.exp(-v)), "tanh": math.tanh}
        layers = self.weights.findall("Layout/Layer")
        for number, layer in enumerate(layers[:-1]):
            rows = [[float(F(t)) for t in neuron.text.split()] for neuron in layer]
            sums = [sum(v * row[k] for v, row in zip([*values, 1.0], rows)) for k in range(len(rows[0]))]
            last = {"CE": "sigmoid", "MSE": "linear"}[self.options.get("EstimatorType", "MSE")]
            values = [functions[last if number == len(layers) - 2 else self.options.get("NeuronType", "sigmoid")](v) for v in sums]
        if self.analysis == "multiclass":
            return [1 / sum(math.exp(other - own) for other in values) for own in values]
        return [self.inverse(v) for v in values] if self.analysis == "regression" else values

    def responses(self, x: np.ndarray) -> np.ndarray:
        return np.array([self.response(event) for event in x])


class Pdf:
    """TMVA's histogram of 10,000 bins, filled from a stored one along straight lines."""

    def __init__(self, pdf: ET.Element) -> None:
        contents = [float(F(t)) for t in pdf.find("Histogram").text.split()]
        edges = [float(t) for t in pdf.find("HistogramBinning").text.split()]
        centres = [a + 0.5 * (b - a) for a, b in zip(edges, edges[1:])]
        self.least, self.greatest = edges[0], edges[-1]
        self.filled = []
        for bin in range(10_000):
            x = self.centre(bin)
            y = self.line(centres, contents, max(bisect.bisect_right(centres, x) - 1, 0), x)
            self.filled.append(float(F(max(contents[bisect.bisect_right(edges, x) - 1] if y <= 1e-12 else y, 1e-12))))

    def centre(self, bin: int) -> float:
        width = (self.greatest - self.least) / 10_000
        return self.least + bin * width + 0.5 * width

    @staticmethod
    def line(xs: list[float], ys: list[float], at: int, x: float) -> float:
        other = at + 1 if (x > xs[at] and at != len(xs) - 1) or at == 0 else at - 1
        return ys[at] + (x - xs[at]) * (ys[at] - ys[other]) / (xs[at] - xs[other])

    def value(self, x: float) -> float:
        bin = 0 if x < self.least else 9_999 if not x < self.greatest else min(int(10_000 * (x - self.least) / (self.greatest - self.least)), 9_999)
        near = range(max(bin - 1, 0), min(bin + 2, 10_000))
        other = bin + 1 if (x > self.centre(bin) and bin != 9_999) or bin == 0 else bin - 1
        assert other in near
        centre = self.centre(bin)
        value = self.filled[bin] + (x - centre) * (self.filled[bin] - self.filled[other]) / (centre - self.centre(other))
        return value if value >= 1e-12 else 1e-12


def erf_inverse(x: float) -> float:
    """TMath::ErfInverse: secants until the error function is right to 1e-14."""
    size = abs(x)
    found = 0.8862269254527579 * size
    if size <= 1e-14:
        return 0.8862269254527579 * x
    before, step = math.erf(0.9 * found), 0.1 * found
    for _ in range(50):
        now = 1.0 - math.erfc(found)
        missing = size - now
        if abs(missing) < 1e-14:
            break
        step *= missing / (now - before)
        before = now
        found += step
        if abs(step / found) < 1e-14:
            break
    return math.copysign(found, x)
