"""Forests trained here, by every trainer that is installed: small, of every kind of split, leaf and link that its files have."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROWS = 600
FEATURES = 5
CATEGORIES = 40
"""Of the last feature."""
ROUNDS = 6


@dataclass
class Trained:
    """A model, and what its trainer says."""

    name: str
    source: bytes | object
    """A file's bytes, or a fitted object."""
    margins: Callable[[np.ndarray], np.ndarray]
    """Of events [rows][FEATURES] the sums before the link."""
    predictions: Callable[[np.ndarray], np.ndarray]


@dataclass
class Data:
    """Events with what there is to learn. x: float32 [ROWS][FEATURES]; the last feature is a category, where one is wanted, some values are missing."""

    x: np.ndarray
    binary: np.ndarray
    classes: np.ndarray
    counts: np.ndarray
    positive: np.ndarray
    two: np.ndarray


def events(missing: bool = True) -> Data:
    random = np.random.default_rng(20)
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    x[:, -1] = random.integers(0, CATEGORIES, ROWS)
    score = x[:, 0] + np.abs(x[:, 1]) * x[:, 2] + np.isin(x[:, -1] % 7, (1, 2, 5)) * 2 - 1
    if missing:
        x[random.random(x.shape) < 0.08] = np.nan
    counts = random.poisson(np.exp(np.clip(score / 2, -2, 2)))
    classes = np.digitize(score, (-0.8, 0.8))
    return Data(x, (score > 0).astype(int), classes, counts, counts + 0.5, np.stack([score, x[:, 3] > 0], 1).astype(np.float32).copy())


def installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


def two_axes(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float64).reshape(len(values), -1)


def xgboost_models() -> Iterator[Trained]:
    import xgboost

    data = events()
    types = ["q"] * (FEATURES - 1) + ["c"]
    multi = {"multi_strategy": "multi_output_tree"}
    dart = {"booster": "dart", "rate_drop": 0.5, "one_drop": 1, "seed": 3}
    kinds: dict[str, tuple[dict, np.ndarray, list[str] | None]] = {
        "binary": ({"objective": "binary:logistic"}, data.binary, None),
        "categories": ({"objective": "binary:logistic", "max_cat_to_onehot": 4}, data.binary, types),
        "onehot": ({"objective": "reg:squarederror", "max_cat_to_onehot": 100}, data.counts, types),
        "raw": ({"objective": "binary:logitraw"}, data.binary, None),
        "softprob": ({"objective": "multi:softprob", "num_class": 3}, data.classes, types),
        "softmax": ({"objective": "multi:softmax", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.7}, data.classes, None),
        "vectors": ({"objective": "multi:softprob", "num_class": 3, **multi}, data.classes, None),
        "targets": ({"objective": "reg:squarederror"}, np.nan_to_num(data.two), None),
        "target_vectors": ({"objective": "reg:squarederror", **multi}, np.nan_to_num(data.two), None),
        "poisson": ({"objective": "count:poisson"}, data.counts, None),
        "gamma": ({"objective": "reg:gamma"}, data.positive, None),
        "tweedie": ({"objective": "reg:tweedie"}, data.counts, types),
        "regression": ({"objective": "reg:squarederror"}, data.counts, None),
        "absolute": ({"objective": "reg:absoluteerror"}, data.counts, None),
        "quantiles": ({"objective": "reg:quantileerror", "quantile_alpha": [0.2, 0.5, 0.9]}, data.counts, None),
        "dart": ({"objective": "binary:logistic", **dart}, data.binary, None),
        "dart_classes": ({"objective": "multi:softprob", "num_class": 3, **dart}, data.classes, None),
    }
    for name, (parameters, labels, feature_types) in kinds.items():

        def matrix(x: np.ndarray, feature_types: list[str] | None = feature_types) -> xgboost.DMatrix:
            return xgboost.DMatrix(x, feature_types=feature_types, enable_categorical=feature_types is not None)

        train = xgboost.DMatrix(data.x, labels, feature_types=feature_types, enable_categorical=feature_types is not None)
        settings = {"max_depth": 3, "eta": 0.4, "tree_method": "hist", "nthread": 1, **parameters}
        booster = xgboost.train(settings, train, ROUNDS)
        given = lambda x, b=booster, m=matrix, **how: two_axes(b.predict(m(x), **how))  # noqa: E731
        probabilities = given if name != "softmax" else lambda x, g=given: softmax(g(x, output_margin=True))
        for suffix in ("json", "ubj") if name in ("binary", "categories", "vectors") else ("ubj",):
            yield Trained(f"xgboost_{name}_{suffix}", bytes(booster.save_raw(suffix)), lambda x, g=given: g(x, output_margin=True), probabilities)


