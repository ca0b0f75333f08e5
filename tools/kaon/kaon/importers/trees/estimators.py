"""Forests of scikit-learn, from a live object: DecisionTree, RandomForest, ExtraTrees, GradientBoosting, HistGradientBoosting, AdaBoost, IsolationForest.

Their nodes split by x <= threshold, the threshold in float64, the feature rounded to float32 (HistGradientBoosting: float64, but events
are float32 here). A missing value goes where the node says. What scales features before a forest, one by one, is
folded into its thresholds: each becomes the largest float32 whose scaled value is not above it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kaon.error import Refused
from kaon.forest import Tree, refuse_loops
from kaon.graph import Graph
from kaon.importers.trees.links import Step, graph_of, two_sided

Scaling = Callable[[np.ndarray], np.ndarray]
"""Of events [rows][features] what the steps before the forest make."""

TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
BAGS = ("ExtraTreesClassifier", "ExtraTreesRegressor", "RandomForestClassifier", "RandomForestRegressor")
BOOSTED = ("GradientBoostingClassifier", "GradientBoostingRegressor")
HISTOGRAMS = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
FORESTS = (*TREES, *BAGS, *BOOSTED, *HISTOGRAMS, "AdaBoostClassifier", "IsolationForest")
LARGEST = int(np.float64(np.finfo(np.float32).max).view(np.int64))
"""The number of the largest float32, by the order of float64."""
AT_ONCE = 1 << 14
"""Thresholds that are found together."""
LINKS = {"IdentityLink": None, "LogLink": "exponential", "LogitLink": "sigmoid", "HalfLogitLink": "sigmoid", "MultinomialLogit": "softmax"}


def read_forest(place: str, last: Any, method: str, scaling: Scaling | None, features: int) -> Graph:
    """Returns the graph of a fitted forest.

    method: decision_function, predict, predict_proba or score_samples; scaling: None where the forest reads the events as they are.
    """
    name = type(last).__name__
    if name in HISTOGRAMS:
        trees, base, steps = histograms(last, method)
    elif name in BOOSTED:
        trees, base, steps = boosted(last, method)
    elif name == "AdaBoostClassifier":
        trees, base, steps = adaptive(last, method)
    elif name == "IsolationForest":
        trees, base, steps = isolation(last, method)
    else:
        trees, base, steps = averaged(last, method)
    depth = max(refuse_loops(tree, lambda node, cause: Refused(f"{name}, node {node}", cause, "fit it again"), features) for tree in trees)
    if scaling is not None:
        unscale(name, trees, scaling, features, rounds=name not in HISTOGRAMS)
    return graph_of(place, trees, depth, True, base, steps, features, None, name, name not in HISTOGRAMS and scaling is None)


Parts = tuple[list[Tree], np.ndarray, list[Step]]
"""Trees whose thresholds are float64, the sums' first terms, and what follows."""


def need(last: Any, method: str, *possible: str) -> None:
    if method not in possible:
        raise Refused(f"{type(last).__name__}.{method}", "it has no such numbers", f"give method={' or '.join(map(repr, possible))}")


def fitted(last: Any, attribute: str) -> Any:
    value = getattr(last, attribute, None)
    if value is None:
        raise Refused(type(last).__name__, f"it has no {attribute}: it is not fitted", "call fit before")
    return value


def tree_of(owner: Any, tree: Any, values: np.ndarray, columns: np.ndarray | None = None) -> Tree:
    """Makes a tree. values: of its nodes, [nodes] or [nodes][outputs]; columns: the features that it was given, by its own numbers."""
    left, right = tree.children_left.astype(np.int64), tree.children_right.astype(np.int64)
    inner = left >= 0
    chosen = np.where(inner, tree.feature, -1)
    if columns is not None:
        chosen = np.where(inner, columns[np.maximum(chosen, 0)], -1)
    missing = getattr(tree, "missing_go_to_left", None)
    tags = getattr(owner, "__sklearn_tags__", None)
    takes_missing = missing is not None and tags is not None and tags().input_tags.allow_nan
    missing_left = np.asarray(missing, bool) if takes_missing else np.ones(len(left), bool)
    single = values if values.ndim == 1 else values[:, 0]
    made = Tree(left, right, chosen, np.where(inner, tree.threshold, single), missing_left)
    if values.ndim == 2 and values.shape[1] > 1:
        made.leaf_values = values
    return made


