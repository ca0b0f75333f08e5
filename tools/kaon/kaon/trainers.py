"""What XGBoost, LightGBM and CatBoost, where they are installed, say of a model that they wrote."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kaon.package import Package

NAMES = {"catboost": "CatBoost", "lightgbm": "LightGBM", "xgboost": "XGBoost"}


def outputs(package: Package, events: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the trainer's own predictions by the name of the output, [rows][outputs]."""
    x = events[package.graph.inputs[0].name]
    predicted = {"catboost": of_catboost, "lightgbm": of_lightgbm, "xgboost": of_xgboost}[package.source_kind](package, x)
    return {package.graph.outputs[0].name: np.asarray(predicted, np.float64).reshape(len(x), -1)}


def of_xgboost(package: Package, x: np.ndarray) -> np.ndarray:
    import xgboost

    booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(package.file("source").read_bytes()))
    if package.graph.nodes[-1].kind == "softmax":
        booster.set_param({"objective": "multi:softprob"})
    names, types = booster.feature_names, booster.feature_types
    return booster.predict(xgboost.DMatrix(x, feature_names=names, feature_types=types, enable_categorical=True, nthread=1))


def of_lightgbm(package: Package, x: np.ndarray) -> np.ndarray:
    import lightgbm

    booster = lightgbm.Booster(model_str=package.file("source").read_text())
    return booster.predict(x.astype(np.float64), num_threads=1)


def of_catboost(package: Package, x: np.ndarray) -> np.ndarray:
    import catboost

    model = catboost.CatBoost()
    model.load_model(str(package.file("source")), format="json")
    link = package.graph.nodes[-1].kind
    sums = np.asarray(model.predict(x, prediction_type="Exponent" if link == "exponential" else "RawFormulaVal", thread_count=1))
    if link == "softmax":
        return np.asarray(model.predict(x, prediction_type="Probability", thread_count=1))
    return 1 / (1 + np.exp(-sums)) if link == "sigmoid" else sums