def softmax(margins: np.ndarray) -> np.ndarray:
    e = np.exp(margins - margins.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def lightgbm_models() -> Iterator[Trained]:
    import lightgbm

    data = events()
    whole = events(missing=False)
    last = {"categorical_feature": [FEATURES - 1]}
    forest = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}
    kinds: dict[str, tuple[dict, Data, str, dict]] = {
        "binary": ({"objective": "binary"}, data, "binary", {}),
        "categories": ({"objective": "binary", "sigmoid": 2.0}, data, "binary", last),
        "no_missing": ({"objective": "regression"}, whole, "counts", last),
        "without_missing": ({"objective": "regression", "use_missing": False}, data, "counts", last),
        "multiclass": ({"objective": "multiclass", "num_class": 3}, data, "classes", last),
        "one_vs_all": ({"objective": "multiclassova", "num_class": 3}, data, "classes", {}),
        "poisson": ({"objective": "poisson"}, data, "counts", last),
        "gamma": ({"objective": "gamma"}, data, "positive", {}),
        "tweedie": ({"objective": "tweedie"}, data, "counts", {}),
        "entropy": ({"objective": "cross_entropy"}, data, "binary", {}),
        "entropy_lambda": ({"objective": "cross_entropy_lambda"}, data, "binary", {}),
        "absolute": ({"objective": "regression_l1"}, data, "counts", {}),
        "forest": ({"objective": "binary", **forest}, data, "binary", {}),
        "forest_classes": ({"objective": "multiclass", "num_class": 3, **forest}, data, "classes", last),
        "dart": ({"objective": "binary", "boosting": "dart", "drop_rate": 0.5}, data, "binary", {}),
    }
    settings = {"num_leaves": 9, "verbose": -1, "min_data_per_group": 5, "min_data_in_leaf": 5, "num_threads": 1, "max_bin": 60, "deterministic": True}
    for name, (parameters, given, label, options) in kinds.items():
        train = lightgbm.Dataset(given.x, getattr(given, label), params={"verbose": -1}, **options)
        booster = lightgbm.train({**settings, **parameters}, train, ROUNDS)
        margins = lambda x, b=booster: two_axes(b.predict(x.astype(np.float64), raw_score=True))  # noqa: E731
        if name == "categories":  # the factor of its sigmoid is in the leaves
            margins = lambda x, m=margins: 2 * m(x)  # noqa: E731
        if "boosting" in parameters and parameters["boosting"] == "rf":  # as raw scores it gives sums, as predictions links of means
            margins = lambda x, m=margins: m(x) / ROUNDS  # noqa: E731
        predictions = lambda x, b=booster: two_axes(b.predict(x.astype(np.float64)))  # noqa: E731
        yield Trained(f"lightgbm_{name}", booster.model_to_string().encode(), margins, predictions)
        yield Trained(f"lightgbm_{name}_json", json.dumps(booster.dump_model()).encode(), margins, predictions)


def catboost_models(folder: Path) -> Iterator[Trained]:
    import catboost

    data = events()
    kinds: dict[str, tuple[dict, np.ndarray]] = {
        "binary": ({"loss_function": "Logloss"}, data.binary),
        "entropy": ({"loss_function": "CrossEntropy"}, data.binary),
        "nan_max": ({"loss_function": "Logloss", "nan_mode": "Max"}, data.binary),
        "multiclass": ({"loss_function": "MultiClass"}, data.classes),
        "one_vs_all": ({"loss_function": "MultiClassOneVsAll"}, data.classes),
        "regression": ({"loss_function": "RMSE"}, data.counts),
        "targets": ({"loss_function": "MultiRMSE"}, np.nan_to_num(data.two)),
        "poisson": ({"loss_function": "Poisson"}, data.counts),
        "tweedie": ({"loss_function": "Tweedie:variance_power=1.5"}, data.counts),
        "leaf_wise": ({"loss_function": "RMSE", "grow_policy": "Lossguide", "max_leaves": 9}, data.counts),
        "depth_wise": ({"loss_function": "MultiClass", "grow_policy": "Depthwise"}, data.classes),
    }
    for name, (parameters, labels) in kinds.items():
        settings = {"iterations": ROUNDS, "depth": 3, "verbose": 0, "allow_writing_files": False, "thread_count": 1, "random_seed": 5}
        model = catboost.CatBoost({**settings, **parameters}).fit(data.x, labels)
        path = folder / f"{name}.json"
        model.save_model(str(path), format="json")
        raw = lambda x, m=model: two_axes(m.predict(x, prediction_type="RawFormulaVal"))  # noqa: E731
        loss = parameters["loss_function"].partition(":")[0]
        if loss in ("Logloss", "CrossEntropy"):
            predicted = lambda x, m=model: two_axes(m.predict(x, prediction_type="Probability")[:, 1])  # noqa: E731
        elif loss == "MultiClass":
            predicted = lambda x, m=model: two_axes(m.predict(x, prediction_type="Probability"))  # noqa: E731
        elif loss == "MultiClassOneVsAll":  # its Probability is brought to a sum of one
            predicted = lambda x, r=raw: 1 / (1 + np.exp(-r(x)))  # noqa: E731
        elif loss in ("Poisson", "Tweedie"):
            predicted = lambda x, m=model: two_axes(m.predict(x, prediction_type="Exponent"))  # noqa: E731
        else:
            predicted = raw
        yield Trained(f"catboost_{name}", path.read_bytes(), raw, predicted)