def averaged(last: Any, method: str) -> Parts:
    """One tree, or the mean of several: of classes their shares in the leaf."""
    name = type(last).__name__
    members = [last] if name in TREES else list(fitted(last, "estimators_"))
    fitted(last, "n_features_in_")
    if not hasattr(last, "classes_"):
        need(last, method, "predict")
        outputs = last.n_outputs_
        if any(fitted(m, "tree_").value.shape[1] != outputs for m in members):
            raise Refused(name, f"it is to have {outputs} outputs, and its trees do not", "fit it again")
        trees = [tree_of(last, fitted(m, "tree_"), m.tree_.value[:, :, 0] / len(members)) for m in members]
        return trees, np.zeros(outputs), []
    need(last, method, "predict_proba")
    if last.n_outputs_ != 1:
        raise Refused(name, f"it has {last.n_outputs_} outputs with classes of their own", "fit a forest for each")
    trees = []
    for member in members:
        shares = fitted(member, "tree_").value[:, 0, :]
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny) / len(members)
        trees.append(tree_of(last, member.tree_, shares[:, 1] if shares.shape[1] == 2 else shares))
    classes = len(last.classes_)
    return (trees, np.zeros(1), [two_sided(1, 1)]) if classes == 2 else (trees, np.zeros(classes), [])


def boosted(last: Any, method: str) -> Parts:
    name = type(last).__name__
    grid = fitted(last, "estimators_")
    outputs = grid.shape[1]
    init = last.init_
    if not (isinstance(init, str) and init == "zero") and type(init).__name__ not in ("DummyClassifier", "DummyRegressor"):
        raise Refused(f"{name}.init", f"its first estimator is a {type(init).__name__}", "fit it with init=None or init='zero'")
    base = np.asarray(last._raw_predict_init(np.zeros((1, last.n_features_in_), np.float32)), np.float64).reshape(-1)
    listed = [tree_of(last, grid[i, k].tree_, grid[i, k].tree_.value[:, 0, 0] * last.learning_rate) for i in range(len(grid)) for k in range(outputs)]
    return listed, base, links(last, method, outputs, 2.0 if last.loss == "exponential" else 1.0)


def links(last: Any, method: str, outputs: int, factor: float = 1.0) -> list[Step]:
    """Returns what follows the sums of boosted trees. factor: by which they are multiplied before a sigmoid."""
    name = type(last).__name__
    if not hasattr(last, "classes_"):
        need(last, method, "predict")
        kind = LINKS.get(type(last._loss.link).__name__, "")
        if kind not in (None, "exponential"):
            raise Refused(f"{name}.loss", f"the loss {last.loss!r} is not supported", "use squared_error, absolute_error, quantile, poisson or gamma")
        return [] if kind is None else [Step(kind)]
    need(last, method, "decision_function", "predict_proba")
    if method == "decision_function":
        return []
    return [two_sided(factor, 0), Step("sigmoid")] if outputs == 1 else [Step("softmax")]


def histograms(last: Any, method: str) -> Parts:
    grid = fitted(last, "_predictors")
    outputs = last.n_trees_per_iteration_
    columns, encoded = original_columns(last)
    trees = [histogram_tree(predictor, columns, encoded, type(last).__name__) for row in grid for predictor in row]
    base = np.asarray(last._baseline_prediction, np.float64).reshape(-1)
    if not trees:
        raise Refused(type(last).__name__, "it has no trees", "fit it with more iterations")
    return trees, base, links(last, method, outputs)


def original_columns(last: Any) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Returns the events' column of each feature of the nodes, and of those that are categories the category of each code."""
    count = last.n_features_in_
    if last.is_categorical_ is None or last._preprocessor is None:
        return np.arange(count), {}
    is_category = np.asarray(last.is_categorical_, bool)
    columns = np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])
    categories = {}
    for feature, listed in enumerate(last._preprocessor.named_transformers_["encoder"].categories_):
        try:
            categories[feature] = np.asarray(listed, np.float64)
        except ValueError as error:
            raise Refused(f"{type(last).__name__}, feature {columns[feature]}", "its categories are texts", "number them before fitting") from error
    return columns, categories


def histogram_tree(predictor: Any, columns: np.ndarray, encoded: dict[int, np.ndarray], place: str) -> Tree:
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    left = np.where(inner, nodes["left"].astype(np.int64), -1)
    right = np.where(inner, nodes["right"].astype(np.int64), -1)
    feature = nodes["feature_idx"].astype(np.int64)
    missing = (nodes["missing_go_to_left"] != 0) & inner
    values = np.where(inner, nodes["num_threshold"], nodes["value"])
    tree = Tree(left, right, np.where(inner, columns[np.maximum(feature, 0)], -1), values, missing)
    for node in np.flatnonzero(inner & (nodes["is_categorical"] != 0)).tolist():
        known = encoded[int(feature[node])]
        words = np.ascontiguousarray(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]], "<u4")
        bits = np.unpackbits(words.view(np.uint8), bitorder="little")[: len(known)].astype(bool)
        bits = np.concatenate([bits, np.zeros(len(known) - len(bits), bool)]) & ~np.isnan(known)
        # Whatever is not known goes where missing values go: those that go the other way become the set, on the left.
        chosen = known[~bits & ~np.isnan(known)] if missing[node] else known[bits]
        wrong = (chosen < 0) | (chosen != np.floor(chosen))
        if wrong.any():
            raise Refused(f"{place}, feature {int(columns[feature[node]])}", f"{chosen[wrong.argmax()]} is no category", "number categories from 0 on")
        tree.categories[node] = chosen.astype(np.int64)
        tree.values[node] = 0
        if missing[node]:
            tree.left[node], tree.right[node] = right[node], left[node]
            tree.missing_left[node] = False
    return tree


