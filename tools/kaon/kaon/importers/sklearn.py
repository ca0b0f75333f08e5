"""scikit-learn's forests, multi-layer perceptrons, linear models and scaler pipelines, from a live object: its numbers are read, its pickle never is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kaon.error import Refused
from kaon.graph import Graph, Node, Port
from kaon.importers.trees.boosters import trainer_of
from kaon.importers.trees.estimators import FORESTS, read_forest

ACTIVATIONS = {"identity": None, "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
SCALERS = ("MaxAbsScaler", "MinMaxScaler", "PCA", "RobustScaler", "StandardScaler", "TruncatedSVD")
CONTAINERS = ("ColumnTransformer", "Pipeline")
SEARCHES = ("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV")
LINEAR_REGRESSORS = (
    *("ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "HuberRegressor", "Lars", "LarsCV", "Lasso", "LassoCV"),
    *("LassoLars", "LassoLarsCV", "LinearRegression", "LinearSVR", "OrthogonalMatchingPursuit", "QuantileRegressor", "Ridge"),
    *("RidgeCV", "SGDRegressor", "TheilSenRegressor"),
)
LINEAR_CLASSIFIERS = (
    *("LinearDiscriminantAnalysis", "LinearSVC", "LogisticRegression", "LogisticRegressionCV", "PassiveAggressiveClassifier"),
    *("Perceptron", "RidgeClassifier", "RidgeClassifierCV", "SGDClassifier"),
)
SUPPORTED = sorted(
    (*SCALERS, *CONTAINERS, *SEARCHES, *FORESTS, *LINEAR_REGRESSORS, *LINEAR_CLASSIFIERS, "MLPClassifier", "MLPRegressor", "TransformedTargetRegressor")
)
MAXIMUM_FEATURES = 1 << 18
MAXIMUM_MIXED = 1 << 12
"""Features whose linear combinations are a matrix of float64."""
METHODS = ("decision_function", "predict", "predict_proba", "score_samples", "transform")


@dataclass
class Affine:
    """x matrix + offset, in float64."""

    matrix: np.ndarray
    offset: np.ndarray

    def then(self, other: Affine) -> Affine:
        return Affine(self.matrix @ other.matrix, self.offset @ other.matrix + other.offset)

    @property
    def is_diagonal(self) -> bool:
        rows, columns = self.matrix.shape
        return rows == columns and np.count_nonzero(self.matrix - np.diag(np.diagonal(self.matrix))) == 0


def read_estimator(estimator: Any, method: str | None) -> tuple[Graph, str, bytes]:
    """Returns the graph, the method that it computes, and a description of the object.

    method: one of METHODS; by default predict_proba of a classifier that has it, decision_function of another and of what finds
    outliers, predict of a regressor, transform of a pipeline of scalers.
    """
    place = type(estimator).__name__
    if method is not None and method not in METHODS:
        raise Refused(f"method {method!r}", "no such method", f"give one of {', '.join(METHODS)}")
    try:
        return read_fitted(place, estimator, method)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError) as error:  # as fit leaves it none is met
        raise Refused(place, f"what it holds does not fit together ({type(error).__name__}: {error})", "fit it again") from error


def read_fitted(place: str, estimator: Any, method: str | None) -> tuple[Graph, str, bytes]:
    steps, last = unrolled(estimator)
    features = feature_count(estimator, place)
    chosen = method or ("transform" if last is None else default_method(last))
    if type(last).__name__ in FORESTS and not steps:
        graph = read_forest(place, last, chosen, None, features)
    else:
        if features > MAXIMUM_MIXED:
            raise Refused(place, f"{features} features", f"convert what reads at most {MAXIMUM_MIXED}")
        before = Affine(np.eye(features), np.zeros(features))
        for step in steps:
            before = before.then(affine(step, before.matrix.shape[1], estimator))
        if type(last).__name__ in FORESTS:
            graph = read_forest(place, last, chosen, scaling(steps, before, place), features)
        else:
            graph = assemble(place, before, [] if last is None else layers_of(last, chosen))
    names = getattr(estimator, "feature_names_in_", None)
    graph.inputs[0].labels = [str(name) for name in names] if names is not None else None
    classes = getattr(last, "classes_", None)
    if classes is not None and graph.outputs[0].shape == (len(classes),):
        graph.outputs[0].labels = [str(value) for value in classes]
    about = {"class": place, "method": chosen, "parameters": {k: repr(v)[:200] for k, v in estimator.get_params(deep=False).items()}}
    return graph, chosen, json.dumps(about, sort_keys=True, indent=1).encode()


def scaling(steps: list[Any], before: Affine, place: str) -> Callable[[np.ndarray], np.ndarray] | None:
    """Returns what the steps before a forest make of events; None: there are none. Refuses what mixes or mirrors features."""
    if not steps:
        return None
    if not before.is_diagonal or not (np.diagonal(before.matrix) > 0).all():
        raise Refused(place, "what stands before the forest mixes features", "leave it out: trees need no scaling")

    def scaled(events: np.ndarray) -> np.ndarray:
        for step in steps:
            events = step.transform(events)
        return events

    return scaled


def unrolled(estimator: Any) -> tuple[list[Any], Any]:
    """Returns the transformers and the predictor (None where there is none) that an object applies, one after the other."""
    name = type(estimator).__name__
    if name in SEARCHES:
        return unrolled(fitted(estimator, "best_estimator_"))
    if name == "Pipeline":
        steps: list[Any] = []
        for position, (_, step) in enumerate(estimator.steps):
            if step is None or step == "passthrough":
                continue
            inner, last = unrolled(step)
            if last is not None and position != len(estimator.steps) - 1:
                raise unsupported(step)
            steps += inner
            if last is not None:
                return steps, last
        return steps, None
    if name in SCALERS or name == "ColumnTransformer":
        return [estimator], None
    return [], estimator


def unsupported(estimator: Any) -> Refused:
    if trainer_of(estimator) is not None:
        cause, remedy = "it stands among steps of scikit-learn", "convert it alone, fitted to features as they are: trees need no scaling"
        return Refused(type(estimator).__name__, cause, remedy)
    return Refused(type(estimator).__name__, "it is not supported", f"supported: {', '.join(SUPPORTED)}")


def fitted(estimator: Any, attribute: str) -> Any:
    value = getattr(estimator, attribute, None)
    if value is None:
        raise Refused(type(estimator).__name__, f"it has no {attribute}: it is not fitted", "call fit before")
    return value


def feature_count(estimator: Any, place: str) -> int:
    count = getattr(estimator, "n_features_in_", None)
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool):
        raise Refused(place, "it does not say how many features it reads: it is not fitted", "call fit before")
    if not 0 < count <= MAXIMUM_FEATURES:
        raise Refused(place, f"{count} features", f"convert what reads 1 to {MAXIMUM_FEATURES}")
    return int(count)


def affine(step: Any, features: int, whole: Any) -> Affine:
    """Returns what a transformer does to `features` features."""
    name = type(step).__name__
    one, zero = np.ones(features), np.zeros(features)
    if name == "ColumnTransformer":
        return columns(step, features, whole)
    if name in ("PCA", "TruncatedSVD"):
        components = fitted(step, "components_").astype(np.float64)
        mean = zero if getattr(step, "mean_", None) is None else np.asarray(step.mean_, np.float64)
        matrix = components.T
        if getattr(step, "whiten", False):
            matrix = matrix / np.sqrt(step.explained_variance_)
        return Affine(matrix, -mean @ matrix)
    if name == "StandardScaler":
        fitted(step, "n_features_in_")
        scale = 1 / np.asarray(step.scale_) if step.with_std else one
        return Affine(np.diag(scale), -(np.asarray(step.mean_) if step.with_mean else zero) * scale)
    if name == "RobustScaler":
        fitted(step, "n_features_in_")
        scale = 1 / np.asarray(step.scale_) if step.with_scaling else one
        return Affine(np.diag(scale), -(np.asarray(step.center_) if step.with_centering else zero) * scale)
    if name == "MinMaxScaler":
        if step.clip:
            raise Refused(name, "it clips", "fit it with clip=False")
        return Affine(np.diag(fitted(step, "scale_")), np.asarray(step.min_))
    if name == "MaxAbsScaler":
        return Affine(np.diag(1 / fitted(step, "scale_")), zero)
    raise unsupported(step)


def columns(transformer: Any, features: int, whole: Any) -> Affine:
    """Returns what a ColumnTransformer does: each part on its own columns, side by side in its order."""
    names = getattr(transformer, "feature_names_in_", getattr(whole, "feature_names_in_", None))
    parts = []
    for _, step, chosen in fitted(transformer, "transformers_"):
        if isinstance(step, str) and step == "drop":
            continue
        where = [position(column, names, features) for column in np.arange(features)[chosen]] if isinstance(chosen, slice) else [
            position(column, names, features) for column in chosen
        ]
        select = np.zeros((features, len(where)))
        select[where, np.arange(len(where))] = 1
        part = Affine(select, np.zeros(len(where)))
        inner, last = ([], None) if isinstance(step, str) and step == "passthrough" else unrolled(step)
        if last is not None:
            if type(last).__name__ == "FunctionTransformer" and last.func is None:
                last = None
            else:
                raise unsupported(last)
        for one in inner:
            part = part.then(affine(one, part.matrix.shape[1], transformer))
        weight = (getattr(transformer, "transformer_weights", None) or {}).get(_, 1.0)
        parts.append(Affine(part.matrix * weight, part.offset * weight))
    if not parts:
        raise Refused(type(transformer).__name__, "it keeps no column", "keep one")
    return Affine(np.hstack([p.matrix for p in parts]), np.concatenate([p.offset for p in parts]))


def position(column: Any, names: Any, features: int) -> int:
    if isinstance(column, (int, np.integer)):
        return int(column) % features
    found = [] if names is None else np.flatnonzero(np.asarray(names) == column)
    if len(found) != 1:
        raise Refused("ColumnTransformer", f"no column {column!r}", "choose columns by number or by name")
    return int(found[0])


def default_method(last: Any) -> str:
    if type(last).__name__ == "IsolationForest":
        return "decision_function"
    if hasattr(last, "classes_"):
        return "predict_proba" if hasattr(last, "predict_proba") else "decision_function"
    return "predict"


def layers_of(last: Any, method: str) -> list[tuple[str, Affine | None]]:
    """Returns a predictor as dense layers and activations."""
    name = type(last).__name__
    if name == "TransformedTargetRegressor":
        if last.inverse_func is not None:
            raise Refused(name, "its target is transformed by a function", "use a scaler as transformer")
        inner = fitted(last, "regressor_")
        steps, regressor = unrolled(inner)
        if steps or regressor is None:
            raise Refused(name, "its regressor is a pipeline", "put the pipeline outside")
        layers = layers_of(regressor, method)
        size = next(a for _, a in reversed(layers) if a is not None).matrix.shape[1]
        scaler = affine(last.transformer_, size, last)
        inverse = Affine(np.linalg.inv(scaler.matrix), -scaler.offset @ np.linalg.inv(scaler.matrix))
        return [*layers, ("dense", inverse)]
    if name in ("MLPClassifier", "MLPRegressor"):
        return perceptron(last, method)
    if name in LINEAR_REGRESSORS:
        require(name, method, ("predict",))
        return [("dense", linear(last))]
    if name in LINEAR_CLASSIFIERS:
        require(name, method, ("decision_function", "predict_proba"))
        return classifier(last, linear(last), method)
    raise unsupported(last)


def require(name: str, method: str, possible: tuple[str, ...]) -> None:
    if method not in possible:
        raise Refused(f"{name}.{method}", "it has no such numbers", f"give method={' or '.join(map(repr, possible))}")


def linear(last: Any) -> Affine:
    weights = np.atleast_2d(np.asarray(fitted(last, "coef_"), np.float64)).T
    offset = np.broadcast_to(np.asarray(last.intercept_, np.float64).reshape(-1), (weights.shape[1],))
    return Affine(weights, offset)


def classifier(last: Any, scores: Affine, method: str) -> list[tuple[str, Affine | None]]:
    name = type(last).__name__
    binary = scores.matrix.shape[1] == 1
    if method == "decision_function":
        return [("dense", scores)]
    if not hasattr(last, "predict_proba"):
        raise Refused(name, "it has no probabilities", "give method='decision_function'")
    if binary:
        return [("dense", two_sided(scores)), ("sigmoid", None)]
    separate = name == "SGDClassifier" or getattr(last, "multi_class", None) == "ovr" or getattr(last, "solver", None) == "liblinear"
    if separate:
        raise Refused(name, "its probabilities are those of one class against the rest, brought to a sum of one", "give method='decision_function'")
    return [("dense", scores), ("softmax", None)]


def two_sided(scores: Affine) -> Affine:
    """Of one score the probabilities of both classes: sigmoid(-z) = 1 - sigmoid(z)."""
    return Affine(np.hstack([-scores.matrix, scores.matrix]), np.concatenate([-scores.offset, scores.offset]))


def perceptron(last: Any, method: str) -> list[tuple[str, Affine | None]]:
    name = type(last).__name__
    require(name, method, ("predict_proba",) if name == "MLPClassifier" else ("predict",))
    matrices = fitted(last, "coefs_")
    steps = [Affine(w.astype(np.float64), b.astype(np.float64)) for w, b in zip(matrices, last.intercepts_)]
    if last.activation not in ACTIVATIONS or last.out_activation_ not in (*ACTIVATIONS, "softmax"):
        raise Refused(name, f"its activation is {last.activation!r}", f"use one of {', '.join(ACTIVATIONS)}")
    layers: list[tuple[str, Affine | None]] = []
    for step in steps[:-1]:
        layers.append(("dense", step))
        if ACTIVATIONS[last.activation] is not None:
            layers.append((str(ACTIVATIONS[last.activation]), None))
    final = steps[-1]
    one_of_two = name == "MLPClassifier" and final.matrix.shape[1] == 1
    layers.append(("dense", two_sided(final) if one_of_two else final))
    kind = "softmax" if last.out_activation_ == "softmax" else ACTIVATIONS[last.out_activation_]
    return layers if kind is None else [*layers, (kind, None)]


def assemble(place: str, before: Affine, layers: list[tuple[str, Affine | None]]) -> Graph:
    """Makes the graph; what stands before the first layer is folded into it in float64."""
    features = before.matrix.shape[0]
    if layers and layers[0][1] is not None:
        layers = [("dense", before.then(layers[0][1])), *layers[1:]]
    elif before.is_diagonal:
        layers = [("scale", before)]
    else:
        layers = [("dense", before)]
    nodes = []
    value = "features"
    for number, (kind, step) in enumerate(layers):
        output = "result" if number == len(layers) - 1 else f"value_{number}"
        if kind == "scale":
            assert step is not None
            tensors = {"scale": np.diagonal(step.matrix).copy(), "offset": step.offset}
        else:
            tensors = {} if step is None else {"weights": step.matrix.astype(np.float64), "bias": step.offset.astype(np.float64)}
        nodes.append(Node(kind, [value], output, tensors=tensors, origin=place))
        value = output
    size = next(step.matrix.shape[1] for _, step in reversed(layers) if step is not None)
    return Graph([Port("features", (features,))], [Port("result", (size,))], nodes, place)