def sklearn_models() -> Iterator[tuple[str, object, str]]:
    """Yields names, fitted estimators and methods of theirs."""
    from sklearn import ensemble, tree
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    data, whole = events(), events(missing=False)
    small = {"max_depth": 4, "random_state": 1}
    few = {"n_estimators": ROUNDS, **small}
    rounds = {"max_iter": ROUNDS, "max_depth": 3, "random_state": 1}
    category = {"categorical_features": [FEATURES - 1]}
    two = np.stack([whole.counts, whole.positive * 2], axis=1)
    kinds: dict[str, tuple[object, Data, np.ndarray, str]] = {
        "tree": (tree.DecisionTreeClassifier(**small), data, data.binary, "predict_proba"),
        "tree_classes": (tree.DecisionTreeClassifier(**small), data, data.classes, "predict_proba"),
        "tree_regressor": (tree.DecisionTreeRegressor(**small), whole, whole.counts, "predict"),
        "tree_targets": (tree.DecisionTreeRegressor(**small), whole, two, "predict"),
        "random_forest": (ensemble.RandomForestClassifier(**few), data, data.binary, "predict_proba"),
        "random_forest_classes": (ensemble.RandomForestClassifier(**few), whole, whole.classes, "predict_proba"),
        "random_forest_regressor": (ensemble.RandomForestRegressor(**few), data, data.counts, "predict"),
        "random_forest_targets": (ensemble.RandomForestRegressor(**few), whole, two, "predict"),
        "extra_trees": (ensemble.ExtraTreesClassifier(**few), whole, whole.classes, "predict_proba"),
        "extra_trees_regressor": (ensemble.ExtraTreesRegressor(**few), whole, whole.counts, "predict"),
        "boosted": (ensemble.GradientBoostingClassifier(**few), whole, whole.binary, "predict_proba"),
        "boosted_scores": (ensemble.GradientBoostingClassifier(init="zero", **few), whole, whole.binary, "decision_function"),
        "boosted_exponential": (ensemble.GradientBoostingClassifier(loss="exponential", **few), whole, whole.binary, "predict_proba"),
        "boosted_classes": (ensemble.GradientBoostingClassifier(**few), whole, whole.classes, "predict_proba"),
        "boosted_regressor": (ensemble.GradientBoostingRegressor(**few), whole, whole.counts, "predict"),
        "histogram": (ensemble.HistGradientBoostingClassifier(**rounds), data, data.binary, "predict_proba"),
        "histogram_categories": (ensemble.HistGradientBoostingClassifier(**rounds, **category), data, data.binary, "predict_proba"),
        "histogram_classes": (ensemble.HistGradientBoostingClassifier(**rounds, **category), whole, whole.classes, "decision_function"),
        "histogram_regressor": (ensemble.HistGradientBoostingRegressor(**rounds), data, data.counts, "predict"),
        "histogram_poisson": (ensemble.HistGradientBoostingRegressor(loss="poisson", **rounds), data, data.counts, "predict"),
        "histogram_gamma": (ensemble.HistGradientBoostingRegressor(loss="gamma", **rounds), whole, whole.positive, "predict"),
        "adaboost": (ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=2), n_estimators=ROUNDS), whole, whole.binary, "predict_proba"),
        "adaboost_classes": (ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=2), n_estimators=ROUNDS), whole, whole.classes, "predict_proba"),
        "adaboost_scores": (ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=2), n_estimators=ROUNDS), whole, whole.classes, "decision_function"),
        "isolation": (ensemble.IsolationForest(n_estimators=ROUNDS, max_samples=64, random_state=1), data, data.binary, "decision_function"),
        "isolation_part": (ensemble.IsolationForest(n_estimators=ROUNDS, max_samples=64, max_features=3, random_state=1), whole, whole.binary, "score_samples"),
        "pipeline": (make_pipeline(StandardScaler(), MinMaxScaler(), ensemble.RandomForestClassifier(**few)), whole, whole.binary, "predict_proba"),
    }
    for name, (estimator, given, labels, method) in kinds.items():
        yield f"sklearn_{name}", estimator.fit(given.x, labels), method