def adaptive(last: Any, method: str) -> Parts:
    """AdaBoost (SAMME): each tree votes with its weight for the class of the leaf, and with -1 / (classes - 1) of it for the others."""
    members, weights = fitted(last, "estimators_"), np.asarray(last.estimator_weights_, np.float64)[: len(last.estimators_)]
    need(last, method, "decision_function", "predict_proba")
    classes = np.asarray(last.classes_)
    count = len(classes)
    trees = []
    for member, weight in zip(members, weights / last.estimator_weights_.sum()):
        if type(member).__name__ not in ("DecisionTreeClassifier", "ExtraTreeClassifier"):
            raise Refused(f"AdaBoostClassifier, {type(member).__name__}", "it boosts something else than trees", "boost DecisionTreeClassifier")
        own = np.asarray(member.classes_)[member.tree_.value[:, 0, :].argmax(axis=1)]
        votes = np.where(own[:, None] == classes, weight, -weight / (count - 1))
        trees.append(tree_of(last, member.tree_, votes[:, 1] - votes[:, 0] if count == 2 else votes))
    if count == 2:
        return trees, np.zeros(1), [two_sided(1, 0), Step("sigmoid")] if method == "predict_proba" else []
    if method == "decision_function":
        return trees, np.zeros(count), []
    for tree in trees:
        tree.leaf_values = None if tree.leaf_values is None else tree.leaf_values / (count - 1)
    return trees, np.zeros(count), [Step("softmax")]


def isolation(last: Any, method: str) -> Parts:
    """-2^(-d), d: the mean depth of the leaves over that of a search in as many events; decision_function takes off the offset."""
    members = fitted(last, "estimators_")
    need(last, method, "decision_function", "score_samples")
    if last._max_samples < 2:
        raise Refused("IsolationForest", "its trees saw one event each", "fit it to more")
    scale = math.log(2) / (len(members) * path_length(np.array([last._max_samples]))[0])
    trees = []
    for member, columns in zip(members, last.estimators_features_):
        tree = member.tree_
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):  # children come after their parents
            if tree.children_left[node] >= 0:
                depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
        trees.append(tree_of(last, tree, -scale * (depth + path_length(tree.n_node_samples)), np.asarray(columns)))
    offset = last.offset_ if method == "decision_function" else 0.0
    return trees, np.zeros(1), [Step("exponential"), Step("scale", {"scale": np.array([-1.0]), "offset": np.array([-offset], np.float64)})]


def path_length(events: np.ndarray) -> np.ndarray:
    """The mean depth of a search that does not succeed, in a random binary tree of so many events (Liu, Ting, Zhou 2008)."""
    n = np.maximum(events.astype(np.float64), 2)
    exact = 2 * (np.log(n - 1, where=n > 2, out=np.zeros_like(n)) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(events <= 1, 0.0, np.where(events == 2, 1.0, exact))


def unscale(place: str, trees: list[Tree], scaling: Scaling, features: int, rounds: bool) -> None:
    """Replaces thresholds of scaled features by those of the events; rounds: scaled values become float32."""
    if any(tree.categories for tree in trees):
        raise Refused(place, "it splits by categories that are scaled before", "leave out the scaler")
    inner = [np.flatnonzero(tree.left >= 0) for tree in trees]
    feature = np.concatenate([tree.features[nodes] for tree, nodes in zip(trees, inner)]).astype(int)
    values = np.concatenate([tree.values[nodes] for tree, nodes in zip(trees, inner)])
    for first in range(0, len(values), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        values[part] = largest_below(feature[part], values[part], scaling, features, rounds)
    for tree, own in zip(trees, np.split(values, np.cumsum([len(nodes) for nodes in inner])[:-1])):
        tree.values[tree.left >= 0] = own


def largest_below(feature: np.ndarray, wanted: np.ndarray, scaling: Scaling, features: int, rounds: bool) -> np.ndarray:
    """Returns for each feature the largest float64, within float32, whose scaled value is not above the wanted one, by bisection over all of them."""
    rows = np.arange(len(feature))
    low, high = np.full(len(feature), -LARGEST), np.full(len(feature), LARGEST)
    while (low < high).any():
        middle = (low | high) - ((low ^ high) >> 1)  # of the sum, rounded up
        events = np.zeros((len(feature), features))
        events[rows, feature] = ordered_float(middle)
        scaled = np.asarray(scaling(events), np.float64)[rows, feature]
        below = (scaled.astype(np.float32) if rounds else scaled) <= wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle - 1)
    return ordered_float(low)


def ordered_float(number: np.ndarray) -> np.ndarray:
    """Returns float64 numbers by their order: 0 is 0, each next one the next float64."""
    return np.where(number < 0, -1.0, 1.0) * np.abs(number).view(np.float64)
